"""Kinds of questions that are combined, compared with SQL that is written by hand, on four databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.answers import CompiledQuery
from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.models import Model, Source
from semantic_layer.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.trade import METRICS, MODEL, rows

SOURCES = msgspec.convert(MODEL, list[Source])
SHARED = msgspec.convert(METRICS, Model)
MONTH, QUARTER, YEAR = "metric_time:month", "metric_time:quarter", "metric_time:year"
BEFORE = "previous(orders.revenue, '1 year')"
OF_2024 = "FROM orders WHERE placed BETWEEN '2024-01-01' AND '2024-12-31'"
SINCE_2025 = "FROM customers c FULL JOIN (SELECT * FROM orders WHERE placed >= '2025-01-01') o ON c.id = o.customer_id"

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "members without facts of a time": (
        {
            "measures": ["orders.count"],
            "dimensions": ["customers.region"],
            "filters": ["metric_time >= '2025-01-01'"],
            "include_empty": True,
        },
        f"SELECT region, count(o.id) {SINCE_2025} GROUP BY 1 ORDER BY 1 NULLS LAST",
    ),
    "members without facts have no period": (
        {
            "measures": ["orders.count"],
            "dimensions": ["customers.region", YEAR],
            "filters": ["metric_time >= '2025-01-01'"],
            "include_empty": True,
        },
        f"""SELECT region, CASE WHEN count(o.id) > 0 THEN date '2025-01-01' END, count(o.id)
        {SINCE_2025} GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "a share of the year before": (
        {"measures": [BEFORE, f"percent_of_total({BEFORE})", f"fixed({BEFORE})"], "dimensions": [YEAR]},
        f"SELECT date '2025-01-01', sum(amount), 1.0, sum(amount) {OF_2024}",
    ),
    "a moving average leaves missing times out": (
        {"measures": ["moving_average(orders.count, 2)"], "dimensions": [YEAR]},
        f"""SELECT date '2024-01-01', count(*) {OF_2024} UNION ALL
        SELECT date '2025-01-01', count(*) / 2 FROM orders WHERE placed IS NOT NULL UNION ALL SELECT NULL, NULL
        ORDER BY 1 NULLS LAST""",
    ),
    "a filter on the time column": (
        {"measures": [BEFORE], "dimensions": [YEAR], "filters": ["orders.placed >= '2025-01-01'"]},
        f"SELECT date '2025-01-01', sum(amount) {OF_2024}",
    ),
    "a filter on the year of a cumulative measure": (
        {
            "measures": ["cumulative(orders.count)"],
            "dimensions": [QUARTER],
            "filters": ["metric_time_quarter >= '2025-01-01'"],
        },
        """SELECT q, (SELECT count(*) FROM orders WHERE placed < q + interval 3 month)
        FROM (VALUES (date '2025-01-01'), (date '2025-04-01')) AS quarters (q) ORDER BY 1""",
    ),
}


@pytest.fixture(scope="module")
def expected_results() -> dict[str, list[tuple[Any, ...]]]:
    with connect("duckdb", "") as connected:
        connected.load(rows())
        return {name: connected.rows(sql) for name, (_, sql) in CASES.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_combinations_{secrets.token_hex(4)}") as connected:
        connected.load(rows())
        yield connected


def compile_trade(dialect: str, **query: Any) -> CompiledQuery:
    return compile_query(SOURCES, msgspec.convert(query, Query), dialect, SHARED)


@pytest.mark.parametrize("name", CASES)
def test_result_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    compiled = compile_trade(database.dialect, **CASES[name][0])
    assert database.rows(compiled.sql) == expected_results[name], compiled.sql


ERRORS: dict[str, dict[str, Any]] = {
    "needs periods: add metric_time as a dimension": {"measures": [BEFORE]},
    "write metric_time in place of orders.placed": {
        "measures": [BEFORE, "orders.shipped_revenue"],
        "dimensions": [YEAR],
        "filters": ["orders.placed >= '2025-01-01'"],
    },
    "is not about whole quarters": {
        "measures": ["cumulative(orders.count)"],
        "dimensions": [QUARTER],
        "filters": ["extract(day from metric_time) <= 15"],
    },
    "A total of days cannot be compared": {
        "measures": ["fixed(previous(orders.count, '1 month'))"],
        "dimensions": ["metric_time:day"],
    },
}


@pytest.mark.parametrize("message", ERRORS)
def test_combination_without_an_answer_is_refused(message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        compile_trade("duckdb", **ERRORS[message])
