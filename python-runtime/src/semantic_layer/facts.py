"""One fact as SQL: the aggregates over one source, each row of it counted once in every group."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.conditions import reference
from semantic_layer.dialects import SqlDialect
from semantic_layer.expressions import map_columns
from semantic_layer.granularity import truncate
from semantic_layer.measures import Aggregate
from semantic_layer.names import free_name
from semantic_layer.physical import TreeSql
from semantic_layer.plan import Dimension, Fact, Plan


class FactSql:
    """The rows of a fact, the `dimensions` over them in the plan's order, and `aggregate` for each aggregate."""

    def __init__(self, fact: Fact, plan: Plan, dialect: SqlDialect) -> None:
        self._dialect = dialect
        tree = TreeSql(fact.tree, dialect)
        rows = tree.select(include_empty=plan.include_empty)
        for item in plan.row_filters:
            rows = rows.where(tree.write(item.condition), copy=False)
        self.dimensions = [self._dimension(item, tree) for item in plan.dimensions]
        self._write: Callable[[exp.Expr], exp.Expr] = tree.write
        self.rows = rows
        if fact.tree.has_fan_out and fact.aggregates:
            self._make_distinct(fact, plan, tree)

    def _dimension(self, dimension: Dimension, tree: TreeSql) -> exp.Expr:
        column = tree.column(dimension.node.name, dimension.column.name)
        return truncate(column, dimension.granularity, self._dialect) if dimension.granularity else column

    def _make_distinct(self, fact: Fact, plan: Plan, tree: TreeSql) -> None:
        """Undo the fan-out: one row for each row of the fact in each group, with all columns that aggregates read."""
        taken: set[str] = set()
        names: dict[exp.Expr, str] = {}

        def add(wanted: str) -> str:
            name = free_name(wanted, taken)
            taken.add(name.lower())
            return name

        projections = [(value, add(item.name)) for value, item in zip(self.dimensions, plan.dimensions, strict=True)]
        read = [reference(fact.root.name, name) for name in fact.root.source.grain]
        read += [column for aggregate in fact.aggregates for column in aggregate.tree.find_all(exp.Column)]
        for column in read:
            if column not in names:
                names[column] = add(column.name)
                projections.append((tree.column(column.table, column.name), names[column]))
        alias = free_name(f"{fact.root.name}_rows", {fact.root.name.lower()})
        inner = self.rows.select(*(self._alias(value, name) for value, name in projections), copy=False).distinct(
            copy=False
        )
        self.rows = exp.Select().from_(
            inner.subquery(alias=exp.TableAlias(this=self._dialect.identifier(alias)), copy=False), copy=False
        )
        self.dimensions = [self._dialect.column(name, alias) for _, name in projections[: len(plan.dimensions)]]
        self._write = lambda aggregate: map_columns(aggregate, lambda item: self._dialect.column(names[item], alias))

    def aggregate(self, aggregate: Aggregate) -> exp.Expr:
        """Write an aggregate over the rows."""
        return self._write(aggregate.tree)

    def grouped(self) -> exp.Select:
        """Return the SELECT over the rows, grouped by the dimensions, without projections."""
        return (
            self.rows.group_by(*(value.copy() for value in self.dimensions), copy=False)
            if self.dimensions
            else self.rows
        )

    def _alias(self, value: exp.Expr, name: str) -> exp.Expr:
        return exp.alias_(value, self._dialect.identifier(name), copy=False)
