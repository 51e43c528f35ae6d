"""Planning of one fact: the rows that it reads for a group, and the joins to all that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.default_paths import default_paths
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.joins import JoinTree
from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.measures.variants import PLAIN, Variant
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Paths
from semantic_layer.model.queries import TimeUnit
from semantic_layer.model.references import METRIC_TIME, marker, model_column, nodes_of, replace_markers
from semantic_layer.planning.axis import (
    DAY_OFFSET,
    LAST_PERIOD,
    PERIOD,
    finest_dimension,
    plan_shift,
    window_condition,
)
from semantic_layer.planning.existence import nodes_of_rows, require_existences
from semantic_layer.planning.filters import RowFilter
from semantic_layer.planning.period_filters import no_total_error, over_periods, require_parts
from semantic_layer.planning.period_sums import OWN_PERIOD, can_add_periods
from semantic_layer.planning.plan import Fact
from semantic_layer.planning.time_filters import TimeFilters, split_time_filters
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.local_time import localize
from semantic_layer.rows.row_nodes import named_dimensions
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.truncation import truncate


@dataclass(frozen=True)
class RowFacts:
    """Plans the facts of one query: its dimensions, filters, time zone and default paths.

    `outer_axis` is the dimension with the periods of the query if these facts are of a nested aggregate.
    """

    graph: JoinGraph
    dimensions: tuple[Dimension, ...]
    filters: tuple[RowFilter, ...]
    zone: str | None
    paths: Paths
    outer_axis: Dimension | None = None
    required: tuple[Dimension, ...] = ()

    @property
    def reads_time(self) -> bool:
        """Whether the query depends on `metric_time`."""
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
        is_varied = variant.shift is not None or variant.window is not None
        time = self.time(root, variant) if variant.time or self.reads_time or is_varied else None
        if not is_varied:
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
        calendar, dialect = self.graph.catalog.model.calendar, self.graph.dialect
        if variant.window is None and not self.reads_time:
            message = "A calculation over time needs periods: add metric_time as a dimension, or a filter on it"
            raise SemanticError(Problem.INVALID_QUERY, message)
        finest = finest_dimension(dimensions, calendar)
        unit = finest.granularity if finest is not None else None
        require_parts(dimensions, unit)
        axis = finest_dimension(self.dimensions, calendar)
        if axis is not None and (finest is None or axis.granularity != finest.granularity):
            raise no_total_error(axis, variant, has_start=bool(self.time_filters.lower))
        shifted = plan_shift(time, variant.shift, unit, calendar, dialect) if variant.shift is not None else None
        if variant.window is None:
            assert shifted is not None  # noqa: S101
            filters = [self._replace(item, shifted.time) for item in self.filters]
            relations = []
            if shifted.condition is not None:
                filters.append(RowFilter("", shifted.condition))
                relations.append(DAY_OFFSET)
            axis = self.outer_axis or finest_dimension(self.dimensions, calendar)
            if axis is not None and self.time_filters.high is None:
                period = truncate(shifted.period, axis.granularity, dialect, calendar)  # type: ignore[arg-type]
                filters.append(RowFilter("", exp.LTE(this=period, expression=marker(LAST_PERIOD))))
            values = {METRIC_TIME: shifted.period}
            fact = self._build(root, aggregates, dimensions, filters, values, variant)
            return replace(fact, relations=tuple(relations))
        if finest is None or unit is None:
            message = "A cumulative measure needs the periods of metric_time, such as metric_time by month"
            raise SemanticError(Problem.INVALID_QUERY, message)
        times = self.time_filters
        later = shift(time, variant.shift, dialect) if variant.shift is not None else time
        upper = [self._replace(item, later) for item in times.upper]
        rows = [self._replace(item, time) for item in times.rows]
        periods = over_periods(times.periods, unit)
        values = {METRIC_TIME: marker(PERIOD)}
        if can_add_periods(aggregates, dimensions, variant.window, unit):
            own = self._own_periods(root, aggregates, dimensions, [*rows, *upper], variant, time, unit)
            own_period = marker(OWN_PERIOD)
            condition = window_condition(variant.window, own_period, unit, variant.shift, calendar, dialect, unit)
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
    def time_filters(self) -> TimeFilters:
        """The filters by how they restrict `metric_time`. Raises SemanticError for those that are no range."""
        return split_time_filters(self.filters, self.graph.dialect)

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
        paths = default_paths(self.graph.catalog, root, self.paths, dict(variant.paths))
        tree = JoinTree(root, self.graph, self.graph.dialect, paths)
        named = self._named(filters, values)
        dimensions = _with_values(dimensions, values)
        filters = [RowFilter(item.text, replace_markers(item.condition, values)) for item in filters]
        for dimension in (*dimensions, *named, *self.required):
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
            tree.reach(self.graph.catalog.node(name), column, is_required=is_required, requires_single_row=single)

    def _reach_aggregate(self, tree: JoinTree, aggregate: Aggregate) -> None:
        edge = aggregate.edge
        read = [aggregate.tree, *([edge.over, *edge.per] if edge else [])]
        for part in [*read, *([edge.condition] if edge and edge.condition is not None else [])]:
            self._reach(tree, nodes_of(part), is_required=False, single=True)

    def _reach_filter(self, tree: JoinTree, item: RowFilter) -> None:
        try:
            require_existences(item.condition, tree.root, self.graph, self.graph.dialect)
            self._reach(tree, nodes_of_rows(item.condition, tree.root, self.graph), is_required=True)
        except SemanticError as error:
            message = f"The filter '{item.text}' cannot be applied to {tree.root.name}: {error}"
            raise SemanticError(error.problem, message) from None

    def time(self, root: Node, variant: Variant) -> exp.Expr:
        """Return the time of a fact. Raises SemanticError if its source declares none."""
        text = variant.time or default_time(root)
        if text is None:
            example = next((item.name for item in root.source.columns if item.type == "time"), "created_at")
            message = f"{root.name} has no time column for metric_time"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; declare it in the source, as in `time: {example}`")
        node, name = self.graph.catalog.split(text)
        column = node.column(name)
        if column.type != "time":
            message = f"{text} is of type {column.type}, and cannot be the time of {root.name}"
            raise SemanticError(Problem.WRONG_TYPE, message)
        return localize(model_column(node.name, name), text, column, self.zone, self.graph.dialect)

    def base(self, fact: Fact, filters: Iterable[RowFilter]) -> Fact:
        """Return the fact of the rows of a fact in their own periods, without aggregates, with other filters."""
        variant = replace(fact.variant, shift=None, window=None)
        time = self.time(fact.root, variant)
        own = [self._replace(item, time) for item in filters]
        built = self._build(fact.root, (), (), own, {}, variant)
        self._reach(built.tree, nodes_of(time), is_required=False, single=True)
        return replace(built, variant=variant, time=time)


def _with_values(dimensions: Iterable[Dimension], values: dict[str, exp.Expr]) -> tuple[Dimension, ...]:
    """Return dimensions whose markers have the given values."""
    return tuple(replace(item, tree=replace_markers(item.tree, values)) for item in dimensions)


def default_time(root: Node) -> str | None:
    """Return the time of a source as a field, such as `orders.placed_on`, or None."""
    time = root.source.time
    return time if time is None or "." in time else f"{root.name}.{time}"
