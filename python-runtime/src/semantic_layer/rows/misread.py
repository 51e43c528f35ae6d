"""Errors for common mistakes in queries: expressions as dimensions, and references to other measures of the query."""

from __future__ import annotations

import re

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Catalog
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parse
from semantic_layer.times.truncation import TIME_UNITS

_EXPRESSION = re.compile(r"[()'+*/|<>=%]|::|\s-\s")


def reject_expression(field: str, catalog: Catalog, dialect: SqlDialect) -> None:
    """Raise SemanticError, with the correct form, for a dimension that is an expression."""
    source, _, name = field.strip().rpartition(".")
    node = catalog.find(source)
    public = node.public_columns if node is not None else []
    column, _, unit = name.rpartition(":")
    if column in public and name not in public:
        if unit not in TIME_UNITS:
            raise _dimension_error(field, f"has an unknown granularity; write one of {', '.join(TIME_UNITS)}")
        raise _dimension_error(field, f"has a granularity; write {_format_dimension(f'{source}.{column}', unit)}")
    if name in public or _EXPRESSION.search(name if node is not None else field) is None:
        return
    truncation = _parse_truncation(field, dialect)
    if truncation is not None and truncation[0].rpartition(".")[0] in catalog.nodes:
        raise _dimension_error(field, f"is an expression; write {_format_dimension(*truncation)}")
    raise _dimension_error(field, 'is an expression, not a column; write it as { "expr": …, "name": … }')


def _dimension_error(field: str, what: str) -> SemanticError:
    return SemanticError(Problem.INVALID_QUERY, f"The dimension '{field}' {what}")


def _format_dimension(field: str, unit: str) -> str:
    return f'{{ "field": "{field}", "granularity": "{unit}" }}'


def _parse_truncation(text: str, dialect: SqlDialect) -> tuple[str, str] | None:
    """Return field and unit of a truncation such as `date_trunc('month', orders.placed)`, or None."""
    try:
        tree = parse(text, dialect).unnest()
    except SemanticError:
        return None
    if not isinstance(tree, (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)):
        return None
    column, unit = tree.this.unnest(), str(tree.text("unit")).lower()
    while isinstance(column, exp.Cast):
        column = column.this.unnest()
    is_plain = isinstance(column, exp.Column) and column.table and unit in TIME_UNITS
    return (f"{column.table}.{column.name}", unit) if is_plain else None
