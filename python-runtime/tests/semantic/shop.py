"""A small shop: the model of the tests of rules and errors."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from semantic_layer.compiler import compile_query
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query

SHOP: dict[str, dict[str, Any]] = {
    "orders": {
        "table": "public.orders",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number", "visibility": "internal"},
            {"name": "store_id", "type": "number", "visibility": "hidden"},
            {"name": "amount", "type": "number", "description": "What was paid"},
            {"name": "tax", "type": "number"},
            {"name": "net", "type": "number", "expr": "amount - tax"},
            {"name": "status", "type": "string"},
            {"name": "is_gift", "type": "boolean"},
            {"name": "ordered_at", "type": "time"},
        ],
        "joins": [
            {"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"},
            {"to": "stores", "on": "store_id = stores.id", "relationship": "many_to_one"},
        ],
        "measures": [
            {"name": "revenue", "expr": "sum(amount)", "description": "All that was paid"},
            {"name": "orders", "expr": "count(*)"},
            {"name": "paid_net", "expr": "sum(net)", "segments": ["paid"], "filter": "amount > 0"},
            {"name": "average", "expr": "revenue / orders"},
        ],
        "segments": [{"name": "paid", "expr": "status = 'paid'"}],
    },
    "customers": {
        "table": "customers",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "segment", "type": "string"},
            {"name": "home_store", "type": "number"},
        ],
        "joins": [{"to": "stores", "on": "home_store = home.id", "relationship": "many_to_one", "alias": "home"}],
        "measures": [{"name": "customers", "expr": "count(*)"}],
    },
    "stores": {
        "table": "stores",
        "grain": ["id"],
        "columns": [{"name": "id", "type": "number"}, {"name": "city", "type": "string"}],
        "measures": [{"name": "stores", "expr": "count(*)"}],
    },
    "returns": {
        "sql": "SELECT id, customer_id, fee FROM raw_returns WHERE NOT is_test",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "customer_id", "type": "number"},
            {"name": "fee", "type": "number"},
            {"name": "reason", "type": "string"},
        ],
        "joins": [{"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}],
        "measures": [{"name": "fees", "expr": "sum(fee)"}, {"name": "returns", "expr": "count(*)"}],
    },
    "weather": {
        "table": "weather",
        "grain": ["day"],
        "columns": [{"name": "day", "type": "time"}, {"name": "rain", "type": "number"}],
        "measures": [{"name": "average_rain", "expr": "avg(rain)"}],
    },
}


def shop_model(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the model as JSON; `changes` replace keys of a source, or add a source."""
    model = copy.deepcopy(SHOP)
    for name, keys in changes.items():
        model.setdefault(name, {}).update(keys)
    return [{"name": name, **source} for name, source in model.items()]


def to_sources(model: list[dict[str, Any]] | None = None) -> list[Source]:
    """Return the model as input of the semantic layer."""
    return msgspec.convert(shop_model() if model is None else model, list[Source])


def compile_shop(model: list[dict[str, Any]] | None = None, dialect: str = "postgres", **query: Any) -> CompiledQuery:
    """Compile a query over the shop."""
    return compile_query(to_sources(model), msgspec.convert(query, Query), dialect)


def collapse_white_space(sql: str) -> str:
    """Return the SQL on one line."""
    return " ".join(sql.split())
