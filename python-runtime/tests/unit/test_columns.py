"""Columns of a statement by clause: fields, ordinals, aliases, rows and dialect-specific clauses."""

from __future__ import annotations

import json

import pytest

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import require_dialect


def columns(sql: str, dialect: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(analyze(sql, require_dialect(dialect)).columns)
    return {clause: names for clause, names in found.items() if names}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        # Fields of structs
        ("bigquery", "select event_params.key, t.event.name from p.d.t t", {"select": ["event_params", "event"]}),
        ("bigquery", "select device.a from d.t where device.x.y = 1", {"select": ["device"], "where": ["device"]}),
        ("bigquery", "select t.a, d.b from d.t", {"select": ["a", "d"]}),
        ("bigquery", "select a.b.c.d.e.f from t", {"select": ["a"]}),
        ("duckdb", "select s.f, t.s2.f, main.t.g from main.t", {"select": ["s", "s2", "g"]}),
        ("databricks", "select s.f.g, t.u.f from db.t as t", {"select": ["s", "u"]}),
        ("trino", "select t.s.f, r.f from x.t", {"select": ["s", "r"]}),
        ("spark", "select v.y from t lateral view explode(items) v as y", {"select": ["items"], "join": ["items"]}),
        ("spark", "select v.col from t lateral view explode(t.m) v", {"select": ["m"], "join": ["m"]}),
        (
            "databricks",
            "select id, k from t lateral view outer posexplode(a.tags) x as pos, k where x.k = 1 order by pos",
            {"select": ["id", "a"], "where": ["a"], "join": ["a"], "orderBy": ["a"]},
        ),
        (
            "clickhouse",
            "select id, x, b from t left array join arr as x, b where x > 1 and y > 2",
            {"select": ["id", "b", "arr"], "where": ["arr", "y"], "join": ["arr", "b"]},
        ),
        # Attributes of objects
        ("oracle", "select a.x.y, b, a.c from t a where a.z.u.v = 1", {"select": ["x", "b", "c"], "where": ["z"]}),
        ("oracle", "select hr.emp.name from hr.emp", {"select": ["name"]}),
        # Rows
        ("postgres", "select 1 from t where t is not null and t.a is null", {"where": ["a"]}),
        ("postgres", "select a.x from a left join b using (id) where b is null", {"select": ["x"], "join": ["id"]}),
        ("postgres", "select 1 from s where s = 'x' and r is null", {"where": ["s", "r"]}),
        # Two limits
        (
            "clickhouse",
            "select a from t limit 1 offset 2 by b limit 10",
            {"select": ["a"], "groupBy": ["b"]},
        ),
        ("clickhouse", "select tup.2, t.tup3.1 from t", {"select": ["tup", "tup3"]}),
        ("redshift", "select c.c_orders[0].price from customers c", {"select": ["c_orders"]}),
        ("postgres", "select a.b, c.d from a join c on a.x = c.y", {"select": ["b", "d"], "join": ["x", "y"]}),
        ("postgres", "insert into t (a) values (1) on conflict (a) do update set a = excluded.a", {}),
        # Ordinals
        ("postgres", "select a, count(*) from t group by 1 order by 2", {"select": ["a"], "groupBy": ["a"]}),
        (
            "postgres",
            "select a + b as x, c from t group by 1, 2 order by 1 desc",
            {"select": ["a", "b", "c"], "groupBy": ["a", "b", "c"], "orderBy": ["a", "b"]},
        ),
        ("bigquery", "select lower(a) from t group by 1", {"select": ["a"], "groupBy": ["a"]}),
        ("postgres", "select a from t union select b from u order by 1", {"select": ["a", "b"], "orderBy": ["a"]}),
        ("postgres", "select * from t order by 2", {}),
        ("postgres", "select a from t order by 7", {"select": ["a"]}),
        ("postgres", "select a from t limit 1 offset 1", {"select": ["a"]}),
        # Stars
        ("bigquery", "select * except (a) from t", {}),
        ("duckdb", "select * exclude (a) replace (b + 1 as c) from t", {"select": ["b"]}),
        ("snowflake", "select * exclude a, d from t", {"select": ["d"]}),
        # Clauses
        (
            "snowflake",
            "merge into t using s on t.id = s.key when matched and s.z > 1 then update set a = s.a",
            {"where": ["z"], "join": ["id", "key"]},
        ),
        (
            "tsql",
            "merge t using (select k from u where w = 1) s on id = s.k when not matched then insert (a) values (k);",
            {"select": ["k"], "where": ["w"], "join": ["id", "k"]},
        ),
        ("postgres", "select distinct on (a, b) c from t", {"select": ["a", "b", "c"]}),
        (
            "postgres",
            "select sum(a) over w from t window w as (partition by b order by c)",
            {"select": ["a", "b", "c"]},
        ),
        ("clickhouse", "select a from t prewhere b = 1 where c = 2", {"select": ["a"], "where": ["b", "c"]}),
        ("clickhouse", "select a from t limit 2 by b", {"select": ["a"], "groupBy": ["b"]}),
        ("hive", "select a from t sort by b", {"select": ["a"], "orderBy": ["b"]}),
        ("postgres", "insert into t (a) values (1) returning id, b", {"select": ["id", "b"]}),
        ("postgres", "update t set a = b + 1 where c = 1 returning d", {"select": ["d"], "where": ["c"]}),
        ("sqlite", "delete from t where c = 1 returning d", {"select": ["d"], "where": ["c"]}),
        ("tsql", "update t set a = 1 output inserted.b where c = 1", {"select": ["b"], "where": ["c"]}),
        # Aliases
        ("snowflake", "select a + 1 as x from t where x > 1", {"select": ["a"], "where": ["a"]}),
        ("snowflake", "select a as x, x + b as y from t where y > 1", {"select": ["a", "b"], "where": ["a", "b"]}),
        ("clickhouse", "select a as x from t where x > 1", {"select": ["a"], "where": ["a"]}),
        ("redshift", "select a as x, x + 1 as y from t where x > 1", {"select": ["a"], "where": ["x"]}),
        ("postgres", "select a as x, x + 1 from t where x > 1", {"select": ["a", "x"], "where": ["x"]}),
        ("snowflake", "select upper(a) as a, a || 'x' as b from t where a = 'y'", {"select": ["a"], "where": ["a"]}),
        ("duckdb", "select x + 1 as y, a as x from t", {"select": ["x", "a"]}),
        # Whole rows
        ("postgres", "select t from t", {}),
        ("postgres", "select o, c.name from orders o join customers c on true", {"select": ["name"]}),
        ("postgres", "select row_to_json(o) from orders o", {}),
        ("postgres", "select o from orders", {"select": ["o"]}),
        ("mysql", "select t from t", {"select": ["t"]}),
        # No columns
        ("snowflake", "select t.$1, $2 from t", {}),
        ("mysql", "select a.:x from a", {}),
        ("sqlite", "select a.? from a", {}),
        ("postgres", "select a.%s, a.%(x)s from a", {}),
        ("oracle", "select s.nextval, s.currval, e.a from e", {"select": ["a"]}),
    ],
)
def test_columns_are_assigned_to_clauses(dialect: str, sql: str, expected: dict[str, list[str]]) -> None:
    assert columns(sql, dialect) == expected


def test_time_for_chained_aliases_is_not_exponential() -> None:
    doubled = ", ".join(f"x{number} + x{number} as x{number + 1}" for number in range(60))
    assert columns(f"select {doubled} from t where x60 > 1", "snowflake") == {"select": ["x0"], "where": ["x0"]}
