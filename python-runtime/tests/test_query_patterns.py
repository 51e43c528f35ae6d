"""Patterns of a query log: statements that differ in literals, lists, comments and aliases are one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktx_daemon.sql import query_log
from ktx_daemon.sql.analysis import analyze_logged
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.log_skeleton import make_log_skeleton
from ktx_daemon.sql.parsing import SqlError
from ktx_daemon.sql.query_log import Failure, find_log_templates
from tests.daemon import Daemon
from tests.query_log_generator import statements
from tests.test_query_log import DIALECTS, STATEMENTS, use_cache, variants

PATH = "/sql/analyze-batch"

SAME = [
    [
        "select o.a, count(*) as n from orders as o where o.b in (1, 2) group by o.a order by n desc",
        "SELECT x.a, count(*) AS t -- it's {fine}\nFROM orders AS x WHERE x.b IN (7) GROUP BY x.a ORDER BY t DESC;",
        '/* {"app": "dbt"} */ select x.a, count(*) as c from orders x where x.b in (1, 2) group by x.a order by c desc',
    ],
    [
        "with p as (select k, sum(v) as s from t group by k) select w.id, p.s from q w left join p on p.k = w.k",
        "with r as (select k, sum(v) as u from t group by k) select z.id, r.u from q z left join r on r.k = z.k",
    ],
    ["select a from t where b = 'it''s'", "select a from t where b = 'x' /* https://example.com/a */"],
    ["insert into t values (1, 'a')", "insert into t values (2, 'b'), (3, 'it''s'), (4, '(,)')"],
]
DIFFERENT = [
    # The name of an alias is also that of a column.
    "select x as y, z from t",
    "select x as z, z from t",
    "select x as y, y from t",
    "select x as z, y from t",
    "select a.x as y from t a where a.y = 1 order by y",
    "select a.x as z from t a where a.y = 1 order by z",
    "select cast(a as int) from t",
    "select cast(a as text) from t",
    "select a from t group by 1",
    "select a from t group by 2",
    "select a from t limit 1",
    "select a from t where b in (1, c)",
    "select a from t where b not in (1)",
    'select "a  b" from t',
    'select "a b" from t',
    "select a # 1 from t",
    "insert into t values (1), (2, 3)",
    "insert into t values (1)",
    "select u.a from t u join t v on u.id = v.id",
    "select v.a from t u join t v on u.id = v.id",
]


def pattern(sql: str, dialect: str = "postgres") -> str:
    return analyze_logged(sql, require_dialect(dialect)).pattern


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache(monkeypatch)


@pytest.mark.parametrize("texts", SAME)
def test_statements_that_differ_in_literals_lists_comments_and_aliases_are_one_pattern(texts: list[str]) -> None:
    variants = [*texts, *(text.replace(" ", "\n ") for text in texts if "--" not in text)]
    assert len({pattern(text) for text in variants}) == 1
    found = find_log_templates(variants, "postgres")
    assert len({template.pattern for template in found if not isinstance(template, Failure)}) == 1


def test_different_statements_are_different_patterns() -> None:
    patterns = {sql: pattern(sql) for sql in DIFFERENT}
    for one, other in itertools.combinations(DIFFERENT, 2):
        assert patterns[one] != patterns[other], (one, other)
    found = find_log_templates(DIFFERENT, "postgres")
    assert [template.pattern for template in found if not isinstance(template, Failure)] == list(patterns.values())


def _expected(text: str, dialect: str) -> Failure | str:
    try:
        return pattern(text, dialect)
    except SqlError as error:
        return Failure(str(error))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(texts=variants(), dialect=st.sampled_from(DIALECTS))
def test_pattern_from_a_template_equals_that_of_the_statement(texts: list[str], dialect: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        use_cache(patch)
        for text, template in zip(texts, find_log_templates(texts, dialect), strict=True):
            assert (template if isinstance(template, Failure) else template.pattern) == _expected(text, dialect), text


@pytest.mark.slow
def test_templates_of_a_generated_log_are_found_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    log = statements(50_000, 1000)
    seen = parsed_logged(monkeypatch)
    found = find_log_templates([sql for _, sql in log], "postgres", max_workers=1)
    numbers: dict[str, set[int]] = {}
    for (number, _), template in zip(log, found, strict=True):
        assert not isinstance(template, Failure)
        numbers.setdefault(template.pattern, set()).add(number)
    assert len(numbers) == 1000
    assert all(len(group) == 1 for group in numbers.values())
    assert len(seen) < 2000


def parsed_logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every parsed statement is added."""
    seen: list[str] = []
    monkeypatch.setattr(query_log, "analyze_logged", lambda sql, of: seen.append(sql) or analyze_logged(sql, of))
    return seen


def test_statements_without_a_skeleton_have_none() -> None:
    postgres = require_dialect("postgres")
    for sql in ("select {# -- #} 1", "select 1 /* sqlglot.meta replace=false */", "select '\ue013'"):
        assert make_log_skeleton(sql, postgres) is None
    for sql in STATEMENTS:
        assert "{#" in sql or make_log_skeleton(sql, postgres) is not None


def analyze(daemon: Daemon, *texts: str, **options: Any) -> Any:
    items = [{"id": str(index), "sql": sql} for index, sql in enumerate(texts)]
    return daemon.post_ok(PATH, {"dialect": "postgres", "items": items, "patterns_only": True, **options})


def test_repetitions_name_the_first_statement_of_their_pattern(daemon: Daemon) -> None:
    same = "select a from t where b = 1", "select a from t where b = 2"
    answer = analyze(daemon, same[0], "select (", same[1], "select c from t")
    assert list(answer["results"]) == ["0", "1", "3"]
    assert answer["repetitions"] == {"2": "0"}
    assert answer["results"]["1"]["error"]
    assert answer["results"]["0"]["literal_slots"][0]["example_value"] == "1"


def usage(daemon: Daemon, sql: str, **options: Any) -> dict[str, list[str]]:
    found = analyze(daemon, sql, **options)["results"]["0"]["usage"]
    name = lambda used: ".".join(used[key] for key in ("db", "table", "column") if used[key])  # noqa: E731
    return {
        "joins": [f"{name(join['left'])} = {name(join['right'])}" for join in found.get("joins", [])],
        "filters": [f"{name(item['column'])} {item['operator']}" for item in found.get("filters", [])],
        "groupings": [name(column) for column in found.get("groupings", [])],
        "aggregates": [f"{item['function']} {name(item['column'])}" for item in found.get("aggregates", [])],
    }


def test_usage_of_columns_names_their_tables(daemon: Daemon) -> None:
    sql = (
        "with paid as (select o.customer_id as cid, sum(o.amount) as total from s.orders o where o.status = 'paid' "
        "and 5 < o.amount group by 1) select c.segment as k, count(distinct c.id), max(p.total) from customers c "
        "join paid p on p.cid = c.id where c.region not in ('x', 'y') and c.deleted_at is null "
        "and exists (select 1 from visits v where v.customer_id = c.id and v.day between 1 and 2 and x = 1) group by k"
    )
    assert usage(daemon, sql) == {
        "joins": ["customers.id = s.orders.customer_id"],
        "filters": [
            "s.orders.status =",
            "s.orders.amount >",
            "visits.day between",
            "customers.region not in",
            "customers.deleted_at is",
        ],
        "groupings": ["s.orders.customer_id", "customers.segment"],
        "aggregates": ["sum s.orders.amount", "count distinct customers.id"],
    }


@pytest.mark.parametrize(
    ("sql", "joins"),
    [
        ("select * from a join b using (id)", ["a.id = b.id"]),
        ("select * from a join b using (id) join c using (id)", []),  # which of a and b is not certain
        ("select * from a, b where a.x = b.y and z = 1", ["a.x = b.y"]),
        ("select * from a join b on id = bid", []),
        ("select * from emp e join emp m on e.manager_id = m.id", ["emp.id = emp.manager_id"]),
        ("select * from emp e join emp m on e.id = m.id", []),
        ("insert into t select a.x from a join b on a.i = b.j", ["a.i = b.j"]),
        ("select * from (select max(x) as m from a) q join b on q.m = b.y", []),
        ("update t set a = 1 where b = 2", []),
        ("select * from a join b on (a.i = b.j and (a.x = b.y)) and b.current", ["a.i = b.j", "a.x = b.y"]),
        ("select * from a left join b on a.i = b.j where a.x is null", ["a.i = b.j"]),
    ],
)
def test_joins_are_found_where_both_columns_are_certain(daemon: Daemon, sql: str, joins: list[str]) -> None:
    assert usage(daemon, sql)["joins"] == joins


@pytest.mark.parametrize(
    "sql",
    [
        "select * from a join b on not (a.x = b.y)",
        "select * from a join b on a.x = b.y or a.x = 7",
        "select * from a, b where (a.x = b.y or a.x = 7) and a.z = 1",
        "select * from a, b where case when a.x = b.y then true end",
        "select * from a, b where (a.x = b.y) is not true",
        "select a.x = b.y from a, b",
        "select a.z from a, b group by a.z having max(a.x) = 1 and a.x = b.y",
        "select * from a where not exists (select 1 from b where b.y = a.x)",
        "with c as (select x from a) select * from c where exists (select 1 from b where b.y = c.x)",
        "select * from a left join b on a.x = b.y where a.z = 1 and (b.y is null)",
        "select * from a anti join b on a.x = b.y",
        "select * from a anti join b using (x)",
    ],
)
def test_equalities_that_do_not_join_the_tables_are_no_joins(daemon: Daemon, sql: str) -> None:
    assert usage(daemon, sql, dialect="duckdb")["joins"] == []


def test_tables_of_used_columns_are_resolved_through_the_catalog(daemon: Daemon) -> None:
    catalog = {"tables": [{"name": "Orders", "db": "Sales", "columns": []}]}
    assert usage(daemon, "select sum(amount) from orders", catalog=catalog)["aggregates"] == ["sum Sales.Orders.amount"]
