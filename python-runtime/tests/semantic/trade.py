"""A trade with times: two years of orders with gaps, a leap day, missing dates and customers, and monthly balances."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.semantic.databases import TableData

MODEL: list[dict[str, Any]] = [
    {
        "name": "customers",
        "table": "customers",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "name", "type": "string"},
            {"name": "region", "type": "string"},
        ],
        "measures": [{"name": "count", "expr": "count(*)"}],
    },
    {
        "name": "orders",
        "table": "orders",
        "grain": ["id"],
        "time": "placed",
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number"},
            {"name": "placed", "type": "time", "granularity": "day"},
            {"name": "shipped", "type": "time", "granularity": "day"},
            {"name": "amount", "type": "number"},
        ],
        "joins": [{"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}],
        "measures": [
            {"name": "revenue", "expr": "sum(amount)"},
            {"name": "count", "expr": "count(*)"},
            {"name": "buyers", "expr": "count(distinct customer_id)"},
            {"name": "large", "expr": "sum(amount)", "filter": "amount >= 100"},
            {"name": "shipped_revenue", "expr": "sum(amount)", "time": "shipped"},
            {"name": "filled", "expr": "sum(amount)", "fill_nulls_with": 0},
            {"name": "growth", "expr": "growth(revenue, '1 year')"},
        ],
    },
    {
        "name": "visits",
        "table": "visits",
        "grain": ["id"],
        "time": "day",
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number"},
            {"name": "day", "type": "time", "granularity": "day"},
        ],
        "joins": [{"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}],
        "measures": [{"name": "count", "expr": "count(*)"}],
    },
    {
        "name": "balances",
        "table": "balances",
        "grain": ["account", "day"],
        "time": "day",
        "columns": [
            {"name": "account", "type": "string"},
            {"name": "region", "type": "string"},
            {"name": "day", "type": "time", "granularity": "day"},
            {"name": "amount", "type": "number"},
        ],
        "measures": [
            {
                "name": "closing",
                "expr": "sum(amount)",
                "semi_additive": {"over": "day", "take": "last", "per": ["account"]},
            },
            {
                "name": "opening",
                "expr": "sum(amount)",
                "semi_additive": {"over": "day", "take": "first", "per": ["account"]},
            },
            {"name": "final", "expr": "sum(amount)", "semi_additive": {"over": "day"}},
            {"name": "average", "expr": "sum(amount)", "semi_additive": {"over": "day", "take": "average"}},
            {
                "name": "in_credit",
                "expr": "sum(amount)",
                "filter": "amount > 0",
                "semi_additive": {"over": "day", "per": ["account"]},
            },
        ],
    },
]

METRICS: dict[str, Any] = {
    "metrics": [
        {"name": "conversion", "expr": "orders.count / visits.count", "description": "Orders for each visit"},
        {"name": "order_value", "expr": "orders.revenue / orders.count", "fill_nulls_with": -1},
        {"name": "value_of_conversion", "expr": "conversion * order_value"},
    ]
}

_ORDERS: list[tuple[Any, ...]] = [
    (1, 1, date(2024, 1, 15), date(2024, 2, 1), 100),
    (2, 2, date(2024, 2, 29), date(2024, 3, 5), 200),
    (3, 1, date(2024, 2, 10), date(2024, 2, 12), 50),
    (4, 3, date(2024, 4, 30), date(2024, 5, 2), 70),
    (5, 2, date(2024, 12, 31), date(2025, 1, 2), 40),
    (6, 2, date(2025, 1, 31), date(2025, 2, 1), 300),
    (7, 1, date(2025, 2, 28), date(2025, 3, 1), 80),
    (8, 4, date(2025, 4, 1), None, 20),
    (9, 2, date(2025, 4, 2), date(2025, 4, 3), None),
    (10, None, date(2025, 4, 2), date(2025, 4, 2), 10),
    (11, 3, None, date(2025, 4, 9), 5),
    (12, 3, date(2025, 3, 3), date(2025, 3, 9), 60),
]
_VISITS: list[tuple[Any, ...]] = [
    (1, 1, date(2024, 1, 10)),
    (2, 1, date(2024, 1, 11)),
    (3, 2, date(2024, 3, 1)),
    (4, 3, date(2025, 2, 1)),
    (5, 3, date(2025, 6, 1)),
    (6, None, date(2025, 2, 2)),
]
_BALANCES: list[tuple[Any, ...]] = [
    ("a", "north", date(2025, 1, 30), 90),
    ("a", "north", date(2025, 1, 31), 100),
    ("a", "north", date(2025, 2, 27), 120),
    ("b", "south", date(2025, 1, 31), 10),
    ("b", "south", date(2025, 2, 28), -30),
    ("c", "south", date(2025, 2, 1), None),
    ("c", "south", date(2025, 3, 15), 7),
]


def rows() -> dict[str, TableData]:
    """Return the tables with their rows."""
    customers = [(1, "Ada", "north"), (2, "Bo", "south"), (3, "Cy", "north"), (4, "Di", None), (5, "Ed", "east")]
    return {
        "customers": ({"id": "int", "name": "text", "region": "text"}, customers),
        "orders": (
            {"id": "int", "customer_id": "int", "placed": "date", "shipped": "date", "amount": "decimal"},
            _ORDERS,
        ),
        "visits": ({"id": "int", "customer_id": "int", "day": "date"}, _VISITS),
        "balances": ({"account": "text", "region": "text", "day": "date", "amount": "decimal"}, _BALANCES),
    }
