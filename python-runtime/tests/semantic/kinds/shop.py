"""A shop with a leap day, months without sales, missing keys and times, and two facts of different range."""

from __future__ import annotations

from typing import Any

from tests.semantic.databases import TableData
from tests.semantic.retail import source

OF_CUSTOMER = ("customers", "customer_id = customers.id")


def _measure(name: str, expr: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "expr": expr, **keys}


def _with(item: dict[str, Any], measures: list[dict[str, Any]], columns: list[dict[str, Any]]) -> dict[str, Any]:
    return {**item, "measures": [*item["measures"], *measures], "columns": [*item["columns"], *columns]}


SOURCES = [
    source("regions", "id", "id:n name:s"),
    source("countries", "id", "id:n name:s region_id:n", joins=[("regions", "region_id = regions.id")]),
    _with(
        source(
            "customers",
            "id",
            "id:n name:s country_id:n",
            joins=[("countries", "country_id = countries.id")],
            measures={"count": "count(*)"},
        ),
        [],
        [{"name": "bought", "type": "number", "measure": "sales.count"}],
    ),
    source("suppliers", "id", "id:n name:s country_id:n", joins=[("countries", "country_id = countries.id")]),
    source("products", "id", "id:n name:s supplier_id:n", joins=[("suppliers", "supplier_id = suppliers.id")]),
    _with(
        source(
            "sales",
            "id",
            "id:n customer_id:n product_id:n booked_on:t shipped_on:t amount:n",
            joins=[OF_CUSTOMER, ("products", "product_id = products.id")],
            measures={"revenue": "sum(amount)", "count": "count(*)"},
            time="booked_on",
        ),
        [
            _measure("shipped", "sum(amount)", time="shipped_on"),
            _measure("revenue_or_0", "sum(amount)", fill_nulls_with=0),
        ],
        [],
    ),
    _with(
        source(
            "visits",
            "id",
            "id:n customer_id:n visited_on:t",
            joins=[OF_CUSTOMER],
            measures={"count": "count(*)"},
            time="visited_on",
        ),
        [
            _measure(
                "converted",
                "count(*)",
                followed_by={"source": "sales", "on": "customer_id = sales.customer_id", "within": "7 days"},
            )
        ],
        [],
    ),
    _with(
        source("balances", "id", "id:n account:s day:t amount:n", time="day"),
        [
            _measure("last", "sum(amount)", semi_additive={"over": "day"}),
            _measure("last_of_accounts", "sum(amount)", semi_additive={"over": "day", "per": ["account"]}),
            _measure("first", "sum(amount)", semi_additive={"over": "day", "take": "first"}),
            _measure("average", "sum(amount)", semi_additive={"over": "day", "take": "average"}),
        ],
        [],
    ),
    {
        **source("events", "id", "id:n", measures={"count": "count(*)"}, time="happened"),
        "columns": [{"name": "id", "type": "number"}, {"name": "happened", "type": "time", "time_zone": "UTC"}],
    },
]
MODEL = {
    "metrics": [{"name": "basket", "expr": "sales.revenue / sales.count"}],
    "calendar": {"week_start": "sunday", "fiscal_year_start": 4},
}

TABLES: dict[str, TableData] = {
    "regions": ({"id": "int", "name": "text"}, [[1, "Europe"], [2, "Asia"]]),
    "countries": (
        {"id": "int", "name": "text", "region_id": "int"},
        [[1, "Italy", 1], [2, "Japan", 2], [3, "Peru", None]],
    ),
    "customers": (
        {"id": "int", "name": "text", "country_id": "int"},
        [[1, "Ann", 1], [2, "Ben", 2], [3, "Cal", 1], [4, "Dee", 3]],
    ),
    "suppliers": ({"id": "int", "name": "text", "country_id": "int"}, [[1, "Ace", 2], [2, "Bay", 1]]),
    "products": ({"id": "int", "name": "text", "supplier_id": "int"}, [[1, "pen", 1], [2, "ink", 2], [3, "pad", None]]),
    "sales": (
        {
            "id": "int",
            "customer_id": "int",
            "product_id": "int",
            "booked_on": "date",
            "shipped_on": "date",
            "amount": "int",
        },
        [
            [1, 1, 1, "2023-02-28", "2023-03-02", 10],
            [2, 1, 2, "2024-01-15", "2024-01-20", 40],
            [3, 2, 1, "2024-02-29", "2024-03-01", 20],
            [4, 2, 3, "2024-02-29", None, None],
            [5, 3, 2, "2024-04-10", "2024-04-11", 70],
            [6, None, 1, "2024-04-13", "2024-05-02", 5],
            [7, 1, 3, None, "2024-05-05", 100],
            [8, 9, None, "2024-12-30", "2025-01-03", 30],
        ],
    ),
    "visits": (
        {"id": "int", "customer_id": "int", "visited_on": "date"},
        [
            [1, 1, "2024-01-08"],
            [2, 1, "2024-01-16"],
            [3, 2, "2024-02-23"],
            [4, 3, "2024-04-02"],
            [5, 3, "2024-06-01"],
            [6, None, "2024-06-30"],
            [7, 4, None],
        ],
    ),
    "balances": (
        {"id": "int", "account": "text", "day": "date", "amount": "int"},
        [
            [1, "a", "2024-01-10", 5],
            [2, "b", "2024-01-10", 7],
            [3, "a", "2024-01-31", 6],
            [4, "b", "2024-02-29", 9],
            [5, "a", "2024-02-20", 4],
            [6, "a", "2024-04-01", None],
            [7, None, "2024-04-01", 3],
            [8, "b", None, 99],
        ],
    ),
    "events": (
        {"id": "int", "happened": "time"},
        [
            # In Zurich, clocks go forward on 2024-03-31 and back on 2024-10-27, at 01:00 UTC.
            [1, "2024-03-30 22:59:59"],
            [2, "2024-03-30 23:00:00"],
            [3, "2024-03-31 00:59:59"],
            [4, "2024-03-31 01:00:00"],
            [5, "2024-03-31 21:59:59"],
            [6, "2024-03-31 22:00:00"],
            [7, "2024-10-26 22:00:00"],
            [8, "2024-10-27 00:30:00"],
            [9, "2024-10-27 01:30:00"],
            [10, "2024-10-27 22:59:59"],
            [11, "2024-10-27 23:00:00"],
            [12, None],
        ],
    ),
}
