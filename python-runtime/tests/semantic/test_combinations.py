"""Kinds of questions that are combined, compared with SQL that is written by hand, on four databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.trade import METRICS, MODEL, rows

PARCELS = {
    "name": "parcels",
    "sql": "SELECT id, amount AS grams FROM orders",
    "grain": ["id"],
    "time": "orders.placed",
    "columns": [{"name": "id", "type": "number"}, {"name": "grams", "type": "number"}],
    "joins": [{"to": "orders", "on": "id = orders.id", "relationship": "many_to_one"}],
    "measures": [{"name": "weight", "expr": "sum(grams)"}],
}
SOURCES = msgspec.convert([*MODEL, PARCELS], list[Source])
SHARED = msgspec.convert(METRICS, Model)
MONTH, QUARTER, YEAR = "metric_time:month", "metric_time:quarter", "metric_time:year"
OLD_OR_NAME = "case when metric_time < '2025-01-01' then 'old' else customers.name end"
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
    "members of a dimension over a time": (
        {
            "measures": ["orders.count"],
            "dimensions": [
                {"expr": "case when metric_time < '2025-01-01' then 'old' else customers.name end", "name": "x"}
            ],
            "include_empty": True,
        },
        """SELECT CASE WHEN placed < '2025-01-01' THEN 'old' ELSE name END, count(*)
        FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "a total of all time beside another fact": (
        {
            "measures": ["orders.count", "cumulative(visits.count)"],
            "dimensions": [QUARTER],
            "filters": ["in_period(metric_time, '2025-Q1 to 2025-Q2')"],
        },
        """SELECT q, (SELECT count(*) FROM orders WHERE date_trunc('quarter', placed) = q),
          (SELECT count(*) FROM visits WHERE day < q + INTERVAL 3 MONTH)
        FROM (VALUES (date '2025-01-01'), (date '2025-04-01')) AS quarters (q) ORDER BY 1""",
    ),
    "a time over a join": (
        {
            "measures": ["parcels.weight", "previous(parcels.weight, '1 year')", "cumulative(parcels.weight)"],
            "dimensions": [YEAR],
        },
        """SELECT y, (SELECT sum(amount) FROM orders WHERE date_trunc('year', placed) IS NOT DISTINCT FROM y),
          (SELECT sum(amount) FROM orders WHERE year(placed) = year(y) - 1),
          (SELECT sum(amount) FROM orders WHERE year(placed) <= year(y))
        FROM (VALUES (date '2024-01-01'), (date '2025-01-01'), (NULL)) AS years (y) ORDER BY 1 NULLS LAST""",
    ),
    "a time that is equal": (
        {"measures": ["orders.revenue"], "filters": ["metric_time = '2024-02-29'"]},
        "SELECT 200",
    ),
    "others after a group without a name": (
        {
            "measures": ["orders.revenue"],
            "dimensions": ["customers.region", YEAR],
            "top": {"by": "orders.revenue", "limit": 1, "direction": "asc", "per": ["metric_time"], "others": True},
        },
        """SELECT * FROM (VALUES ('north', date '2024-01-01', 0, 220), ('north', NULL, 0, 5),
          (NULL, '2024-01-01', 1, 240), (NULL, '2025-01-01', 0, 30), (NULL, '2025-01-01', 1, 440))""",
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
    "needs? metric_time by day beside it": {
        "measures": ["moving_average(orders.revenue, 2)"],
        "dimensions": [MONTH, "metric_time:day_of_week"],
    },
    "need metric_time by hour beside it": {
        "measures": ["cumulative(orders.revenue)"],
        "dimensions": ["metric_time:day", "metric_time:hour_of_day"],
    },
    "is an expression over metric_time and other columns": {
        "measures": ["orders.count"],
        "dimensions": [MONTH, {"expr": "coalesce(metric_time, orders.shipped)", "name": "x"}],
        "fill_gaps": True,
    },
    "nest fewer of them": {
        "measures": ["growth(" * 12 + "orders.count" + ", '1 year')" * 12],
        "dimensions": [YEAR],
    },
    "name a column of a source": {"measures": ["orders.count"], "filters": ["exists(metric_time > '2025-01-01')"]},
    "which is not a time of ISO 8601": {
        "measures": ["orders.count"],
        "now": "9999-12-31T23:00:00Z",
        "time_zone": "Asia/Tokyo",
    },
    "has a value for each metric_time_day, and no total over them": {
        "measures": ["fixed(previous(orders.count, '1 month'))"],
        "dimensions": ["metric_time:day"],
    },
}


@pytest.mark.parametrize("message", ERRORS)
def test_combination_without_an_answer_is_refused(message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        compile_trade("duckdb", **ERRORS[message])


@pytest.mark.parametrize(
    ("start", "units", "is_answered"),
    [
        (1, ("year", "fiscal_year"), True),
        (4, ("quarter", "fiscal_year"), True),
        (4, ("year", "fiscal_year"), False),
        (2, ("quarter", "fiscal_quarter"), False),
        (2, ("month", "fiscal_quarter"), True),
        (1, ("week", "year"), False),
    ],
)
def test_periods_of_an_axis_contain_each_other(start: int, units: tuple[str, str], is_answered: bool) -> None:
    model = msgspec.convert({"calendar": {"fiscal_year_start": start}}, Model)
    dimensions = [f"metric_time:{unit}" for unit in units]
    query = msgspec.convert({"measures": ["cumulative(orders.count)"], "dimensions": dimensions}, Query)
    if is_answered:
        assert compile_query(SOURCES, query, "duckdb", model).sql
    else:
        with pytest.raises(SemanticError, match="cannot be the periods of one calculation over time"):
            compile_query(SOURCES, query, "duckdb", model)
