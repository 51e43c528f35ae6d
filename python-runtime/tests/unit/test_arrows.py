"""The arrow `->` in arguments: JSON in most dialects, a lambda in some, and both in a few."""

from __future__ import annotations

import json

import pytest

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect

LAMBDAS = {"athena", "bigquery", "clickhouse", "databricks", "dune", "presto", "snowflake", "spark", "spark2", "trino"}
NO_ARROWS = {"dax", "prql", "singlestore"}  # languages without SELECT, and one that writes `::`
JSON = [dialect for dialect in SUPPORTED_DIALECTS if dialect not in LAMBDAS | NO_ARROWS]
BOTH = ["duckdb", "starrocks", "doris"]


def columns(sql: str, dialect: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(analyze(sql, require_dialect(dialect)).columns)
    return {clause: names for clause, names in found.items() if names}


@pytest.mark.parametrize("dialect", JSON)
@pytest.mark.parametrize(
    "expression",
    [
        "coalesce(m -> 'y', '0')",
        "coalesce(m->'y', '0')",
        "coalesce('0', m -> 'y')",
        "f(g(h(m -> 'y')))",
        "f(m -> 'a' -> 'b')",
        "f(m -> 'a' ->> 'b')",
        "f(m ->> 'a')",
        "f((m) -> 'a')",
        "f((m -> 'a'))",
        "f(m -> 0)",
        "f(m -> $1)",
        "cast(f(m -> 'a') as int)",
        "f(cast(m -> 'a' as varchar(9)))",
        "case when f(m -> 'a') = 'x' then 1 else 2 end",
        "sum(case when coalesce(m -> 'a', 'x') = 'x' then 1 end)",
        "f(1, m -> 'a', 2)",
    ],
)
def test_arrow_is_json(dialect: str, expression: str) -> None:
    sql = f"select {expression} from t where {expression} > 1 group by {expression} order by {expression}"
    assert columns(sql, dialect) == {clause: ["m"] for clause in ("select", "where", "groupBy", "orderBy")}


@pytest.mark.parametrize("dialect", ["postgres", "materialize", "risingwave", "redshift"])
def test_other_arrows_of_postgres(dialect: str) -> None:
    sql = "select f(m -> 'a' #> '{b}'), f(n #> '{a}'), f(o #>> '{a}'), f(p -> 'x')::text, f(q -> r) from t"
    assert columns(sql, dialect) == {"select": ["m", "n", "o", "p", "q", "r"]}


@pytest.mark.parametrize("dialect", sorted(LAMBDAS))
def test_arrow_is_a_lambda(dialect: str) -> None:
    sql = (
        "select f(a, x -> x + b), f(c, 0, (s, x) -> s + x + d, s -> s), f(e, x -> 'literal') from t where g(h, x -> x)"
    )
    assert columns(sql, dialect) == {"select": ["a", "b", "c", "d", "e"], "where": ["h"]}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("duckdb", "select list_transform(a, x -> x + b), array_filter(c, (x, i) -> x > i) from t", ["a", "b", "c"]),
        ("duckdb", "select list_transform(j -> 'k', x -> 'literal') from t", ["j"]),
        ("duckdb", "select list_transform(a, x -> f(j -> 'k', x)) from t", ["a", "j"]),
        ("duckdb", "select list_reduce(a, (x, y) -> x + y), coalesce(j -> 'k', '') from t", ["a", "j"]),
        ("duckdb", "select list_transform(a, lambda x : x + b) from t", ["a", "b"]),
        ("duckdb", "select main.list_filter(a, x -> x > 1), my_macro(b, x -> x + 1) from t", ["a", "b"]),
        ("duckdb", "select my_macro(j -> k) from t", ["j", "k"]),
        ("starrocks", "select array_map(x -> x + b, a), array_filter(c, x -> x > 1) from t", ["b", "a", "c"]),
        ("starrocks", "select array_map(x -> 1, j -> '$.k'), any_match(x -> x > 1, a) from t", ["j", "a"]),
        ("doris", "select array_map((x, y) -> x + y, a, b), array_sortby(x -> x, c) from t", ["a", "b", "c"]),
        ("doris", "select coalesce(j -> '$.k', array_exists(x -> x, a)) from t", ["j", "a"]),
    ],
)
def test_function_decides_between_json_and_lambda(dialect: str, sql: str, expected: list[str]) -> None:
    assert columns(sql, dialect) == {"select": expected}


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("sql", ["select -> 'a'", "select (-> 'a')", "select f(, x -> 1", "-> x", "select f(x ->"])
def test_arrows_without_operands_are_errors(dialect: str, sql: str) -> None:
    with pytest.raises(Exception, match="SQL"):
        columns(sql, dialect)
