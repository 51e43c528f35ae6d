"""Differences between dialects: long names, booleans as values, texts as times, comments."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.sql.expressions import parse
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.shop import SHOP, collapse_white_space, compile_shop, shop_model, to_sources

LIMITS = {
    "postgres": 63,
    "mysql": 64,
    "tsql": 128,
    "redshift": 127,
    "snowflake": 255,
    "bigquery": 300,
    "databricks": 255,
}
TABLES = {
    "orders": (
        {"id": "int", "customer_id": "int", "amount": "decimal", "status": "text", "ordered_at": "time"},
        [
            [1, 1, "1.00", "paid", "2024-01-05 10:00:00"],
            [2, 1, "2.00", "sent", "2024-02-05 10:00:00"],
            [3, 2, "1.00", "paid", "2024-02-06 10:00:00"],
        ],
    ),
    "customers": ({"id": "int", "segment": "text"}, [[1, "a"], [2, "b"]]),
}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_dialects_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


def renamed(length: int, letter: str = "x") -> list[dict[str, Any]]:
    """Return the shop with long names of sources, measures and roles that differ in their last letter only."""
    model = shop_model(
        orders={"table": "orders", "columns": [c for c in SHOP["orders"]["columns"] if c["name"] != "tax"]}
    )
    names = {"orders": letter * length + "1", "customers": letter * length + "2"}
    orders, customers = model[0], model[1]
    orders.update(name=names["orders"], columns=[c for c in orders["columns"] if c["name"] not in ("net", "is_gift")])
    orders["joins"] = [
        {"to": names["customers"], "on": f"customer_id = {names['customers']}.id", "relationship": "many_to_one"}
    ]
    orders["measures"] = [{"name": letter * length + "a", "expr": "sum(amount)"}]
    customers.update(name=names["customers"], joins=[])
    customers["measures"] = [{"name": letter * length + "b", "expr": "count(*)"}]
    return [orders, customers]


@pytest.mark.parametrize("length", [30, 55, 59, 61, 62, 63, 64, 70, 130, 200])
@pytest.mark.parametrize("letter", ["x", "ü"])
def test_long_names_are_shortened_without_collisions(database: Database, length: int, letter: str) -> None:
    model = renamed(length, letter)
    orders, customers = (source["name"] for source in model)
    query = {
        "measures": [f"{orders}.{model[0]['measures'][0]['name']}", f"{customers}.{model[1]['measures'][0]['name']}"],
        "dimensions": [f"{customers}.segment"],
    }
    found = compile_shop(model, database.dialect, **query)
    assert database.rows(found.sql) == [("a", 3.0, 1.0), ("b", 1.0, 1.0)], found.sql
    again = compile_shop(model, database.dialect, **query)
    assert (again.sql, len({column.name for column in found.columns})) == (found.sql, 3)
    multiplied = {"measures": [query["measures"][1]], "dimensions": [f"{orders}.status"]}
    assert database.rows(compile_shop(model, database.dialect, **multiplied).sql) == [("paid", 2.0), ("sent", 1.0)]


@pytest.mark.parametrize("dialect", LIMITS)
def test_names_are_shortened_to_the_length_limit_of_the_database(dialect: str) -> None:
    target = SqlDialect(dialect)
    for name in ("x" * 1_000, "ü" * 1_000, "x" * (LIMITS[dialect] + 1), "😀" * 200):
        cut, other = target.shorten_name(name), target.shorten_name(name + "y")
        size = len(cut.encode()) if dialect in ("postgres", "redshift") else len(cut)
        assert size <= LIMITS[dialect]
        assert cut != other
        assert cut == target.shorten_name(name)
    exact = "x" * LIMITS[dialect]
    assert target.shorten_name(exact) == exact
    sql = compile_shop(
        renamed(400), dialect, measures=["x" * 400 + "1." + "x" * 400 + "a", "x" * 400 + "2." + "x" * 400 + "b"]
    )
    names = [node.name for node in sqlglot.parse_one(sql.sql, dialect=dialect).find_all(sqlglot.exp.Identifier)]
    assert max(map(len, names)) <= LIMITS[dialect]
    assert {column.alias for column in sql.columns} <= set(names)


BIG = {"columns": [*SHOP["orders"]["columns"], {"name": "is_big", "type": "boolean", "expr": "amount > 1 or tax > 5"}]}
BIT = "CAST(CASE WHEN orders.amount > 1 OR orders.tax > 5 THEN 1 WHEN NOT (orders.amount > 1 OR orders.tax > 5) THEN 0"


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"dimensions": ["orders.is_big"]}, f"{BIT} END AS BIT) AS is_big"),
        ({"measures": ["orders.orders"], "filters": ["orders.is_big"]}, "WHERE orders.amount > 1 OR orders.tax > 5"),
        (
            {"measures": ["orders.orders"], "filters": ["not orders.is_big"]},
            "WHERE NOT (orders.amount > 1 OR orders.tax > 5)",
        ),
        (
            {"measures": ["orders.orders"], "filters": ["orders.is_big and orders.id > 2"]},
            "WHERE (orders.amount > 1 OR orders.tax > 5) AND orders.id > 2",
        ),
        ({"measures": ["orders.orders"], "filters": ["orders.is_big = true"]}, f"WHERE {BIT} END AS BIT) = 1"),
        ({"measures": ["count_if(orders.is_big)"]}, "COUNT(CASE WHEN orders.amount > 1 OR orders.tax > 5 THEN 1 END)"),
        (
            {"measures": ["bool_or(orders.is_big)"]},
            "MAX(CASE WHEN orders.amount > 1 OR orders.tax > 5 THEN 1 WHEN NOT (orders.amount > 1 OR orders.tax > 5)",
        ),
        (
            {"measures": ["bool_and(orders.is_gift)"]},
            "MIN(CASE WHEN orders.is_gift <> 0 THEN 1 WHEN NOT orders.is_gift",
        ),
        ({"measures": ["count(distinct orders.is_big)"]}, f"COUNT(DISTINCT {BIT} END AS BIT))"),
        (
            {"measures": [{"expr": "orders.revenue > 5", "name": "rich"}]},
            "CAST(CASE WHEN SUM(orders.amount) > 5 THEN 1 WHEN NOT SUM(orders.amount) > 5 THEN 0 END AS BIT) AS rich",
        ),
        (
            {"measures": ["customers.customers"], "dimensions": ["orders.is_big"]},
            f"SELECT DISTINCT {BIT} END AS BIT) AS is_big, customers.id AS id",
        ),
    ],
)
def test_boolean_is_not_a_value_in_tsql(query: dict[str, Any], part: str) -> None:
    sql = (
        collapse_white_space(compile_shop(shop_model(orders=BIG), "tsql", **query).sql)
        .replace("( ", "(")
        .replace(" )", ")")
    )
    assert part in sql
    assert "BIT" not in compile_shop(shop_model(orders=BIG), "postgres", **{**query, "measures": ["orders.orders"]}).sql


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"filters": ["orders.ordered_at >= '2024-01-01'"]}, ">= CAST('2024-01-01' AS TIMESTAMP)"),
        ({"filters": ["'2024-01-01 10:00' < orders.ordered_at"]}, "CAST('2024-01-01 10:00' AS TIMESTAMP) <"),
        ({"filters": ["orders.ordered_at <> '2024-01-01T10:00:00'"]}, "<> CAST('2024-01-01 10:00:00' AS TIMESTAMP)"),
        ({"filters": ["orders.ordered_at = '2024-01-01T10:00:00Z'"]}, "'2024-01-01 10:00:00Z' AS TIMESTAMP WITH"),
        ({"filters": ["orders.ordered_at = '2024-01-01 10:00:00+02:00'"]}, "+02:00' AS TIMESTAMP WITH TIME ZONE)"),
        (
            {"filters": ["orders.ordered_at between '2024-01-01' and '2024-02-01'"]},
            "BETWEEN CAST('2024-01-01' AS TIMESTAMP) AND CAST('2024-02-01' AS TIMESTAMP)",
        ),
        (
            {"filters": ["orders.ordered_at in ('2024-01-01', '2024-02-01')"]},
            "IN (CAST('2024-01-01' AS TIMESTAMP), CAST('2024-02-01' AS TIMESTAMP))",
        ),
        (
            {"filters": ["orders.status = '2024-01-01' or orders.ordered_at > '2024-01-01'"]},
            "orders.status = '2024-01-01' OR orders.ordered_at > CAST('2024-01-01' AS TIMESTAMP)",
        ),
        (
            {"measures": ["sum(case when orders.ordered_at > '2024-01-01' then orders.amount end)"]},
            "WHEN orders.ordered_at > CAST('2024-01-01' AS TIMESTAMP) THEN",
        ),
        (
            {"measures": ["sum(orders.amount) filter (where orders.ordered_at > '2024-01-01')"]},
            "WHEN orders.ordered_at > CAST('2024-01-01' AS TIMESTAMP) THEN",
        ),
    ],
)
def test_text_is_cast_to_a_time_in_trino(query: dict[str, Any], part: str) -> None:
    selected = {"measures": ["orders.orders"], **query}
    assert part in collapse_white_space(compile_shop(dialect="trino", **selected).sql).replace("( ", "(").replace(
        " )", ")"
    )
    others = [
        collapse_white_space(compile_shop(dialect=dialect, **selected).sql)
        for dialect in SUPPORTED
        if dialect != "trino"
    ]
    assert not any("AS TIMESTAMP)" in sql for sql in others)


@pytest.mark.parametrize(
    ("dialect", "text", "part"),
    [
        ("snowflake", "sum(amount) // 2", "holds //, which begins a comment in snowflake; write floor(a / b)"),
        ("snowflake", "sum(amount)//count(*)", "holds //"),
        ("postgres", "sum(amount--1)", "holds --, which begins a comment in postgres"),
        ("tsql", "sum(amount)--1", "holds --"),
        ("mysql", "sum(amount)#count(*)", "holds #, which begins a comment in mysql"),
        ("bigquery", "sum(amount#tax)", "holds #"),
    ],
)
def test_operator_that_starts_a_comment_is_rejected(dialect: str, text: str, part: str) -> None:
    model = shop_model(orders={"measures": [{"name": "m", "expr": text}]})
    with pytest.raises(SemanticError, match="begins a comment") as caught:
        compile_shop(model, dialect, measures=["orders.m"])
    assert part in str(caught.value)
    assert any("begins a comment" in error for error in validate(to_sources(model), dialect).errors)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("snowflake", "sum(amount) // net of tax"),
        ("snowflake", "sum(amount) -- net"),
        ("snowflake", "max(status || 'http://x')"),
        ("postgres", "-- all of them\nsum(amount)"),
        ("postgres", "sum(amount # 2)"),
        ("postgres", "max(status) /* -- */"),
        ("mysql", "sum(amount--1)"),
        ("mysql", "sum(amount) # net"),
        ("duckdb", "sum(amount) // 2"),
        ("tsql", "sum(amount - -1)"),
    ],
)
def test_comments_are_omitted(dialect: str, text: str) -> None:
    model = shop_model(orders={"measures": [{"name": "m", "expr": text}]})
    assert compile_shop(model, dialect, measures=["orders.m"]).sql
    assert validate(to_sources(model), dialect).errors == []


@pytest.mark.parametrize(
    ("dialect", "text", "part"),
    [
        ("duckdb", "SELECT id, amount FROM orders FOR SHARE", "cannot be written in duckdb: Locking reads"),
        ("sqlite", "SELECT id, amount FROM orders AS o(id, amount)", "cannot be written in sqlite: Named columns"),
    ],
)
def test_unsupported_expression_is_rejected(dialect: str, text: str, part: str) -> None:
    """The expression was omitted with a warning in the daemon's log."""
    with pytest.raises(SemanticError, match="cannot be written in") as caught:
        compile_shop(shop_model(orders={"table": None, "sql": text}), dialect, measures=["orders.revenue"])
    assert part in str(caught.value)


# Functions that were generated as functions of another name or meaning.
UNCHANGED_FUNCTIONS = {
    "duckdb": ["log10(1000)", "log2(8)"],
    "sqlite": ["replace('abc', 'b', 'x')", "coalesce(replace('abc', 'b', 'x'), '')"],
    "postgres": ["to_hex(255)", "log10(1000::double precision)", "log10(1000)", "char_length('abc')"],
    "mysql": ["log10(1000)", "log2(8)", "replace('abc', 'b', 'x')", "truncate(1.29, 1)"],
}


def test_functions_keep_their_meaning(database: Database) -> None:
    dialect = SqlDialect(database.dialect)
    for text in UNCHANGED_FUNCTIONS[database.dialect]:
        written = dialect.write(parse(text, dialect))
        assert database.rows(f"SELECT {written}") == database.rows(f"SELECT {text}"), written


DIGITS = {
    "orders": {"measures": [{"name": "share", "expr": "sum(amount) / sum(tax)"}, {"name": "mean", "expr": "avg(tax)"}]}
}


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_quotients_and_averages_of_decimals_keep_their_precision(dialect: str) -> None:
    """A share of 0.0000116 was rounded to 0.000012 on Spark, a smaller one to 0."""
    sql = collapse_white_space(
        compile_shop(shop_model(**DIGITS), dialect, measures=["orders.share", "orders.mean"]).sql
    ).upper()
    exact_division, exact_average = ("duckdb",), ("clickhouse", "duckdb", "postgres", "sqlite")
    assert ("CAST(SUM(ORDERS.AMOUNT) AS" in sql) is (dialect not in exact_division), sql
    assert ("AVG(CAST(ORDERS.TAX AS" in sql) is (dialect not in exact_average), sql


def test_tiny_shares_keep_their_precision(database: Database) -> None:
    """A share of 1 in 10¹² in decimals, over one and two facts."""
    query = {"measures": ["sum(orders.amount) / 4000000000000", "avg(orders.amount * 0.000000001)"]}
    model = shop_model(orders={"table": "orders"})
    (row,) = database.rows(compile_shop(model, database.dialect, **query).sql)
    assert row == pytest.approx((1e-12, 4e-9 / 3), rel=1e-9)


@pytest.mark.parametrize(
    ("dialect", "condition"),
    [
        ("mysql", "date_add() > t.x"),
        ("mysql", "date_add(t.x, 2) > 1"),
        ("clickhouse", "map(t.x) = t.x"),
        ("postgres", "var_map(t.x) = t.x"),
        ("tsql", "datediff() > t.x"),
        ("bigquery", "week() > t.x"),
    ],
)
def test_functions_with_invalid_arguments_are_rejected(dialect: str, condition: str) -> None:
    source = {"name": "t", "table": "t", "grain": ["x"], "columns": [{"name": "x", "type": "number"}]}
    query = msgspec.convert({"measures": ["count(t.x)"], "filters": [condition]}, Query)
    with pytest.raises(SemanticError, match=r"a function (is called with|in it has) invalid arguments"):
        compile_query(msgspec.convert([source], list[Source]), query, dialect)


@pytest.mark.parametrize(
    ("dialect", "measure"),
    [
        ("mysql", "j_s_o_n_object_agg(t.x)"),
        ("clickhouse", "combined_parameterized_agg(t.x, 2, 3)"),
    ],
)
def test_generator_failures_are_rejected(dialect: str, measure: str) -> None:
    """An error of sqlglot's generator resulted in 500."""
    source = {"name": "t", "table": "t", "grain": ["x"], "columns": [{"name": "x", "type": "number"}]}
    query = msgspec.convert({"measures": [measure]}, Query)
    with pytest.raises(SemanticError, match=f"cannot be written in {dialect}: a function in it has invalid arguments"):
        compile_query(msgspec.convert([source], list[Source]), query, dialect)
