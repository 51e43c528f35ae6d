"""Rows and groups that `include_empty: false` omits: from totals and ranges of periods, too.

Sale 4 has no store, and visit 3 has none. Periods without rows cannot be listed and omitted at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, TableData, connect
from tests.semantic.retail import source

TO_STORES = [("stores", "store_id = stores.id")]
MODEL = [
    source("stores", "id", "id:n city:s"),
    source(
        "sales",
        "id",
        "id:n store_id:n amount:n sold:t",
        joins=TO_STORES,
        measures={"revenue": "sum(amount)", "count": "count(*)"},
        time="sold",
    ),
    source("visits", "id", "id:n store_id:n day:t", joins=TO_STORES, measures={"count": "count(*)"}, time="day"),
]
SOURCES = msgspec.convert(MODEL, list[Source])
TABLES: dict[str, TableData] = {
    "stores": ({"id": "int", "city": "text"}, [[1, "Rome"], [2, "Oslo"]]),
    "sales": (
        {"id": "int", "store_id": "int", "amount": "int", "sold": "date"},
        [
            [1, 1, 30, "2024-01-05"],
            [2, 1, 30, "2024-03-05"],
            [3, 2, 20, "2024-03-06"],
            [4, None, 920, "2024-06-06"],
        ],
    ),
    "visits": (
        {"id": "int", "store_id": "int", "day": "date"},
        [[1, 1, "2024-01-07"], [2, 1, "2024-01-08"], [3, None, "2024-03-01"]],
    ),
}
CITY, QUARTER, MONTH = "stores.city", "metric_time:quarter", "metric_time:month"
SALES = "(SELECT * FROM sales JOIN stores ON stores.id = store_id) AS s"

CASES: dict[str, tuple[list[str], list[str], str]] = {
    "shares": (
        [CITY],
        ["percent_of_total(sales.revenue)"],
        f"SELECT city, sum(amount) / (SELECT sum(amount) FROM {SALES}) FROM {SALES} GROUP BY city ORDER BY 1",
    ),
    "totals of what two facts have": (
        [CITY],
        ["fixed(sales.count)", "visits.count"],
        f"SELECT 'Rome', (SELECT count(*) FROM {SALES}), 2",
    ),
    "nested groups": (
        [CITY],
        ["fixed(max(per(sales.revenue, 'metric_time:month')))"],
        f"""SELECT DISTINCT city, (SELECT max(total) FROM (SELECT sum(amount) AS total FROM {SALES}
        GROUP BY date_trunc('month', sold))) FROM {SALES} ORDER BY 1""",
    ),
    # The range ends with the last sale that has a store.
    "range of a running total": (
        [CITY, QUARTER],
        ["cumulative(sales.revenue)"],
        "SELECT 'Oslo', DATE '2024-01-01', 20 UNION ALL SELECT 'Rome', DATE '2024-01-01', 60",
    ),
    "moving average of one fact": (
        [CITY, MONTH],
        ["moving_average(sales.count, 2)"],
        """SELECT 'Oslo', DATE '2024-03-01', 0.5 UNION ALL SELECT 'Rome', DATE '2024-01-01', 1
        UNION ALL SELECT 'Rome', DATE '2024-03-01', 0.5""",
    ),
}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        yield connected


def compiled(**query: Any) -> str:
    return compile_query(SOURCES, msgspec.convert({"include_empty": False, **query}, Query), "duckdb").sql


@pytest.mark.parametrize("name", CASES)
def test_omitted_rows_count_nowhere(database: Database, name: str) -> None:
    dimensions, measures, sql = CASES[name]
    assert database.rows(compiled(dimensions=dimensions, measures=measures)) == database.rows(sql)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"measures": ["sales.count"], "fill_gaps": True}, "fill_gaps lists the periods without rows, which"),
        (
            {"measures": ["moving_average(sales.count, 2)", "visits.count"]},
            "omits the periods that not every measure has, over which moving_average leads",
        ),
    ],
)
def test_periods_that_are_omitted_cannot_be_listed(query: dict[str, Any], message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        compiled(dimensions=[MONTH], **query)
