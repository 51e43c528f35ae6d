"""The plan of a query, which the planner creates and the generator turns into SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.answers import PlanPeriod, Provenance
from semantic_layer.catalog import Node
from semantic_layer.conditions import nodes_of
from semantic_layer.filters import GroupFilter, RowFilter
from semantic_layer.joins import JoinTree
from semantic_layer.measures import Aggregate
from semantic_layer.models import Column
from semantic_layer.queries import Direction, TimeUnit


@dataclass(frozen=True)
class Dimension:
    """A value to group by: `tree` is an expression over columns of the model.

    `field` is its text in the query, `name` its name in the result. `column` is set if it is a plain column.
    `is_named`: the query defines its name.
    """

    tree: exp.Expr
    granularity: TimeUnit | None
    name: str
    field: str
    column: Column | None = None
    is_named: bool = False

    @property
    def nodes(self) -> dict[str, str]:
        """The nodes that the dimension reads, each with one of the columns."""
        return nodes_of(self.tree)


@dataclass(frozen=True)
class Output:
    """A measure of the result; `tree` has placeholders for its aggregates. `is_named`: the query defines its name."""

    name: str
    text: str
    tree: exp.Expr
    provenance: Provenance
    description: str | None
    is_named: bool = False


@dataclass(frozen=True)
class Order:
    """An order by a result column, given by name, or by a calculation that is not selected."""

    by: str | exp.Expr
    direction: Direction
    text: str


@dataclass(frozen=True)
class Fact:
    """The aggregation of one source at its own grain: the aggregates over its rows, and the join tree."""

    tree: JoinTree
    aggregates: tuple[Aggregate, ...]

    @property
    def root(self) -> Node:
        """The source whose rows are aggregated."""
        return self.tree.root


@dataclass(frozen=True)
class Plan:
    """The plan of a query: each fact is aggregated by the same dimensions, then the groups are combined.

    `members` are plans without measures for members of dimensions without facts. Facts without a member are included
    unless `include_empty` is false.
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
    periods: tuple[PlanPeriod, ...] = ()
    offset: int | None = None
