"""SQL of one fact: aggregates over one source without double counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.measures.aggregation import Aggregate, EdgeTime
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.models import Calendar
from semantic_layer.model.references import is_bare_marker, model_column, replace_markers
from semantic_layer.planning.axis import DAY_OFFSET, LAST_PERIOD, MAX_DAY_OFFSET, PERIOD
from semantic_layer.planning.existence import fill_existences
from semantic_layer.planning.measure_columns import MeasureColumns
from semantic_layer.planning.plan import Fact
from semantic_layer.planning.weights import allocate, link_weight, weighted_links
from semantic_layer.rows.calendar_source import CalendarSource, read_calendar
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.periods.functions import fill_periods
from semantic_layer.rows.physical import JoinTreeSql
from semantic_layer.rows.row_lookups import Lookups
from semantic_layer.rows.row_nodes import fill_dimensions
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import map_columns
from semantic_layer.sql.long_lists import write_long_lists
from semantic_layer.sql.names import unique_name
from semantic_layer.sql.statements import aliased, concatenate
from semantic_layer.times.truncation import truncate

_DAY_OFFSETS = "day_offsets"


@dataclass(frozen=True)
class Axis:
    """The generated periods of a statement: the names of the relations `periods`, and `bounds` with their range."""

    periods: str
    bounds: str


@dataclass(frozen=True)
class Context:
    """What the facts of a statement share."""

    dialect: SqlDialect
    clock: Clock
    catalog: Catalog
    include_empty: bool = True
    axis: Axis | None = None

    def read_calendar(self) -> CalendarSource:
        """Return the calendar table of the model, which has one. Raises SemanticError."""
        return read_calendar(self.catalog, self.dialect)

    @property
    def calendar(self) -> Calendar:
        """The calendar of the model."""
        return self.clock.calendar


class FactSql:
    """SQL of a fact: its `rows`, its `dimensions` in the plan's order, and its aggregates."""

    def __init__(self, fact: Fact, context: Context) -> None:
        self._dialect = context.dialect
        self._context = context
        self._fact = fact
        self._tree = JoinTreeSql(
            fact.tree, self._dialect, MeasureColumns(fact.tree.graph, self._dialect, context.clock)
        )
        self._markers: Mapping[str, exp.Expr] = self._marker_values()
        self._edges: dict[EdgeTime, exp.Expr] = {}
        self._weights: list[exp.Expr] = []
        self.rows = self._join_relations(self._tree.select(include_empty=context.include_empty))
        named = {item.name: self._dimension(item) for item in fact.named}
        for item in fact.filters:
            condition = fill_periods(item.condition, fact.tree.graph.catalog, self._dialect)
            condition = fill_existences(condition, fact.root, fact.tree.graph, self._dialect)
            condition = fill_dimensions(self._write_marked(condition), named)
            self.rows = self.rows.where(write_long_lists(condition, self._dialect), copy=False)
        self.dimensions = [self._dimension(item) for item in fact.dimensions]
        self._write: Callable[[exp.Expr], exp.Expr] = self._tree.write
        edges = list(dict.fromkeys(item.edge for item in fact.aggregates if item.edge is not None))
        if fact.aggregates and (fact.tree.has_fan_out or edges):
            self._select_columns(edges)

    def _marker_values(self) -> dict[str, exp.Expr]:
        axis = self._context.axis
        values: dict[str, exp.Expr] = {DAY_OFFSET: self._dialect.column(DAY_OFFSET, _DAY_OFFSETS)}
        if axis is not None:
            last = exp.Select().select(self._dialect.column("high", axis.bounds), copy=False)
            last = last.from_(exp.Table(this=self._dialect.identifier(axis.bounds)), copy=False)
            values |= {PERIOD: self._dialect.column("period", axis.periods), LAST_PERIOD: last.subquery(copy=False)}
        return values

    def _join_relations(self, rows: exp.Select) -> exp.Select:
        for relation in self._fact.relations:
            if relation == DAY_OFFSET:
                table: exp.Expr = _day_offsets(self._dialect)
            else:
                assert self._context.axis is not None  # noqa: S101
                table = exp.Table(this=self._dialect.identifier(self._context.axis.periods))
            rows = rows.join(exp.Join(this=table, kind="CROSS"), copy=False)
        return rows

    def _write_marked(self, tree: exp.Expr) -> exp.Expr:
        return replace_markers(self._tree.write(tree), self._markers)

    def _dimension(self, dimension: Dimension) -> exp.Expr:
        value = self._dialect.as_value(self._write_marked(dimension.tree))
        if dimension.granularity is None:
            return value
        of = self._fact.unit if is_bare_marker(dimension.tree, PERIOD) else None
        if of == dimension.granularity:
            return value
        return truncate(value, dimension.granularity, self._dialect, self._context.calendar, of)

    def _select_columns(self, edges: list[EdgeTime]) -> None:
        """Select the dimensions and all columns of the aggregates in a subquery.

        It removes the fan-out, by one row per row of the fact and group, and has the first and last times of groups.
        """
        names = _Names()
        fact, tree = self._fact, self._tree
        projections = [
            (value, names.add(item.name)) for value, item in zip(self.dimensions, fact.dimensions, strict=True)
        ]
        read = [model_column(fact.root.name, name) for name in fact.root.source.grain]
        read += [
            column for aggregate in fact.aggregates for column in aggregate.tree.find_all(exp.Column) if column.table
        ]
        columns: dict[exp.Expr, str] = {}
        for column in read:
            if column not in columns:
                columns[column] = names.add(column.name)
                projections.append((tree.column(column.table, column.name), columns[column]))
        for link in weighted_links(fact):
            keys = [tree.instance_column(link, name) for name in link.node.source.grain]
            weight = link_weight(keys[0].copy(), tree.instance_column(link, link.node.source.weight or ""))
            self._weights.append(model_column(f"weight of {link.alias}", "weight"))
            columns[self._weights[-1]] = names.add("weight")
            projections += [(key, names.add("link")) for key in keys] + [(weight, columns[self._weights[-1]])]
        edge_names = {edge: names.add(f"{edge.take}_{edge.over.name}") for edge in edges}
        projections += [(self._edge_value(edge), name) for edge, name in edge_names.items()]
        alias = unique_name(f"{fact.root.alias}_rows", {fact.root.alias.lower()})
        inner = self.rows.select(*(aliased(value, name, self._dialect) for value, name in projections), copy=False)
        inner = inner.distinct(copy=False) if fact.tree.has_fan_out else inner
        subquery = inner.subquery(alias=exp.TableAlias(this=self._dialect.identifier(alias)), copy=False)
        self.rows = exp.Select().from_(subquery, copy=False)
        self.dimensions = [self._dialect.column(name, alias) for _, name in projections[: len(fact.dimensions)]]
        self._edges = {edge: self._dialect.column(name, alias) for edge, name in edge_names.items()}

        def write_column(column: exp.Column) -> exp.Expr:
            return self._dialect.column(columns[column], alias) if column.table else column

        lookups = Lookups(self.rows, self._dialect)
        self._write = lambda tree: lookups.attach(map_columns(tree, write_column))

    def _edge_value(self, edge: EdgeTime) -> exp.Expr:
        """Return the first or last time of the group and of each combination of the columns `per`."""
        time = self._tree.write(edge.over)
        if edge.condition is not None:
            time = exp.Case().when(self._tree.write(edge.condition), time)
        extreme = exp.Max(this=time) if edge.take == "last" else exp.Min(this=time)
        partition = [value.copy() for value in self.dimensions] + [self._tree.write(column) for column in edge.per]
        return exp.Window(this=extreme, partition_by=partition)

    def write_value(self, tree: exp.Expr) -> exp.Expr:
        """Return an expression over the rows."""
        return self._write(tree)

    def write_aggregate(self, aggregate: Aggregate) -> exp.Expr:
        """Return an aggregate over the rows."""
        tree = self._write(allocate(aggregate, self._weights) if self._weights else aggregate.tree)
        edge = aggregate.edge
        return replace_markers(tree, {edge.marker: self._edges[edge]}) if edge is not None else tree

    def grouped_select(self) -> exp.Select:
        """Return the SELECT over the rows, grouped by the dimensions, without projections."""
        return (
            self.rows.group_by(*(value.copy() for value in self.dimensions), copy=False)
            if self.dimensions
            else self.rows
        )


class _Names:
    """Unique names of columns."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def add(self, preferred: str) -> str:
        name = unique_name(preferred, self._used)
        self._used.add(name.lower())
        return name


def _day_offsets(dialect: SqlDialect) -> exp.Expr:
    """Return the relation of the numbers 0 to 3."""
    counts = (aliased(exp.Literal.number(count), DAY_OFFSET, dialect) for count in range(MAX_DAY_OFFSET + 1))
    union = concatenate(exp.Select().select(count, copy=False) for count in counts)
    return union.subquery(alias=exp.TableAlias(this=dialect.identifier(_DAY_OFFSETS)), copy=False)
