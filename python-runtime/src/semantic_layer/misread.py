"""Errors for common mistakes in queries: expressions as dimensions, and references to other measures of the query."""

from __future__ import annotations

import re
from typing import get_args

from sqlglot import exp

from semantic_layer.catalog import Catalog
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.expressions import map_columns, parse
from semantic_layer.models import Granularity
from semantic_layer.queries import ComposedMeasure, Query

_UNITS = get_args(Granularity)
_EXPRESSION = re.compile(r"[()'+*/|<>=%]|::|\s-\s")


def reject_expression(field: str, catalog: Catalog, dialect: SqlDialect) -> None:
    """Raise SemanticError, with the correct form, for a dimension that is an expression."""
    source, _, name = field.strip().rpartition(".")
    public = catalog.nodes[source].public_columns if source in catalog.nodes else []
    column, _, unit = name.rpartition(":")
    if column in public and name not in public:
        if unit not in _UNITS:
            raise _dimension_error(field, f"has an unknown granularity; write one of {', '.join(_UNITS)}")
        raise _dimension_error(field, f"has a granularity; write {_format_dimension(f'{source}.{column}', unit)}")
    if name in public or _EXPRESSION.search(name if source in catalog.nodes else field) is None:
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
    is_plain = isinstance(column, exp.Column) and column.table and unit in _UNITS
    return (f"{column.table}.{column.name}", unit) if is_plain else None


def reject_composition(text: str, query: Query, dialect: SqlDialect) -> None:
    """Raise SemanticError, with the expanded expression, for a measure that refers to other measures of the query."""
    composed = {item.name: item.expr for item in query.measures if isinstance(item, ComposedMeasure)}
    tree = parse(text, dialect)
    named = list(dict.fromkeys(item.name for item in tree.find_all(exp.Column) if _is_composed(item, composed)))
    if not named:
        return

    def fill(column: exp.Column) -> exp.Expr:
        return parse(composed[column.name], dialect) if _is_composed(column, composed) else column

    for _ in composed:  # expressions may refer to further measures
        tree = map_columns(tree, fill)
    names = " and ".join(f"'{name}'" for name in named)
    are = "are other measures" if len(named) > 1 else "is another measure"
    message = f"In '{text}', {names} {are} of the query, and measures cannot use each other by name"
    if not any(_is_composed(item, composed) for item in tree.find_all(exp.Column)):
        message += f"; write {dialect.write(tree, pretty=False)}"
    raise SemanticError(Problem.INVALID_QUERY, message)


def _is_composed(column: exp.Column, composed: dict[str, str]) -> bool:
    return not column.table and column.name in composed
