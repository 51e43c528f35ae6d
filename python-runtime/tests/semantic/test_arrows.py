"""A JSON arrow as an argument: the column before it is resolved in its source.

It was parsed as the parameter of a lambda, and the database resolved it in another table.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect

PATHS = {"mysql": "$.y"}
JSON_TYPES = {"postgres": "JSONB", "mysql": "JSON", "duckdb": "JSON", "sqlite": "TEXT"}
# Where sums would differ if the column of the other table were read.
ORDERS = [(1, 1, '{"y": 5, "z": {"w": 7}}'), (2, 1, '{"y": 6, "z": {"w": 8}}'), (3, 2, '{"x": 1}')]
CUSTOMERS = [(1, "Oslo", '{"y": 100, "z": {"w": 200}}'), (2, "Rome", '{"y": 300, "z": {"w": 400}}')]


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_arrows_{secrets.token_hex(4)}") as connected:
        kind = JSON_TYPES[connected.dialect]
        connected.run(f"CREATE TABLE orders (id INTEGER, customer_id INTEGER, meta {kind})", ())
        connected.run(f"CREATE TABLE customers (id INTEGER, city VARCHAR(20), meta {kind})", ())
        for table, rows in (("orders", ORDERS), ("customers", CUSTOMERS)):
            for row in rows:
                connected.run(f"INSERT INTO {table} VALUES ({row[0]}, '{row[1]}', '{row[2]}')", ())
        yield connected


def model(expression: str) -> list[Source]:
    sources: list[dict[str, Any]] = [
        {
            "name": "orders",
            "table": "orders",
            "grain": ["id"],
            "columns": [{"name": name, "type": "number"} for name in ("id", "customer_id")]
            + [{"name": "meta", "type": "string"}],
            "joins": [{"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}],
            "measures": [{"name": "asked", "expr": f"sum({expression})"}],
        },
        {
            "name": "customers",
            "table": "customers",
            "grain": ["id"],
            "columns": [{"name": "id", "type": "number"}]
            + [{"name": name, "type": "string"} for name in ("city", "meta")],
        },
    ]
    return msgspec.convert(sources, list[Source])


@pytest.mark.parametrize(
    ("expression", "sums"),
    [
        ("cast(coalesce(meta -> '{y}', '0') as {int})", [11, 0]),
        ("cast(coalesce(meta->'{y}', '0') as {int})", [11, 0]),
        ("cast(coalesce(nullif(meta -> '{y}', '5'), '0') as {int})", [6, 0]),
        ("cast(coalesce((meta) -> '{y}', '0') as {int})", [11, 0]),
        ("case when coalesce(meta -> '{y}', '0') = '5' then 1 else 0 end", [1, 0]),
        ("cast(coalesce(meta ->> '{y}', '0') as {int})", [11, 0]),
    ],
)
def test_column_before_an_arrow_is_resolved_in_its_source(database: Database, expression: str, sums: list[int]) -> None:
    integer = "signed" if database.dialect == "mysql" else "integer"
    written = expression.format(y=PATHS.get(database.dialect, "y"), int=integer)
    query = {"measures": ["orders.asked"], "dimensions": ["customers.city"], "order_by": ["customers.city"]}
    sql = compile_query(model(written), msgspec.convert(query, Query), database.dialect).sql
    assert database.rows(sql) == [("Oslo", float(sums[0])), ("Rome", float(sums[1]))], sql


@pytest.mark.parametrize("arrows", ["coalesce(meta -> 'z' -> 'w', '0')", "coalesce(meta -> 'z' ->> 'w', '0')"])
def test_chained_arrows_are_resolved(database: Database, arrows: str) -> None:
    if database.dialect == "mysql":
        arrows = arrows.replace("'z'", "'$.z'").replace("'w'", "'$.w'")
    integer = "signed" if database.dialect == "mysql" else "integer"
    query = {"measures": ["orders.asked"], "dimensions": ["customers.city"], "order_by": ["customers.city"]}
    sql = compile_query(model(f"cast({arrows} as {integer})"), msgspec.convert(query, Query), database.dialect).sql
    assert database.rows(sql) == [("Oslo", 15.0), ("Rome", 0.0)], sql


def test_lambda_is_preserved() -> None:
    query = {"measures": ["orders.asked"], "dimensions": ["customers.city"]}
    for dialect, expression in (
        ("duckdb", "list_sum(list_transform([customer_id], meta -> meta + 1))"),
        ("trino", "cardinality(filter(array[customer_id], meta -> meta > 1))"),
        ("clickhouse", "arrayCount(meta -> meta > 1, [customer_id])"),
    ):
        sql = compile_query(model(expression), msgspec.convert(query, Query), dialect).sql
        assert "orders.meta" not in sql.replace('"', ""), sql
        assert "meta " in sql
