"""The values that an enumeration or a check constraint allows in a column."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Value
from semantic_layer.model.tables import Table
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parse

# Constraints with more values list members of a large set rather than the states of a column.
_MAX_VALUES = 100

_Allowed = tuple[str, list[Value]]


def allowed_values(table: Table, dialect: SqlDialect) -> dict[str, list[Value]]:
    """Return the allowed values by column: labels of enumerations, and the lists of checks (`status IN ('a', 'b')`)."""
    allowed: dict[str, list[Value]] = {}
    for check in table.checks:
        try:
            tree = parse(check.expression, dialect)
        except SemanticError:
            continue
        for part in _conjuncts(tree):
            if (found := _read(part)) is not None and len(found[1]) <= _MAX_VALUES:
                allowed.setdefault(found[0], found[1])
    labels = {column.name: list[Value](column.enum_values) for column in table.columns if column.enum_values}
    return allowed | {name: values for name, values in labels.items() if len(values) <= _MAX_VALUES}


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    tree = _plain(tree)
    if isinstance(tree, exp.And):
        return _conjuncts(tree.left) + _conjuncts(tree.right)
    return [tree]


def _plain(tree: exp.Expr) -> exp.Expr:
    """Remove parentheses, casts, character sets and the keyword CHECK around an expression."""
    while True:
        if isinstance(tree, (exp.Paren, exp.Cast)):
            tree = tree.this
        elif isinstance(tree, exp.Introducer):
            tree = tree.expression
        elif isinstance(tree, exp.Anonymous) and tree.name.upper() == "CHECK" and len(tree.expressions) == 1:
            tree = tree.expressions[0]
        else:
            return tree


def _read(tree: exp.Expr) -> _Allowed | None:
    """Return the column and the values of a condition that lists all values of one column, or None."""
    tree = _plain(tree)
    if isinstance(tree, exp.In) and tree.expressions:
        return _list(tree.this, tree.expressions)
    if isinstance(tree, exp.EQ):
        right = _plain(tree.right)
        if isinstance(right, exp.Any):
            array = _plain(right.this)
            return _list(tree.left, array.expressions) if isinstance(array, exp.Array) else None
        return _list(tree.left, [right])
    if isinstance(tree, exp.Or):
        left, right_list = _read(tree.left), _read(tree.right)
        is_same = left is not None and right_list is not None and left[0] == right_list[0]
        return (left[0], left[1] + right_list[1]) if is_same and left and right_list else None
    return None


def _list(column: exp.Expr, items: list[exp.Expr]) -> _Allowed | None:
    reference = _plain(column)
    literals = [_plain(item) for item in items]
    if not isinstance(reference, exp.Column) or not all(isinstance(item, exp.Literal) for item in literals):
        return None
    return reference.name, [item.name if item.is_string else _number(item.name) for item in literals]


def _number(text: str) -> Value:
    return int(text) if text.isdigit() else float(text)
