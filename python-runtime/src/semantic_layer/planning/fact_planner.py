"""Planning of facts: which aggregates are computed together, over which rows and dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.aggregation import Aggregate, AnyAggregate, NestedAggregate
from semantic_layer.measures.calculations import Calculation
from semantic_layer.measures.measures import Measures
from semantic_layer.measures.resolution import VALUE
from semantic_layer.measures.variants import Variant
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Paths
from semantic_layer.model.references import METRIC_TIME, has_marker, marker
from semantic_layer.planning.axis import LAST_PERIOD, finest_dimension
from semantic_layer.planning.filters import RowFilter
from semantic_layer.planning.period_filters import over_periods, require_parts
from semantic_layer.planning.plan import AnyFact, Axis, Fact, NestedFact, Output, Plan, rows_of
from semantic_layer.planning.row_facts import RowFacts, default_time
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.names import unique_name

Level = tuple[str, ...]
"""The keys of the dimensions that a level of the result keeps."""


@dataclass
class FactPlanner:
    """Plans the facts of one query."""

    measures: Measures
    dimensions: tuple[Dimension, ...]
    filters: tuple[RowFilter, ...]
    fill_gaps: bool = False
    zone: str | None = None
    paths: Paths = field(default_factory=dict)
    outer_axis: Dimension | None = None
    named: tuple[Dimension, ...] = ()
    """Dimensions of the query that filters may name, besides those of the facts."""
    omits_empty: bool = False
    """Whether rows without a row of a dimension are omitted, from totals as well."""
    calculations: list[Calculation] = field(default_factory=list)
    _used: dict[Level, dict[str, AnyAggregate]] = field(default_factory=dict)

    @property
    def rows(self) -> RowFacts:
        """The planning of the facts over rows."""
        named = tuple(dict.fromkeys((*self.named, *self.dimensions)))
        required = named if self.omits_empty else ()
        return RowFacts(self.measures.graph, named, self.filters, self.zone, self.paths, self.outer_axis, required)

    # --- aggregates --------------------------------------------------------------------------------------------------

    def collect(self, tree: exp.Expr) -> None:
        """Record the aggregates and calculations that a tree uses. Raises SemanticError."""
        self._collect(tree, self._keys)

    def _collect(self, tree: exp.Expr, level: Level) -> None:
        for placeholder in tree.find_all(exp.Placeholder):
            calculation = self.measures.calculations.get(placeholder.name)
            if calculation is None:
                self._used.setdefault(level, {}).setdefault(
                    placeholder.name, self.measures.aggregates[placeholder.name]
                )
            elif calculation not in self.calculations:
                self._collect_calculation(calculation, level)

    def _collect_calculation(self, calculation: Calculation, level: Level) -> None:
        if level != self._keys:
            message = "A fixed value or a share cannot be calculated from another calculation over groups"
            raise SemanticError(Problem.INVALID_QUERY, message)
        if calculation.kind == "fixed":
            level = tuple(key for key in self._keys if key in calculation.partition)
        self._collect(calculation.tree, level)
        self.calculations.append(calculation)

    @property
    def _keys(self) -> Level:
        return tuple(item.key for item in self.dimensions)

    @property
    def compares_periods(self) -> bool:
        """Whether the query needs a time axis: for aggregates of other periods, gaps or moving averages."""
        return (
            self.fill_gaps
            or any(item.kind == "moving_average" for item in self.calculations)
            or any(row.variant.shift or row.variant.window for row in self._rows())
        )

    def _rows(self) -> list[Aggregate]:
        """Return all aggregates over rows."""
        used = [aggregate for level in self._used.values() for aggregate in level.values()]
        return [row for aggregate in used for row in self.measures.rows_of(aggregate)]

    def times(self) -> set[exp.Expr]:
        """Return the times of all aggregates over rows. Raises SemanticError for a source that declares none."""
        return {self.rows.time(aggregate.root, aggregate.variant) for aggregate in self._rows()}

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels with fewer dimensions, which are numbered from 1."""
        return tuple(level for level in self._used if level != self._keys)

    def name_time_axis(self) -> None:
        """Read a time column as `metric_time` if calculations over time need one and it is the time of all measures."""
        if not self.compares_periods:
            return
        columns = [item for item in self.dimensions if item.column is not None and item.column.type == "time"]
        is_named = any(item.is_metric_time for item in self.dimensions)
        times = self.times() if columns or is_named or self.filters else set()
        if len(times) == 1:
            (time,) = times
            if not is_named:
                axis = {item.key for item in columns if item.tree == time}
                self.dimensions = tuple(
                    replace(item, tree=marker(METRIC_TIME)) if item.key in axis else item for item in self.dimensions
                )
            self.filters = tuple(RowFilter(item.text, _replace_time(item.condition, time)) for item in self.filters)
        self._reject_filters_of_times()

    def _reject_filters_of_times(self) -> None:
        """Raise SemanticError for a filter on a time column whose rows of other periods a measure needs."""
        varied = [row for row in self._rows() if row.variant.shift or row.variant.window]
        times = [self.rows.time(row.root, row.variant) for row in varied]
        read = {column for time in times for column in time.find_all(exp.Column)}
        for item in self.filters:
            column = next((column for column in item.condition.find_all(exp.Column) if column in read), None)
            if column is not None and not _is_null_test(item.condition):
                message = (
                    f"The filter '{item.text}' leaves out rows of other periods, which a calculation over time needs"
                )
                advice = f"write metric_time in place of {column.table}.{column.name}"
                raise SemanticError(Problem.INVALID_QUERY, f"{message}; {advice}")

    # --- facts -------------------------------------------------------------------------------------------------------

    def facts(self) -> list[AnyFact]:
        """Return a fact for all aggregates of a level over the same rows. Raises SemanticError.

        If all values are fixed, the groups of the result are those of their aggregates.
        """
        if self._keys not in self._used:
            fixed = (item for level in self.levels for item in self._used[level].items())
            self._used[self._keys] = dict(fixed)
        numbered = [(0, self._keys), *enumerate(self.levels, 1)]
        return [fact for number, level in numbered for fact in self._level_facts(number, level)]

    def _level_facts(self, number: int, level: Level) -> list[AnyFact]:
        dimensions = tuple(item for item in self.dimensions if item.key in level)
        groups: dict[object, list[AnyAggregate]] = {}
        for aggregate in self._used.get(level, {}).values():
            groups.setdefault(self._fact_key(aggregate), []).append(aggregate)
        return [self._fact(group, dimensions, number) for group in groups.values()]

    def _fact(self, group: list[AnyAggregate], dimensions: tuple[Dimension, ...], level: int) -> AnyFact:
        first = group[0]
        if isinstance(first, NestedAggregate):
            nested = tuple(item for item in group if isinstance(item, NestedAggregate))
            return self._nested_fact(first, nested, dimensions, level)
        plain = tuple(item for item in group if isinstance(item, Aggregate))
        return self.rows.row_fact(first.root, plain, dimensions, self._effective(first.variant, first.root), level)

    @staticmethod
    def plain(facts: Iterable[AnyFact]) -> list[Fact]:
        """Return the facts over the rows of the groups themselves, not of other periods."""
        rows = [fact for fact in facts if isinstance(fact, Fact) and fact.level == 0]
        return [fact for fact in rows if fact.variant.shift is None and fact.variant.window is None]

    def _fact_key(self, aggregate: AnyAggregate) -> object:
        if isinstance(aggregate, NestedAggregate):
            return aggregate.inner, aggregate.per
        return aggregate.root.name, self._effective(aggregate.variant, aggregate.root)

    def _effective(self, variant: Variant, root: Node) -> Variant:
        """Return a variant without a time if the query does not depend on it."""
        if not self.rows.reads_time and variant.shift is None and variant.window is None:
            return replace(variant, time=None)
        return replace(variant, time=variant.time or default_time(root))

    def axis(self, facts: Iterable[AnyFact]) -> Axis | None:
        """Return the axis of the query if facts or calculations need its periods. Raises SemanticError."""
        rows = rows_of(facts)
        varied = any(fact.variant.window is not None or _compares_last(fact) for fact in rows)
        averaged = any(item.kind == "moving_average" for item in self.calculations)
        if not (varied or averaged or self.fill_gaps):
            return None
        finest = finest_dimension(self.dimensions, self.measures.catalog.model.calendar)
        if finest is None or finest.granularity is None:
            message = (
                "Filling of gaps and moving averages need the periods of metric_time, such as metric_time by month"
            )
            raise SemanticError(Problem.INVALID_QUERY, message)
        if averaged or self.fill_gaps:
            require_parts(self.dimensions, finest.granularity)
        times = self.rows.time_filters
        has_window = any(fact.variant.window for fact in rows)
        bounded = [*times.rows, *times.upper, *([] if has_window else times.lower)]
        bases = {(base.root.name, base.variant): base for base in (self.rows.base(fact, bounded) for fact in rows)}
        periods = tuple(over_periods(times.periods, finest.granularity))
        return Axis(finest, finest.granularity, tuple(bases.values()), periods, times.low, times.high)

    # --- nested ------------------------------------------------------------------------------------------------------

    def _nested_fact(
        self,
        first: NestedAggregate,
        aggregates: tuple[NestedAggregate, ...],
        dimensions: tuple[Dimension, ...],
        level: int,
    ) -> NestedFact:
        names = {item.name for item in dimensions}
        keys = {item.key for item in dimensions}
        per = tuple(replace(item, name=_free_name(item.name, names)) for item in first.per if item.key not in keys)
        planner = FactPlanner(
            self.measures,
            (*dimensions, *per),
            self.filters,
            zone=self.zone,
            paths=self.paths,
            named=(*self.named, *self.dimensions),
            omits_empty=self.omits_empty,
        )
        planner.outer_axis = self.outer_axis
        if self.compares_periods and planner.outer_axis is None:
            planner.outer_axis = finest_dimension(self.dimensions, self.measures.catalog.model.calendar)
        planner.collect(first.inner)
        if planner.calculations:
            message = "per(…) groups a measure that is calculated from all groups of the result; leave one of them out"
            raise SemanticError(Problem.INVALID_QUERY, message)
        facts = tuple(planner.facts())
        is_varied = any(fact.relations or _compares_last(fact) for fact in rows_of(facts))
        if is_varied and any(item.is_metric_time for item in per):
            message = "per(…) groups by metric_time and holds a calculation over time; leave one of them out"
            raise SemanticError(Problem.INVALID_QUERY, message)
        value = Output(VALUE, first.label, first.inner, "composed", None)
        plan = Plan(facts=facts, dimensions=planner.dimensions, outputs=(value,), clock=self.measures.clock)
        return NestedFact(plan, aggregates, dimensions, level)


def _is_null_test(condition: exp.Expr) -> bool:
    tree = condition.unnest()
    return isinstance(tree.this.unnest() if isinstance(tree, exp.Not) else tree, exp.Is)


def _replace_time(tree: exp.Expr, time: exp.Expr) -> exp.Expr:
    return tree.transform(lambda node: marker(METRIC_TIME) if node == time else node)


def _compares_last(fact: Fact) -> bool:
    return any(has_marker(item.condition, LAST_PERIOD) for item in fact.filters)


def _free_name(name: str, names: set[str]) -> str:
    free = unique_name(name, {other.lower() for other in names})
    names.add(free)
    return free
