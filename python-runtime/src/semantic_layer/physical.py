"""From columns of the model to columns of tables."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.catalog import Node
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.expressions import has_aggregate, invalid, map_columns, name_parts, parse, parse_query, parse_table
from semantic_layer.joins import Instance, JoinTree
from semantic_layer.models import Source


def column_tree(node: Node, name: str, alias: str, dialect: SqlDialect) -> exp.Expr:
    """Write a declared column as SQL over the table that `alias` names. Raises SemanticError for circles."""
    return _expand(node, name, alias, dialect, ())


def _expand(node: Node, name: str, alias: str, dialect: SqlDialect, within: tuple[str, ...]) -> exp.Expr:
    column = node.column(name)
    if column.expr is None:
        return dialect.column(name, alias)
    if name in within:
        circle = " → ".join([*within[within.index(name) :], name])
        raise SemanticError(Problem.CYCLE, f"The columns of {node.name} refer to each other in a circle: {circle}")
    text = column.expr

    def resolve(reference: exp.Column) -> exp.Expr:
        qualifier, part = name_parts(reference, text)
        if qualifier not in (None, node.name, node.source.name):
            raise invalid(text, f"names '{qualifier}'; a column of {node.source.name} is made of its own columns only")
        declared = node.fields.columns.get(part)
        if declared is not None and declared.expr is not None and part != name:
            return _expand(node, part, alias, dialect, (*within, name))
        physical = reference.copy()
        physical.set("table", dialect.identifier(alias))
        if declared is not None and not reference.this.args.get("quoted"):
            physical.set("this", dialect.identifier(part))
        return physical

    tree = parse(text, dialect)
    if has_aggregate(tree):
        raise invalid(text, "is a column and cannot hold an aggregate; make it a measure")
    return map_columns(tree, resolve)


def relation(source: Source, alias: str, dialect: SqlDialect) -> exp.Expr:
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


class TreeSql:
    """A tree of joins as SQL: its FROM clause, and expressions of the model over its tables."""

    def __init__(self, tree: JoinTree, dialect: SqlDialect) -> None:
        self._tree = tree
        self._dialect = dialect

    def column(self, node: str, name: str) -> exp.Expr:
        """Write a column of the model as a value."""
        return self._dialect.value(self._tree_of(node, name))

    def write(self, tree: exp.Expr) -> exp.Expr:
        """Write an expression of the model."""

        def place(column: exp.Column) -> exp.Expr:
            if _is_condition(column):
                return self._tree_of(column.table, column.name)
            return self.column(column.table, column.name)

        return map_columns(tree, place)

    def _tree_of(self, node: str, name: str) -> exp.Expr:
        instance = self._tree.instance(node)
        return column_tree(instance.node, name, instance.alias, self._dialect)

    def select(self, *, include_empty: bool) -> exp.Select:
        """Return a SELECT from all tables; those that groups or filters need keep rows out unless `include_empty`."""
        first, *others = self._tree.instances
        select = exp.Select().from_(relation(first.node.source, first.alias, self._dialect), copy=False)
        for instance in others:
            is_inner = instance.is_required and not include_empty
            table = relation(instance.node.source, instance.alias, self._dialect)
            join = exp.Join(this=table, side=None if is_inner else "LEFT", on=self._condition(instance))
            select = select.join(join, copy=False)
        return select

    def _condition(self, instance: Instance) -> exp.Expr:
        edge, parent = instance.edge, instance.parent
        assert edge is not None  # noqa: S101
        assert parent is not None  # noqa: S101

        def place(column: exp.Column) -> exp.Expr:
            end = instance if column.table == instance.node.name else parent
            return column_tree(end.node, column.name, end.alias, self._dialect)

        return map_columns(self._tree.condition(edge), place)


def _is_condition(column: exp.Column) -> bool:
    """Return whether a condition is expected where the column stands."""
    node: exp.Expr = column
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    around = node.parent
    return around is None or isinstance(around, (exp.Connector, exp.Not)) or _is_when(node, around)


def _is_when(node: exp.Expr, around: exp.Expr) -> bool:
    return isinstance(around, exp.If) and around.this is node
