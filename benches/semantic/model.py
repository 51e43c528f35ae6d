"""The retailer's model in the terms of this project and in those of MetricFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data import SCHEMA

TYPES = {"n": "number", "s": "string", "t": "time"}
KEYS = {"customers": "customer", "stores": "store", "products": "product"}


@dataclass(frozen=True)
class Table:
    """A table: its entity in MetricFlow, columns of the form `name:type`, its time column, and what it joins."""

    name: str
    entity: str
    columns: str
    time: str | None = None
    joins: tuple[str, ...] = ()


TABLES = (
    Table("customers", "customer", "id:n region:s segment:s"),
    Table("stores", "store", "id:n city:s"),
    Table("products", "product", "id:n category:s"),
    Table(
        "orders",
        "order",
        "id:n customer_id:n store_id:n product_id:n ordered_on:t amount:n quantity:n status:s",
        "ordered_on",
        ("customers", "stores", "products"),
    ),
    Table(
        "returns",
        "return",
        "id:n customer_id:n store_id:n returned_on:t amount:n reason:s",
        "returned_on",
        ("customers", "stores"),
    ),
    Table("visits", "visit", "id:n customer_id:n visited_on:t device:s", "visited_on", ("customers",)),
    Table("stock", "count", "id:n store_id:n day:t units:n", "day", ("stores",)),
)


@dataclass(frozen=True)
class Measure:
    """An aggregate of a table, with further keys in both models."""

    table: str
    name: str
    expr: str
    agg: str
    of: str
    ours: tuple[tuple[str, Any], ...] = ()
    theirs: tuple[tuple[str, Any], ...] = ()


MEASURES = (
    Measure("orders", "revenue", "sum(amount)", "sum", "amount"),
    Measure("orders", "units", "sum(quantity)", "sum", "quantity"),
    Measure("orders", "orders", "count(*)", "count", "1"),
    Measure("orders", "buyers", "count(distinct customer_id)", "count_distinct", "customer_id"),
    Measure("orders", "average_order", "avg(amount)", "average", "amount"),
    Measure("orders", "largest_order", "max(amount)", "max", "amount"),
    Measure("orders", "median_order", "median(amount)", "median", "amount"),
    Measure("returns", "returned", "sum(amount)", "sum", "amount"),
    Measure("returns", "returned_or_0", "sum(amount)", "sum", "amount", (("fill_nulls_with", 0),)),
    Measure("returns", "returns", "count(*)", "count", "1"),
    Measure("returns", "smallest_return", "min(amount)", "min", "amount"),
    Measure("visits", "visits", "count(*)", "count", "1"),
    Measure("visits", "visitors", "count(distinct customer_id)", "count_distinct", "customer_id"),
    Measure(
        "visits",
        "converted",
        "count(distinct customer_id)",
        "count_distinct",
        "customer_id",
        (("followed_by", {"source": "orders", "on": "customer_id = orders.customer_id", "within": "1 day"}),),
    ),
    Measure(
        "stock",
        "units_at_end",
        "sum(units)",
        "sum",
        "units",
        (("semi_additive", {"over": "day", "take": "last"}),),
        (("non_additive_dimension", {"name": "day", "window_choice": "max"}),),
    ),
    Measure(
        "stock",
        "units_of_stores_at_end",
        "sum(units)",
        "sum",
        "units",
        (("semi_additive", {"over": "day", "take": "last", "per": ["store_id"]}),),
        (("non_additive_dimension", {"name": "day", "window_choice": "max", "window_groupings": ["store"]}),),
    ),
    Measure(
        "stock",
        "units_at_start",
        "sum(units)",
        "sum",
        "units",
        (("semi_additive", {"over": "day", "take": "first"}),),
        (("non_additive_dimension", {"name": "day", "window_choice": "min"}),),
    ),
)
FACT_OF = {measure.name: measure.table for measure in MEASURES}


def sources(measures: tuple[Measure, ...] = MEASURES) -> list[dict[str, Any]]:
    """Return the sources of this project."""
    return [_source(table, [item for item in measures if item.table == table.name]) for table in TABLES]


def _source(table: Table, measures: list[Measure]) -> dict[str, Any]:
    columns = (column.split(":") for column in table.columns.split())
    return {
        "name": table.name,
        "table": f"{SCHEMA}.{table.name}",
        "grain": ["id"],
        "columns": [{"name": name, "type": TYPES[kind]} for name, kind in columns],
        "joins": [{"to": to, "on": f"{KEYS[to]}_id = {to}.id", "relationship": "many_to_one"} for to in table.joins],
        "measures": [{"name": item.name, "expr": item.expr, **dict(item.ours)} for item in measures],
        **({"time": table.time} if table.time else {}),
    }


def semantic_models() -> list[dict[str, Any]]:
    """Return the semantic models of MetricFlow."""
    return [_semantic_model(table) for table in TABLES]


def _semantic_model(table: Table) -> dict[str, Any]:
    keys = [{"name": table.entity, "type": "primary", "expr": "id"}]
    keys += [{"name": KEYS[to], "type": "foreign", "expr": f"{KEYS[to]}_id"} for to in table.joins]
    columns = [column.split(":") for column in table.columns.split()]
    dimensions: list[dict[str, Any]] = [{"name": name, "type": "categorical"} for name, kind in columns if kind == "s"]
    dimensions += [
        {"name": name, "type": "time", "type_params": {"time_granularity": "day"}}
        for name, kind in columns
        if kind == "t"
    ]
    model: dict[str, Any] = {
        "name": table.name,
        "node_relation": {"schema_name": SCHEMA, "alias": table.name},
        "entities": keys,
        "dimensions": dimensions,
    }
    if table.time:
        model["defaults"] = {"agg_time_dimension": table.time}
        model["measures"] = [
            {"name": item.name, "agg": item.agg, "expr": item.of, **dict(item.theirs)}
            for item in MEASURES
            if item.table == table.name
        ]
    return model
