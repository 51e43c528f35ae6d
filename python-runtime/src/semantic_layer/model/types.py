"""Type checks by the declared types of columns, such as sums of texts."""

from __future__ import annotations

import re

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.models import ColumnType
from semantic_layer.model.references import METRIC_TIME
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import expression_error

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_BOOLEAN_TEXTS = {"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"}
_TIME = re.compile(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:.*)$")
_ZONE = re.compile(r":.*([+-]\d{2}|Z$)")
_WITHOUT_TIME_LITERALS = {"trino"}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def declared_type(tree: exp.Expr, catalog: Catalog) -> ColumnType | None:
    """Return the declared type of a column reference, or None for other expressions."""
    tree = tree.unnest()
    if not isinstance(tree, exp.Column) or isinstance(tree.this, exp.Star):
        return None
    if not tree.table:
        return "time" if tree.name == METRIC_TIME else None
    return catalog.node(tree.table).column(tree.name).type


def require_number(tree: exp.Expr, catalog: Catalog, text: str) -> None:
    """Raise SemanticError if an expression is declared as another type than number."""
    column_type = declared_type(tree.expressions[0] if isinstance(tree, exp.Distinct) else tree, catalog)
    if column_type is not None and column_type != "number":
        column = next(tree.find_all(exp.Column))
        message = f"{column.table}.{column.name} is of type {column_type}; sum and avg need a number"
        raise SemanticError(Problem.WRONG_TYPE, f"The expression '{text}' has a wrong type: {message}")


def require_condition(tree: exp.Expr, catalog: Catalog, text: str) -> None:
    """Raise SemanticError for an expression that is no condition, and for comparisons with literals of another type."""
    top = tree.unnest()
    column_type = declared_type(top, catalog)
    is_condition = (
        isinstance(top, (exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.Escape)) or column_type == "boolean"
    )
    is_call = isinstance(top, (exp.Func, exp.Case)) and not isinstance(top, exp.AggFunc)
    if not is_condition and not is_call:
        raise expression_error(text, "is not a condition; write a comparison, such as orders.status = 'paid'")
    for comparison in tree.find_all(*_COMPARISONS):
        _require_comparable(comparison.left, comparison.right, catalog, text)
        _require_comparable(comparison.right, comparison.left, catalog, text)
    for membership in tree.find_all(exp.In):
        for value in membership.expressions:
            _require_comparable(membership.this, value, catalog, text)
    for between in tree.find_all(exp.Between):
        _require_comparable(between.this, between.args["low"], catalog, text)
        _require_comparable(between.this, between.args["high"], catalog, text)


def cast_time_literals(tree: exp.Expr, catalog: Catalog, dialect: SqlDialect) -> exp.Expr:
    """Cast literals that are compared with a time, in dialects without implicit casts."""
    if dialect.name not in _WITHOUT_TIME_LITERALS:
        return tree
    for literal in [node for node in tree.find_all(exp.Literal) if node.is_string and _is_beside_time(node, catalog)]:
        # The dialect requires a space in place of the T of ISO 8601.
        text = _TIME.sub(r"\1 \2", literal.name)
        literal.replace(exp.cast(exp.Literal.string(text), "timestamptz" if _ZONE.search(text) else "timestamp"))
    return tree


def _is_beside_time(literal: exp.Expr, catalog: Catalog) -> bool:
    parent = literal.parent
    if not isinstance(parent, (*_COMPARISONS, exp.In, exp.Between)):
        return False
    compared = [parent.left, parent.right] if isinstance(parent, _COMPARISONS) else [parent.this]
    return any(declared_type(node, catalog) == "time" for node in compared)


def _require_comparable(column: exp.Expr, literal: exp.Expr, catalog: Catalog, text: str) -> None:
    declared = declared_type(column, catalog)
    if declared is None or not isinstance(literal, (exp.Literal, exp.Boolean)) or _is_compatible(literal, declared):
        return
    reference = column.unnest()
    name = f"{reference.text('table')}.{reference.name}" if reference.text("table") else reference.name
    value = f"'{literal.name}'" if literal.is_string else literal.sql()
    if "parameter" in literal.meta:
        value = f"the parameter ':{literal.meta['parameter']}'"
    message = f"{name} is of type {declared} and is compared with {value}"
    raise SemanticError(Problem.WRONG_TYPE, f"The expression '{text}' has a wrong type: {message}")


def _is_compatible(literal: exp.Expr, declared: ColumnType) -> bool:
    if isinstance(literal, exp.Boolean):
        return declared == "boolean"
    if declared == "number":
        return not literal.is_string or _NUMBER.fullmatch(literal.name) is not None
    if declared == "boolean":
        return literal.name.lower() in _BOOLEAN_TEXTS
    return bool(literal.is_string)
