"""Planning of facts: which aggregates are computed together, over which rows and dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from semantic_layer.aggregation import Aggregate, AnyAggregate, NestedAggregate
from semantic_layer.axis import (
    DAY_OFFSET,
    LAST_PERIOD,
    PERIOD,
    TimeFilters,
    finest_dimension,
    plan_shift,
    split_time_filters,
    window_condition,
)
from semantic_layer.calculations import Calculation
from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import METRIC_TIME, has_marker, marker, model_column, nodes_of, replace_markers
from semantic_layer.default_paths import default_paths
from semantic_layer.dialects import SqlDialect
from semantic_layer.dimension import Dimension
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.existence import nodes_of_rows, require_existences
from semantic_layer.filters import RowFilter
from semantic_layer.graph import JoinGraph
from semantic_layer.joins import JoinTree
from semantic_layer.local_time import localize
from semantic_layer.measures import Measures
from semantic_layer.models import Paths
from semantic_layer.names import unique_name
from semantic_layer.period_filters import over_periods, require_parts
from semantic_layer.plan import AnyFact, Axis, Fact, NestedFact, Output, Plan, rows_of
from semantic_layer.queries import TimeUnit
from semantic_layer.resolution import VALUE
from semantic_layer.row_nodes import named_dimensions
from semantic_layer.running import OWN_PERIOD, can_add_periods
from semantic_layer.times.truncation import truncate
from semantic_layer.variants import PLAIN, Variant

Level = tuple[str, ...]
"""The keys of the dimensions that a level of the result keeps."""
_OF_MONTHS = ("month", "quarter", "year")


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
    calculations: list[Calculation] = field(default_factory=list)
    _used: dict[Level, dict[str, AnyAggregate]] = field(default_factory=dict)

    @property
    def _catalog(self) -> Catalog:
        return self.measures.catalog

    @property
    def _graph(self) -> JoinGraph:
        return self.measures.graph

    @property
    def _dialect(self) -> SqlDialect:
        return self.measures.dialect

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
        return {self._time(aggregate.root, aggregate.variant) for aggregate in self._rows()}

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
        times = [self._time(row.root, row.variant) for row in varied]
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
        return self.row_fact(first.root, plain, dimensions, self._effective(first.variant, first.root), level)

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
        if not self._reads_time and variant.shift is None and variant.window is None:
            return replace(variant, time=None)
        return replace(variant, time=variant.time or _default_time(root))

    @property
    def _reads_time(self) -> bool:
        dimensions = any(item.is_metric_time for item in self.dimensions)
        return dimensions or any(item.is_metric_time for item in self.filters)

    def row_fact(
        self,
        root: Node,
        aggregates: tuple[Aggregate, ...],
        dimensions: tuple[Dimension, ...],
        variant: Variant = PLAIN,
        level: int = 0,
    ) -> Fact:
        """Return the fact of aggregates over the rows of a source. Raises SemanticError."""
        time = self._time(root, variant) if variant.time or self._reads_time else None
        if variant.shift is None and variant.window is None:
            values = {METRIC_TIME: time} if time is not None else {}
            fact = self._build(root, aggregates, dimensions, list(self.filters), values, variant)
        else:
            assert time is not None  # noqa: S101
            fact = self._varied_fact(root, aggregates, dimensions, variant, time)
        if time is not None:
            self._reach(fact.tree, nodes_of(time), is_required=False, single=True)
        return replace(fact, variant=variant, level=level, time=time)

    def _varied_fact(
        self,
        root: Node,
        aggregates: tuple[Aggregate, ...],
        dimensions: tuple[Dimension, ...],
        variant: Variant,
        time: exp.Expr,
    ) -> Fact:
        if variant.window is None and not self._reads_time:
            message = "A calculation over time needs periods: add metric_time as a dimension, or a filter on it"
            raise SemanticError(Problem.INVALID_QUERY, message)
        finest = finest_dimension(dimensions, self._catalog.model.calendar)
        unit = finest.granularity if finest is not None else None
        calendar, dialect = self._catalog.model.calendar, self._dialect
        require_parts(dimensions, unit)
        shifted = plan_shift(time, variant.shift, unit, calendar, dialect) if variant.shift is not None else None
        if variant.window is None:
            assert variant.shift is not None and shifted is not None  # noqa: S101, PT018
            filters = [self._replace(item, shifted.time) for item in self.filters]
            relations = []
            if shifted.condition is not None:
                filters.append(RowFilter("", shifted.condition))
                relations.append(DAY_OFFSET)
            axis = self.outer_axis or finest_dimension(self.dimensions, self._catalog.model.calendar)
            if axis is not None and self._time_filters.high is None:
                if axis.granularity == "day" and unit != "day" and variant.shift.unit in _OF_MONTHS:
                    message = "A total of days cannot be compared with days a number of months before; group by month"
                    raise SemanticError(Problem.INVALID_QUERY, message)
                period = truncate(shifted.period, axis.granularity, dialect, calendar)  # type: ignore[arg-type]
                filters.append(RowFilter("", exp.LTE(this=period, expression=marker(LAST_PERIOD))))
            values = {METRIC_TIME: shifted.period}
            fact = self._build(root, aggregates, dimensions, filters, values, variant)
            return replace(fact, relations=tuple(relations))
        if finest is None or unit is None:
            message = "A cumulative measure needs the periods of metric_time, such as metric_time by month"
            raise SemanticError(Problem.INVALID_QUERY, message)
        times = self._time_filters
        upper = [self._replace(item, shifted.time if shifted else time) for item in times.upper]
        rows = [self._replace(item, time) for item in times.rows]
        periods = over_periods(times.periods, unit)
        values = {METRIC_TIME: marker(PERIOD)}
        if can_add_periods(aggregates, dimensions, variant.window, unit):
            own = self._own_periods(root, aggregates, dimensions, [*rows, *upper], variant, time, unit)
            condition = window_condition(variant.window, marker(OWN_PERIOD), unit, variant.shift, calendar, dialect)
            fact = replace(own, filters=(*periods, RowFilter("", condition)), own_periods=own)
            fact = replace(fact, dimensions=_with_values(dimensions, values), named=self._named(periods, values))
        else:
            condition = window_condition(variant.window, time, unit, variant.shift, calendar, dialect)
            filters = [*rows, *upper, *periods, RowFilter("", condition)]
            fact = self._build(root, aggregates, dimensions, filters, values, variant)
        return replace(fact, relations=(PERIOD,), unit=unit)

    def _own_periods(
        self,
        root: Node,
        aggregates: tuple[Aggregate, ...],
        dimensions: tuple[Dimension, ...],
        filters: list[RowFilter],
        variant: Variant,
        time: exp.Expr,
        unit: TimeUnit,
    ) -> Fact:
        """Return the fact of the groups of each period, which those of several periods are added up from."""
        others = tuple(item for item in dimensions if not item.is_metric_time)
        period = Dimension(time, unit, OWN_PERIOD, OWN_PERIOD)
        return self._build(root, aggregates, (*others, period), filters, {}, variant)

    @property
    def _time_filters(self) -> TimeFilters:
        return split_time_filters(self.filters, self._dialect)

    def _replace(self, item: RowFilter, time: exp.Expr) -> RowFilter:
        return RowFilter(item.text, replace_markers(item.condition, {METRIC_TIME: time}))

    def _build(
        self,
        root: Node,
        aggregates: tuple[Aggregate, ...],
        dimensions: tuple[Dimension, ...],
        filters: list[RowFilter],
        values: dict[str, exp.Expr],
        variant: Variant,
    ) -> Fact:
        """Return a fact whose markers have the given values. Raises SemanticError for what it cannot reach."""
        paths = default_paths(self.measures.catalog, root, self.paths, dict(variant.paths))
        tree = JoinTree(root, self._graph, self._dialect, paths)
        named = self._named(filters, values)
        dimensions = _with_values(dimensions, values)
        filters = [RowFilter(item.text, replace_markers(item.condition, values)) for item in filters]
        for dimension in (*dimensions, *named):
            self._reach(tree, dimension.nodes, is_required=True)
        for item in filters:
            self._reach_filter(tree, item)
        for aggregate in aggregates:
            self._reach_aggregate(tree, aggregate)
        if tree.has_fan_out and aggregates and not root.source.grain:
            reads = ", ".join(instance.node.name for instance in tree.instances[1:])
            message = f"{root.name} is joined with many rows of {reads} but declares no grain"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; without one its rows would be double counted")
        return Fact(tree, aggregates, dimensions, tuple(filters), named)

    def _named(self, filters: list[RowFilter], values: dict[str, exp.Expr]) -> tuple[Dimension, ...]:
        """Return the dimensions that filters name."""
        mentioned = named_dimensions(item.condition for item in filters)
        return _with_values((item for item in self.dimensions if item.name in mentioned), values)

    def _reach(self, tree: JoinTree, nodes: dict[str, str], *, is_required: bool, single: bool = False) -> None:
        for name, column in nodes.items():
            tree.reach(self._catalog.node(name), column, is_required=is_required, requires_single_row=single)

    def _reach_aggregate(self, tree: JoinTree, aggregate: Aggregate) -> None:
        edge = aggregate.edge
        read = [aggregate.tree, *([edge.over, *edge.per] if edge else [])]
        for part in [*read, *([edge.condition] if edge and edge.condition is not None else [])]:
            self._reach(tree, nodes_of(part), is_required=False, single=True)

    def _reach_filter(self, tree: JoinTree, item: RowFilter) -> None:
        try:
            require_existences(item.condition, tree.root, self._graph, self._dialect)
            self._reach(tree, nodes_of_rows(item.condition, tree.root, self._graph), is_required=True)
        except SemanticError as error:
            message = f"The filter '{item.text}' cannot be applied to {tree.root.name}: {error}"
            raise SemanticError(error.problem, message) from None

    # --- time --------------------------------------------------------------------------------------------------------

    def _time(self, root: Node, variant: Variant) -> exp.Expr:
        """Return the time of a fact. Raises SemanticError if its source declares none."""
        text = variant.time or _default_time(root)
        if text is None:
            message = (
                f"{root.name} has no time column for metric_time; declare it in the source, as in `time: created_at`"
            )
            raise SemanticError(Problem.INVALID_MODEL, message)
        node, name = self._catalog.split(text)
        column = node.column(name)
        if column.type != "time":
            message = f"{text} is of type {column.type}, and cannot be the time of {root.name}"
            raise SemanticError(Problem.WRONG_TYPE, message)
        return localize(model_column(node.name, name), text, column, self.zone, self._dialect)

    def axis(self, facts: Iterable[AnyFact]) -> Axis | None:
        """Return the axis of the query if facts or calculations need its periods. Raises SemanticError."""
        rows = rows_of(facts)
        varied = any(fact.variant.window is not None or _compares_last(fact) for fact in rows)
        averaged = any(item.kind == "moving_average" for item in self.calculations)
        if not (varied or averaged or self.fill_gaps):
            return None
        finest = finest_dimension(self.dimensions, self._catalog.model.calendar)
        if finest is None or finest.granularity is None:
            message = (
                "Filling of gaps and moving averages need the periods of metric_time, such as metric_time by month"
            )
            raise SemanticError(Problem.INVALID_QUERY, message)
        if averaged or self.fill_gaps:
            require_parts(self.dimensions, finest.granularity)
        times = self._time_filters
        bounded = [*times.rows, *times.upper, *([] if any(f.variant.window for f in rows) else times.lower)]
        bases: dict[object, Fact] = {}
        for fact in rows:
            base = replace(fact.variant, shift=None, window=None)
            if (fact.root.name, base) not in bases:
                time = self._time(fact.root, base)
                filters = [self._replace(item, time) for item in bounded]
                built = self._build(fact.root, (), (), filters, {}, base)
                self._reach(built.tree, nodes_of(time), is_required=False, single=True)
                bases[fact.root.name, base] = replace(built, time=time)
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
        planner = FactPlanner(self.measures, (*dimensions, *per), self.filters, zone=self.zone, paths=self.paths)
        planner.outer_axis = self.outer_axis
        if self.compares_periods and planner.outer_axis is None:
            planner.outer_axis = finest_dimension(self.dimensions, self._catalog.model.calendar)
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


def _with_values(dimensions: Iterable[Dimension], values: dict[str, exp.Expr]) -> tuple[Dimension, ...]:
    """Return dimensions whose markers have the given values."""
    return tuple(replace(item, tree=replace_markers(item.tree, values)) for item in dimensions)


def _is_null_test(condition: exp.Expr) -> bool:
    tree = condition.unnest()
    return isinstance(tree.this.unnest() if isinstance(tree, exp.Not) else tree, exp.Is)


def _replace_time(tree: exp.Expr, time: exp.Expr) -> exp.Expr:
    return tree.transform(lambda node: marker(METRIC_TIME) if node == time else node)


def _default_time(root: Node) -> str | None:
    """Return the time of a source as a field, such as `orders.placed_on`, or None."""
    time = root.source.time
    return time if time is None or "." in time else f"{root.name}.{time}"


def _compares_last(fact: Fact) -> bool:
    return any(has_marker(item.condition, LAST_PERIOD) for item in fact.filters)


def _free_name(name: str, names: set[str]) -> str:
    free = unique_name(name, {other.lower() for other in names})
    names.add(free)
    return free
