"""Random questions about a ledger: calculations, composition, shares, ranks, first groups and gaps.

A measure is a tree of tuples: `("/", ("base", "orders.revenue"), ("fixed", ("base", "orders.count"), ()))`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.semantic.ledger.existence import Existence
from tests.semantic.ledger.times import DAYS, MONTHS, text_of
from tests.semantic.ledger.world import MEASURES, METRICS

Tree = tuple[Any, ...]
TIME = "metric_time"
NOW = "2025-02-10T12:00:00Z"

EXPRESSIONS = {
    "often": "case when customers.order_count > 1 then 'many' else 'few' end",
    "size": "case when orders.amount >= 2 then 'large' else 'small' end",
    "place": "coalesce(customers.regions.name, 'none')",
    "band": "bin(orders.amount, 2)",
}
SHARED = ["customers.segment", "customers.regions.name", "place", "customers.order_count", "often"]
OF_SOURCE = {
    "orders": [
        *SHARED,
        "buyer.segment",
        "payer.segment",
        "payer.minutes",
        "payer.regions.name",
        "regions.name",
        "tags.label",
        "size",
        "band",
    ],
    "visits": SHARED,
    "balances": [*SHARED, "balances.account"],
    "customers": [*SHARED, "customers.minutes"],
}


@dataclass(frozen=True)
class Dimension:
    """A field, with a unit if it is a time, or the name of an expression."""

    field: str
    unit: str | None = None

    @property
    def is_time(self) -> bool:
        return self.field == TIME

    @property
    def name(self) -> str:
        """Return the name of the result column, which no other dimension has."""
        text = self.field.replace(".", "_")
        return f"{text}_{self.unit}" if self.unit else text

    def query(self) -> dict[str, Any]:
        """Return the dimension as JSON."""
        if self.field in EXPRESSIONS:
            return {"expr": EXPRESSIONS[self.field], "name": self.name}
        return {"field": self.field, "granularity": self.unit, "name": self.name}

    def text(self) -> str:
        """Return the dimension in an argument of a function."""
        return f"'{self.field}:{self.unit}'" if self.unit else self.field


@dataclass(frozen=True)
class Condition:
    """A filter: a comparison of a column, a dimension or a measure by its name, or a period of `metric_time`.

    Its value may be a `parameter`. The condition may be that rows exist, or a segment.
    """

    kind: str
    what: str
    operator: str
    value: Any
    parameter: str | None = None
    existence: Existence | None = None

    @property
    def field(self) -> str:
        """The column that it compares."""
        return "orders.amount" if self.kind == "segment" else self.what

    def sql(self) -> str:
        """Return the text of the filter."""
        if self.existence is not None:
            return f"{self.operator} {self.existence.sql()}".strip()
        if self.parameter is not None:
            name = f":{self.parameter}"
            return f"{self.what} " + (f"in ({name})" if self.operator == "in list" else f"{self.operator} {name}")
        if self.operator == "in":
            return f"in_period({self.what}, '{self.value}')"
        if self.operator == "is not null":
            return f"{self.what} is not null"
        literal = f"'{self.value}'" if isinstance(self.value, str) else str(self.value)
        return f"{self.what} {self.operator} {literal}"


@dataclass(frozen=True)
class Top:
    """The first groups by a measure, within dimensions."""

    by: int
    limit: int
    direction: str
    per: tuple[Dimension, ...]
    others: bool


@dataclass(frozen=True)
class Question:
    """A query; `kinds` are what it asks for."""

    measures: tuple[Tree, ...]
    dimensions: tuple[Dimension, ...]
    conditions: tuple[Condition, ...] = ()
    order: tuple[int, str] | None = None
    limit: int | None = None
    offset: int | None = None
    top: Top | None = None
    fill_gaps: bool = False
    include_empty: bool | None = None
    zone: str | None = None
    least: int = 0
    kinds: frozenset[str] = field(default_factory=frozenset)

    def query(self) -> dict[str, Any]:
        """Return the query as JSON."""
        top = self.top
        values = {item.parameter: item.value for item in self.conditions if item.parameter is not None}
        if any(MEASURES[name].is_parameter for tree in self.measures for name in bases_of(tree)):
            values["least"] = self.least
        return {
            "measures": [{"expr": text_of_tree(tree), "name": f"m{index}"} for index, tree in enumerate(self.measures)],
            "dimensions": [item.query() for item in self.dimensions],
            "filters": [item.sql() for item in self.conditions if item.kind != "segment"],
            "segments": [item.what for item in self.conditions if item.kind == "segment"],
            "parameters": values,
            "include_empty": self.include_empty,
            "time_zone": self.zone,
            "order_by": [f"m{self.order[0]}:{self.order[1]}"] if self.order else [],
            "limit": self.limit,
            "offset": self.offset,
            "paths": {"regions": "payer.regions"} if Dimension("regions.name") in self.dimensions else {},
            "fill_gaps": self.fill_gaps,
            "now": NOW,
            "top": None
            if top is None
            else {
                "by": f"m{top.by}",
                "limit": top.limit,
                "direction": top.direction,
                "per": [item.name for item in top.per],
                "others": top.others,
            },
        }


def text_of_tree(tree: Tree) -> str:
    """Return the expression of a measure."""
    kind, rest = tree[0], tree[1:]
    if kind == "base" and MEASURES[rest[0]].is_parameter:
        leaf = MEASURES[rest[0]]
        value = f"{leaf.source}.{leaf.column}"
        return f"{leaf.aggregate}(case when {value} >= :least then {value} end)"
    if kind in ("base", "metric", "name"):
        return str(rest[0])
    if kind in ("+", "-", "/"):
        return f"({text_of_tree(rest[0])}) {kind} ({text_of_tree(rest[1])})"
    argument = text_of_tree(rest[1 if kind == "per" else 0])
    if kind == "per":
        return f"{rest[0]}(per({argument}, {', '.join(item.text() for item in rest[2])}))"
    options = rest[1] if len(rest) > 1 else ()
    if kind in ("previous", "change", "growth", "rolling"):
        return f"{kind}({argument}, '{text_of(options)}')"
    if kind == "period_to_date":
        return f"{kind}({argument}, '{options}')"
    if kind == "moving_average":
        return f"{kind}({argument}, {options})"
    return f"{kind}({', '.join([argument, *(item.name for item in options)])})"


def length_of(unit: str) -> int:
    """Return the approximate length of a unit in days."""
    return DAYS.get(unit) or MONTHS[unit] * 30


def is_tree(part: Any) -> bool:
    """Return whether a part of a tree is one itself."""
    return isinstance(part, tuple) and bool(part) and isinstance(part[0], str)


def bases_of(tree: Tree) -> set[str]:
    """Return the measures of sources in a tree, those of metrics included."""
    if tree[0] == "base":
        return {tree[1]}
    if tree[0] == "metric":
        return bases_of(METRICS[tree[1]][1])
    return {name for part in tree[1:] if is_tree(part) for name in bases_of(part)}


def sources_of(tree: Tree) -> set[str]:
    """Return the sources of the measures in a tree."""
    return {MEASURES[name].source for name in bases_of(tree)}
