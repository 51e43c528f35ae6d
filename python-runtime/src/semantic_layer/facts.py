"""SQL of one fact: aggregates over one source without double counting."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.conditions import model_column
from semantic_layer.dialects import SqlDialect
from semantic_layer.existence import fill_existences
from semantic_layer.expressions import map_columns
from semantic_layer.granularity import truncate
from semantic_layer.long_lists import write_long_lists
from semantic_layer.measure_columns import MeasureColumns
from semantic_layer.measures import Aggregate
from semantic_layer.names import unique_name
from semantic_layer.periods.functions import fill_periods
from semantic_layer.physical import JoinTreeSql
from semantic_layer.plan import Dimension, Fact, Plan
from semantic_layer.row_lookups import Lookups
from semantic_layer.row_nodes import fill_dimensions


class FactSql:
    """SQL of a fact: its `rows`, its `dimensions` in the plan's order, and its aggregates."""

    def __init__(self, fact: Fact, plan: Plan, dialect: SqlDialect) -> None:
        self._dialect = dialect
        tree = JoinTreeSql(fact.tree, dialect, MeasureColumns(fact.tree.graph, dialect))
        rows = tree.select(include_empty=plan.include_empty)
        self.dimensions = [self._dimension(item, tree) for item in plan.dimensions]
        values = {item.name: value for item, value in zip(plan.dimensions, self.dimensions, strict=True)}
        for item in plan.row_filters:
            condition = fill_periods(item.condition, fact.tree.graph.catalog, dialect)
            condition = fill_existences(condition, fact.root, fact.tree.graph, dialect)
            condition = write_long_lists(fill_dimensions(tree.write(condition), values), dialect)
            rows = rows.where(condition, copy=False)
        self._write: Callable[[exp.Expr], exp.Expr] = tree.write
        self.rows = rows
        if fact.tree.has_fan_out and fact.aggregates:
            self._deduplicate(fact, plan, tree)

    def _dimension(self, dimension: Dimension, tree: JoinTreeSql) -> exp.Expr:
        value = tree.write_value(dimension.tree)
        return truncate(value, dimension.granularity, self._dialect) if dimension.granularity else value

    def _deduplicate(self, fact: Fact, plan: Plan, tree: JoinTreeSql) -> None:
        """Remove the fan-out: select one row per row of the fact and group, with all columns of the aggregates."""
        used_names: set[str] = set()
        names: dict[exp.Expr, str] = {}

        def add(preferred: str) -> str:
            name = unique_name(preferred, used_names)
            used_names.add(name.lower())
            return name

        projections = [(value, add(item.name)) for value, item in zip(self.dimensions, plan.dimensions, strict=True)]
        read = [model_column(fact.root.name, name) for name in fact.root.source.grain]
        read += [column for aggregate in fact.aggregates for column in aggregate.tree.find_all(exp.Column)]
        for column in read:
            if column not in names:
                names[column] = add(column.name)
                projections.append((tree.column(column.table, column.name), names[column]))
        alias = unique_name(f"{fact.root.name}_rows", {fact.root.name.lower()})
        inner = self.rows.select(*(self._alias(value, name) for value, name in projections), copy=False).distinct(
            copy=False
        )
        self.rows = exp.Select().from_(
            inner.subquery(alias=exp.TableAlias(this=self._dialect.identifier(alias)), copy=False), copy=False
        )
        self.dimensions = [self._dialect.column(name, alias) for _, name in projections[: len(plan.dimensions)]]
        lookups = Lookups(self.rows, self._dialect)
        self._write = lambda aggregate: lookups.attach(
            map_columns(aggregate, lambda item: self._dialect.column(names[item], alias))
        )

    def write_aggregate(self, aggregate: Aggregate) -> exp.Expr:
        """Return an aggregate over the rows."""
        return self._write(aggregate.tree)

    def grouped_select(self) -> exp.Select:
        """Return the SELECT over the rows, grouped by the dimensions, without projections."""
        return (
            self.rows.group_by(*(value.copy() for value in self.dimensions), copy=False)
            if self.dimensions
            else self.rows
        )

    def _alias(self, value: exp.Expr, name: str) -> exp.Expr:
        return exp.alias_(value, self._dialect.identifier(name), copy=False)
