"""Expansion of columns of the model into SQL over tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.joins import Instance, JoinTree
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Column, Source
from semantic_layer.rows.row_functions import reject_row_functions
from semantic_layer.rows.row_lookups import Lookups, grain_of
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import (
    expression_error,
    has_aggregate,
    map_columns,
    name_parts,
    parse,
    parse_query,
    parse_table,
)

WriteMeasure = Callable[[Node, Column, Sequence[exp.Expr]], exp.Expr]
"""Writes a column that has a measure, for the row with the keys."""


def expand_column(node: Node, name: str, alias: str, dialect: SqlDialect) -> exp.Expr:
    """Return a declared column as SQL over the table with the alias. Raises SemanticError for cycles."""
    return _expand(node, name, alias, dialect, ())


def _expand(node: Node, name: str, alias: str, dialect: SqlDialect, pending: tuple[str, ...]) -> exp.Expr:
    column = node.column(name)
    if column.measure is not None:
        message = f"The column {node.name}.{name} has a measure; joins, the grain and other columns cannot use it"
        raise SemanticError(Problem.INVALID_MODEL, message)
    if column.expr is None:
        return dialect.column(name, alias)
    if name in pending:
        cycle = " → ".join([*pending[pending.index(name) :], name])
        raise SemanticError(Problem.CYCLE, f"The columns of {node.name} refer to each other in a cycle: {cycle}")
    text = column.expr

    def resolve(reference: exp.Column) -> exp.Expr:
        qualifier, part = name_parts(reference, text)
        if qualifier not in (None, node.name, node.source.name):
            raise expression_error(
                text, f"names '{qualifier}'; a column of {node.source.name} is made of its own columns only"
            )
        declared = node.fields.columns.get(part)
        if declared is not None and (declared.expr or declared.measure) and part != name:
            return _expand(node, part, alias, dialect, (*pending, name))
        physical = reference.copy()
        physical.set("table", dialect.identifier(alias))
        if declared is not None and not reference.this.args.get("quoted"):
            physical.set("this", dialect.identifier(part))
        return physical

    tree = parse(text, dialect)
    reject_row_functions(tree, text)
    if has_aggregate(tree):
        raise expression_error(text, "is a column and cannot hold an aggregate; make it a measure")
    return map_columns(tree, resolve, copy=False)


def source_relation(source: Source, alias: str, dialect: SqlDialect) -> exp.Expr:
    """Return the table or the query of a source under an alias. Raises SemanticError."""
    if (source.table is None) == (source.sql is None):
        message = f"The source {source.name} needs either `table` or `sql`, and not both"
        raise SemanticError(Problem.INVALID_MODEL, message)
    if source.sql is not None:
        return parse_query(source.sql, dialect).subquery(alias=exp.TableAlias(this=dialect.identifier(alias)))
    table = parse_table(source.table or "", dialect)
    if table.name != alias or len(table.parts) > 1:
        table.set("alias", exp.TableAlias(this=dialect.identifier(alias)))
    return table


class JoinTreeSql:
    """SQL of a join tree: its FROM clause, and expressions of the model over its tables."""

    def __init__(self, tree: JoinTree, dialect: SqlDialect, measure_columns: WriteMeasure | None = None) -> None:
        self._tree = tree
        self._dialect = dialect
        self._measure_columns = measure_columns
        self._lookups: Lookups | None = None

    def column(self, node: str, name: str) -> exp.Expr:
        """Return a column of the model as a value."""
        return self._dialect.as_value(self._attach(self._expand_column(node, name)))

    def write_value(self, tree: exp.Expr) -> exp.Expr:
        """Return an expression of the model as SQL that is a value, not a condition."""
        return self._dialect.as_value(self.write(tree))

    def write(self, tree: exp.Expr) -> exp.Expr:
        """Return an expression of the model as SQL."""

        def write_column(column: exp.Column) -> exp.Expr:
            if not column.table:
                return column  # a marker
            if _is_condition(column):
                return self._expand_column(column.table, column.name)
            return self.column(column.table, column.name)

        return self._attach(map_columns(tree, write_column))

    def _attach(self, tree: exp.Expr) -> exp.Expr:
        """Join the subqueries of lookups to the SELECT."""
        return self._lookups.attach(tree) if self._lookups is not None else tree

    def _expand_column(self, node: str, name: str) -> exp.Expr:
        return self._expand_instance_column(self._tree.instance(node), name)

    def instance_column(self, instance: Instance, name: str) -> exp.Expr:
        """Return a column of a table of the tree as a value."""
        return self._dialect.as_value(self._attach(self._expand_instance_column(instance, name)))

    def _expand_instance_column(self, instance: Instance, name: str) -> exp.Expr:
        column = instance.node.column(name)
        if column.measure is not None and self._measure_columns is not None:
            grain = grain_of(instance.node, f"{instance.node.name}.{name}")
            keys = [expand_column(instance.node, key, instance.alias, self._dialect) for key in grain]
            return self._measure_columns(instance.node, column, keys)
        return expand_column(instance.node, name, instance.alias, self._dialect)

    def select(self, *, include_empty: bool) -> exp.Select:
        """Return a SELECT from all tables; without `include_empty`, required tables are joined by inner joins."""
        first, *others = self._tree.instances
        select = exp.Select().from_(source_relation(first.node.source, first.alias, self._dialect), copy=False)
        for instance in others:
            is_inner = instance.is_required and not include_empty
            table = source_relation(instance.node.source, instance.alias, self._dialect)
            join = exp.Join(this=table, side=None if is_inner else "LEFT", on=self._condition(instance))
            select = select.join(join, copy=False)
        self._lookups = Lookups(select, self._dialect)
        return select

    def _condition(self, instance: Instance) -> exp.Expr:
        edge, parent = instance.edge, instance.parent
        assert edge is not None  # noqa: S101
        assert parent is not None  # noqa: S101

        def write_column(column: exp.Column) -> exp.Expr:
            end = instance if column.table == instance.node.name else parent
            return expand_column(end.node, column.name, end.alias, self._dialect)

        return map_columns(self._tree.condition(edge), write_column)


def _is_condition(column: exp.Column) -> bool:
    """Return whether the column is used as a condition."""
    node: exp.Expr = column
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    parent = node.parent
    return parent is None or isinstance(parent, (exp.Connector, exp.Not)) or _is_when(node, parent)


def _is_when(node: exp.Expr, parent: exp.Expr) -> bool:
    return isinstance(parent, exp.If) and parent.this is node
