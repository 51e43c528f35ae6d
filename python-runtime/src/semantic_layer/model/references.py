"""References of expressions to columns of the model, and markers for values that each fact has."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from semantic_layer.sql.expressions import map_columns


def model_column(node: str, column: str) -> exp.Column:
    """Return a reference to a column of the model, with its node in place of a table."""
    return exp.Column(this=exp.to_identifier(column, quoted=True), table=exp.to_identifier(node, quoted=True))


METRIC_TIME = "metric_time"
"""The name of the time of each fact, in queries and as a marker in trees."""


def marker(name: str) -> exp.Column:
    """Return a column without a node, which stands for a value that each fact has, such as its time."""
    return exp.Column(this=exp.to_identifier(name, quoted=True))


def has_marker(tree: exp.Expr, name: str) -> bool:
    """Return whether an expression contains a marker."""
    return any(not column.table and column.name == name for column in tree.find_all(exp.Column))


def is_bare_marker(tree: exp.Expr, name: str) -> bool:
    """Return whether an expression is a marker only."""
    tree = tree.unnest()
    return isinstance(tree, exp.Column) and not tree.table and tree.name == name


def replace_markers(tree: exp.Expr, values: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return an expression with the given markers replaced."""

    def replace(column: exp.Column) -> exp.Expr:
        return values[column.name].copy() if not column.table and column.name in values else column

    return map_columns(tree, replace)


def nodes_of(tree: exp.Expr) -> dict[str, str]:
    """Return the nodes that an expression reads, each with one of the columns."""
    return {column.table: column.name for column in tree.find_all(exp.Column) if column.table}
