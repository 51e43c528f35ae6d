"""A model with every shape of join, and rows with missing and dangling keys."""

from __future__ import annotations

import random
from typing import Any

from tests.semantic.databases import TableData

TYPES = {"n": "number", "s": "string", "t": "time"}
ROW = {"n": "int", "s": "text", "t": "time"}


def source(name: str, grain: str, columns: str, **keys: Any) -> dict[str, Any]:
    """Return a source; columns have the form `name:type`."""
    pairs = [column.split(":") for column in columns.split()]
    return {
        "name": name,
        "table": name,
        "grain": grain.split(),
        "columns": [{"name": column, "type": TYPES[kind]} for column, kind in pairs],
        "measures": [{"name": measure, "expr": expr} for measure, expr in keys.pop("measures", {}).items()],
        "joins": [join(*parts) for parts in keys.pop("joins", ())],
        **keys,
    }


def join(to: str, on: str, alias: str | None = None) -> dict[str, Any]:
    """Return a many-to-one join."""
    return {"to": to, "on": on, "relationship": "many_to_one", **({"alias": alias} if alias else {})}


MODEL = [
    source("regions", "id", "id:n name:s"),
    source("categories", "id", "id:n name:s"),
    source(
        "customers",
        "id",
        "id:n region_id:n name:s credit:n",
        joins=[("regions", "region_id = customer_region.id", "customer_region")],
        measures={"customers": "count(*)", "total_credit": "sum(credit)", "average_credit": "avg(credit)"},
    ),
    source(
        "stores",
        "id",
        "id:n city:s region_id:n size:n",
        joins=[("regions", "region_id = store_region.id", "store_region")],
        measures={"stores": "count(*)", "average_size": "avg(size)"},
    ),
    source(
        "orders",
        "id",
        "id:n customer_id:n store_id:n parent_id:n amount:n status:s placed:t",
        joins=[
            ("customers", "customer_id = customers.id"),
            ("stores", "store_id = stores.id"),
            ("orders", "parent_id = parent.id", "parent"),
        ],
        measures={
            "revenue": "sum(amount)",
            "orders": "count(*)",
            "average": "avg(amount)",
            "per_order": "revenue / orders",
            "per_customer": "revenue / customers.customers",
            "buyers": "count(distinct customer_id)",
            "northern": "sum(amount) filter (where customer_region.name = 'north')",
        },
        segments=[{"name": "large", "expr": "amount > 50"}],
    ),
    source(
        "items",
        "order_id line",
        "order_id:n line:n product_id:n quantity:n price:n",
        joins=[("orders", "order_id = orders.id"), ("products", "product_id = products.id")],
        measures={"sales": "sum(quantity * price)", "items": "count(*)", "weighted": "sum(quantity * orders.amount)"},
    ),
    source("products", "id", "id:n name:s category_id:n", joins=[("categories", "category_id = categories.id")]),
    source(
        "refunds",
        "id",
        "id:n order_id:n line:n amount:n reason:s",
        joins=[("items", "line = items.line and order_id = items.order_id")],
        measures={"refunded": "sum(amount)", "refunds": "count(*)"},
    ),
    source(
        "tickets",
        "id",
        "id:n customer_id:n severity:n",
        joins=[("customers", "customer_id = customers.id")],
        measures={"tickets": "count(*)"},
    ),
]


def rows() -> dict[str, TableData]:
    """Generate the rows, deterministically."""
    draw = random.Random(1)

    def choose(*values: Any) -> Any:
        return draw.choice(values)

    def ids(last: int, dangling: int) -> Any:
        return choose(*range(1, last + 1), None, dangling)

    amounts, statuses = (10, 25, 60, 99, None), ("paid", "open", "paid", None)
    times = ("2023-12-31 23:59:59", "2024-01-01 00:00:00", "2024-03-15 12:30:00", None)
    found: dict[str, list[list[Any]]] = {
        "regions": [[1, "north"], [2, "south"], [3, None], [4, "empty"]],
        "categories": [[1, "food"], [2, "toys"], [3, "unused"]],
        "customers": [[i, ids(3, 9), choose("ann", "bob", None), choose(10, 20, 30, None)] for i in range(1, 13)],
        "stores": [[i, choose("Rome", "Oslo", None), ids(2, 9), choose(5, 7, 9)] for i in range(1, 6)],
        "orders": [
            [i, ids(10, 99), ids(4, 77), choose(1, 2, 3, None), choose(*amounts), choose(*statuses), choose(*times)]
            for i in range(1, 31)
        ],
        "items": [
            [order, line, ids(4, 50), choose(1, 2, 3), choose(1, 2, 10)]
            for order in (*range(1, 26), 500)
            for line in range(1, choose(2, 3, 4))
        ],
        "products": [[i, f"p{i}", ids(2, 8)] for i in range(1, 6)],
        "tickets": [[i, ids(10, 99), choose(1, 2, 3)] for i in range(1, 21)],
    }
    places = [(item[0], item[1]) for item in found["items"]] + [(None, 1), (3, None), (3, 77)]
    found["refunds"] = [[i, *choose(*places), choose(1, 2), choose("bad", "late", None)] for i in range(1, 16)]
    return {item["name"]: (_columns(item), found[item["name"]]) for item in MODEL}


def _columns(item: dict[str, Any]) -> dict[str, str]:
    return {column["name"]: ROW[column["type"][0]] for column in item["columns"]}
