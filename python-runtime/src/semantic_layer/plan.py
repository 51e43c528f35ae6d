"""The plan: the planner makes it, and the generator writes it as SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.catalog import Node
from semantic_layer.filters import GroupFilter, RowFilter
from semantic_layer.joins import JoinTree
from semantic_layer.measures import Aggregate
from semantic_layer.models import Column, Direction, Granularity, Provenance


@dataclass(frozen=True)
class Dimension:
    """A column to group by, under the name that it has in the result."""

    node: Node
    column: Column
    granularity: Granularity | None
    name: str

    @property
    def field(self) -> str:
        """The name by which the query calls it."""
        return f"{self.node.name}.{self.column.name}"


@dataclass(frozen=True)
class Output:
    """A measure of the result; placeholders in `tree` stand for its aggregates. `is_named`: by the query."""

    name: str
    text: str
    tree: exp.Expr
    provenance: Provenance
    description: str | None
    is_named: bool = False


@dataclass(frozen=True)
class Order:
    """A column of the result by its name, or a calculation that is not selected."""

    by: str | exp.Expr
    direction: Direction
    text: str


@dataclass(frozen=True)
class Fact:
    """The aggregation of one source at its own grain: all the aggregates over its rows, and the tables they need."""

    tree: JoinTree
    aggregates: tuple[Aggregate, ...]

    @property
    def root(self) -> Node:
        """The source whose rows are aggregated."""
        return self.tree.root


@dataclass(frozen=True)
class Plan:
    """A query, planned: each fact is aggregated by the same dimensions, then their groups are put side by side.

    `members` are plans without measures over some of the dimensions: the values that are listed though no fact has
    them. Facts keep rows without a dimension unless `include_empty` is false.
    """

    facts: tuple[Fact, ...]
    dimensions: tuple[Dimension, ...]
    outputs: tuple[Output, ...]
    row_filters: tuple[RowFilter, ...]
    group_filters: tuple[GroupFilter, ...]
    order: tuple[Order, ...]
    limit: int | None
    include_empty: bool
    members: tuple[Plan, ...] = ()
