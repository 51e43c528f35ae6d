"""The plan of a query, which the planner creates and the generator turns into SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.joins.joins import JoinTree
from semantic_layer.measures.aggregation import Aggregate, NestedAggregate
from semantic_layer.measures.calculations import Calculation
from semantic_layer.measures.variants import PLAIN, Variant
from semantic_layer.model.answers import PlanPeriod, Provenance
from semantic_layer.model.catalog import Node
from semantic_layer.model.queries import Direction, TimeUnit
from semantic_layer.planning.filters import GroupFilter, RowFilter
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.periods.clock import Clock


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
    """The aggregation of one source at its own grain: the aggregates over its rows, and the join tree.

    `dimensions` are those of its `level`, as expressions over this fact; `filters` are its conditions, likewise,
    and `named` are the dimensions that they name.
    `relations` are generated relations that its rows are joined with; with the periods of the axis, `unit` is theirs.
    If the values of several periods are added up, `own_periods` is the fact of each period.
    """

    tree: JoinTree
    aggregates: tuple[Aggregate, ...]
    dimensions: tuple[Dimension, ...]
    filters: tuple[RowFilter, ...] = ()
    named: tuple[Dimension, ...] = ()
    variant: Variant = PLAIN
    level: int = 0
    time: exp.Expr | None = None
    relations: tuple[str, ...] = ()
    unit: TimeUnit | None = None
    own_periods: Fact | None = None

    @property
    def root(self) -> Node:
        """The source whose rows are aggregated."""
        return self.tree.root


@dataclass(frozen=True)
class NestedFact:
    """The aggregation of the groups of an inner plan, whose only output is the value that is aggregated."""

    plan: Plan
    aggregates: tuple[NestedAggregate, ...]
    dimensions: tuple[Dimension, ...]
    level: int = 0


AnyFact = Fact | NestedFact


@dataclass(frozen=True)
class Axis:
    """The periods of the result: the dimension with the finest unit of `metric_time`, and its range.

    `facts` have no dimensions; the periods of their rows are the range, as far as the filters do not give its bounds.
    `filters` are conditions over whole periods.
    """

    dimension: Dimension
    unit: TimeUnit
    facts: tuple[Fact, ...]
    filters: tuple[RowFilter, ...] = ()
    low: exp.Expr | None = None
    high: exp.Expr | None = None


@dataclass(frozen=True)
class TopGroups:
    """The first groups by an output, within each combination of the dimensions `per`, by name.

    `others` is the column of the result that is 1 for the row of all other groups and 0 for the first ones; without it,
    the others are left out.
    """

    by: str
    limit: int
    direction: Direction
    per: tuple[str, ...]
    others: str | None


@dataclass(frozen=True)
class Plan:
    """The plan of a query: each fact is aggregated by the same dimensions, then the groups are combined.

    Facts of a level above 0 have fewer dimensions: `levels` are the keys that each level keeps. `members` are plans
    without measures for members of dimensions without facts. Facts without a member are included unless
    `include_empty` is false. `calculations` are in the order in which they depend on each other. `axis` is set if the
    query needs all periods of a range; with `fill_gaps` those without rows are included.
    """

    facts: tuple[AnyFact, ...]
    dimensions: tuple[Dimension, ...]
    outputs: tuple[Output, ...]
    clock: Clock
    row_filters: tuple[RowFilter, ...] = ()
    group_filters: tuple[GroupFilter, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    include_empty: bool = True
    members: tuple[Plan, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    calculations: tuple[Calculation, ...] = ()
    axis: Axis | None = None
    fill_gaps: bool = False
    top: TopGroups | None = None
    periods: tuple[PlanPeriod, ...] = ()
    offset: int | None = None

    def facts_of(self, tree: exp.Expr, level: int = 0) -> list[Fact]:
        """Return the facts over rows that a calculation uses, those of its calculations included."""
        calculations = {item.key: item for item in self.calculations}
        found: list[Fact] = []
        for node in tree.find_all(exp.Placeholder):
            calculation = calculations.get(node.name)
            if calculation is not None:
                found += self.facts_of(calculation.tree, self.level_of(calculation))
            else:
                found += self._facts_with(node.name, level)
        return found

    def level_of(self, calculation: Calculation) -> int:
        """Return the number of the level whose groups a calculation reads."""
        keys = tuple(item.key for item in self.dimensions if item.key in calculation.partition)
        return self.levels.index(keys) + 1 if calculation.kind == "fixed" and keys in self.levels else 0

    def _facts_with(self, key: str, level: int) -> list[Fact]:
        """Return the facts over rows from which an aggregate of a level is computed."""
        owners = [
            fact for fact in self.facts if fact.level == level and any(item.key == key for item in fact.aggregates)
        ]
        return [
            row
            for fact in owners
            for row in ([fact] if isinstance(fact, Fact) else fact.plan.facts_of(fact.plan.outputs[0].tree))
        ]


def rows_of(facts: Iterable[AnyFact]) -> list[Fact]:
    """Return the facts over rows, those of nested aggregates included."""
    found: list[Fact] = []
    for fact in facts:
        found += [fact] if isinstance(fact, Fact) else rows_of(fact.plan.facts)
    return found
