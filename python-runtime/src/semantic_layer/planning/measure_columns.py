"""Columns with the measure of another source for each row: the number of orders of each customer.

The measure is aggregated by the grain of the column's source in a subquery, which each row looks up. Without rows of
the other source, a count is 0 and every other aggregate NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.default_paths import default_paths
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.joins import JoinTree
from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.measures.measures import Measures
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Column
from semantic_layer.model.references import nodes_of
from semantic_layer.rows.parameters import Parameters
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.physical import JoinTreeSql
from semantic_layer.rows.row_lookups import Lookup, grain_of
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import is_not_null, parenthesize


@dataclass(frozen=True)
class MeasureColumns:
    """Writes columns with measures; `pending` are the columns that are being written, to find cycles."""

    graph: JoinGraph
    dialect: SqlDialect
    clock: Clock
    pending: tuple[str, ...] = ()

    def __call__(self, node: Node, column: Column, keys: Sequence[exp.Expr]) -> exp.Expr:
        """Return the value of a column for the row with the keys. Raises SemanticError."""
        name = f"{node.source.name}.{column.name}"
        if name in self.pending:
            cycle = " → ".join([*self.pending[self.pending.index(name) :], name])
            raise SemanticError(Problem.CYCLE, f"The measures of columns refer to each other in a cycle: {cycle}")
        tree, aggregates = self._resolve(column.measure or "", name)
        entity = self.graph.catalog.node(node.source.name)
        inner = MeasureColumns(self.graph, self.dialect, self.clock, (*self.pending, name))

        def look_up(item: exp.Expr) -> exp.Expr:
            if not isinstance(item, exp.Placeholder):
                return item
            aggregate = aggregates[item.name]
            same_root = [other for other in aggregates.values() if other.root is aggregate.root]
            finder = _MeasureFinder(entity, name, tuple(same_root), inner)
            value: exp.Expr = Lookup(expressions=[key.copy() for key in keys], finder=finder, value=aggregate.key)
            return parenthesize(_count_or_zero(value, keys) if aggregate.is_count else value, item)

        return tree.transform(look_up)

    def check(self, node: Node, column: Column) -> None:
        """Raise SemanticError if the measure of a column cannot be aggregated for each row."""
        keys = [exp.column(name) for name in grain_of(node, f"{node.name}.{column.name}")]
        for lookup in self(node, column, keys).find_all(Lookup):
            lookup.args["finder"].select([f"key_{number}" for number in range(len(keys))])

    def _resolve(self, text: str, name: str) -> tuple[exp.Expr, dict[str, Aggregate]]:
        """Return the calculation of a measure or metric, and its aggregates by placeholder."""
        catalog = self.graph.catalog
        measures = Measures(catalog, self.graph, self.dialect, Parameters({}, self.dialect), self.clock)
        if text in catalog.metrics:
            tree = measures.resolve_metric(text)
        else:
            tree = measures.resolve_declared(*catalog.split(text))
        plain = {key: item for key, item in measures.aggregates.items() if isinstance(item, Aggregate)}
        is_varied = any(item.edge or item.variant.shift or item.variant.window for item in plain.values())
        if is_varied or measures.calculations or len(plain) < len(measures.aggregates):
            message = f"The column {name} has the measure {text}, which is not a plain aggregate of rows"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; a column needs one that is")
        return tree, plain


def _count_or_zero(count: exp.Expr, keys: Sequence[exp.Expr]) -> exp.Expr:
    """Return a count, 0 without rows, and NULL where the row that is counted for is missing itself."""
    exists = is_not_null(keys[0].copy())
    return exp.Case().when(exists, exp.func("COALESCE", count, exp.Literal.number(0)), copy=False)


@dataclass(frozen=True)
class _MeasureFinder:
    """Aggregates over one source by the grain of an entity."""

    entity: Node
    column: str
    aggregates: tuple[Aggregate, ...]
    measure_columns: MeasureColumns

    @property
    def label(self) -> str:
        return f"{self.column} of {self.aggregates[0].root.name}"

    def select(self, keys: Sequence[str]) -> exp.Select:
        graph, dialect = self.measure_columns.graph, self.measure_columns.dialect
        root, variant = self.aggregates[0].root, self.aggregates[0].variant
        tree = JoinTree(root, graph, dialect, default_paths(graph.catalog, root, {}, dict(variant.paths)))
        grain = grain_of(self.entity, self.column)
        for name in grain:
            tree.reach(self.entity, name, is_required=True, requires_single_row=True)
        for aggregate in self.aggregates:
            for node, column in nodes_of(aggregate.tree).items():
                tree.reach(graph.catalog.node(node), column, is_required=False, requires_single_row=True)
        sql = JoinTreeSql(tree, dialect, self.measure_columns)
        select = sql.select(include_empty=False)
        values = [sql.column(self.entity.name, name) for name in grain]
        columns = [exp.alias_(value, dialect.identifier(key)) for value, key in zip(values, keys, strict=True)]
        columns += [exp.alias_(sql.write(item.tree), dialect.identifier(item.key)) for item in self.aggregates]
        return select.select(*columns, copy=False).group_by(*(value.copy() for value in values), copy=False)
