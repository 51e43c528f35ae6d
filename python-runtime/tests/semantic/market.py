"""A market: customers with orders and visits, small enough to answer questions by hand."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from semantic_layer.compiler import compile_query
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, TableData

QUOTED = 'it\'s \\ "q"'
TO_CUSTOMERS = [{"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}]
MODEL: dict[str, dict[str, Any]] = {
    "customers": {
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number", "visibility": "internal"},
            {"name": "region", "type": "string"},
        ],
        "measures": [{"name": "count", "expr": "count(*)"}],
    },
    "orders": {
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number", "visibility": "hidden"},
            {"name": "status", "type": "string"},
            {"name": "amount", "type": "number"},
            {"name": "placed", "type": "time"},
        ],
        "joins": TO_CUSTOMERS,
        "measures": [{"name": "count", "expr": "count(*)"}, {"name": "revenue", "expr": "sum(amount)"}],
    },
    "visits": {
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number", "visibility": "hidden"},
            {"name": "seen", "type": "time"},
        ],
        "joins": TO_CUSTOMERS,
        "measures": [{"name": "count", "expr": "count(*)"}],
    },
}
TABLES: dict[str, TableData] = {
    "customers": ({"id": "int", "region": "text"}, [(1, "north"), (2, "south"), (3, "south"), (4, None)]),
    "orders": (
        {"id": "int", "customer_id": "int", "status": "text", "amount": "int", "placed": "time"},
        [
            (1, 1, "paid", 50, "2024-02-29 10:00:00"),
            (2, 1, "cancelled", 150, "2024-03-01 00:00:00"),
            (3, 2, "paid", -5, "2024-12-31 23:59:59"),
            (4, 2, "paid", 100, "2025-01-01 00:00:00"),
            (5, 3, QUOTED, 250, "2025-03-30 02:30:00"),
            (6, None, "paid", 0, None),
        ],
    ),
    "visits": (
        {"id": "int", "customer_id": "int", "seen": "time"},
        [
            (1, 1, "2024-02-22 10:00:00"),
            (2, 1, "2024-02-29 10:00:00"),
            (3, 2, "2024-12-30 00:00:00"),
            (4, 2, "2025-01-01 00:00:01"),
            (5, 3, "2025-03-30 00:00:00"),
            (6, 4, "2025-03-30 00:00:00"),
            (7, None, "2025-03-30 00:00:00"),
        ],
    ),
}


def market(**changes: dict[str, Any]) -> list[Source]:
    """Return the model; `changes` add to the lists of a source, and replace its other keys."""
    model = copy.deepcopy(MODEL)
    for name, keys in changes.items():
        for key, value in keys.items():
            old = model[name].get(key)
            model[name][key] = [*old, *value] if isinstance(old, list) and key != "grain" else value
    sources = [{"name": name, "table": name, **source} for name, source in model.items()]
    return msgspec.convert(sources, list[Source])


def compile_market(
    dialect: str = "duckdb", sources: list[Source] | None = None, model: Model | None = None, **query: Any
) -> CompiledQuery:
    """Compile a query over the market."""
    return compile_query(sources or market(), msgspec.convert(query, Query), dialect, model)


def ask(
    database: Database, sources: list[Source] | None = None, model: Model | None = None, **query: Any
) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the market."""
    return database.rows(compile_market(database.dialect, sources, model, **query).sql)
