"""Mistakes in queries: expressions as dimensions, and other measures of the query by name."""

from __future__ import annotations

import re
from typing import get_args

from sqlglot import exp

from semantic_layer.catalog import Catalog
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.expressions import map_columns, parse
from semantic_layer.models import ComposedMeasure, Granularity, Query

_UNITS = get_args(Granularity)
_EXPRESSION = re.compile(r"[()'+*/|<>=%]|::|\s-\s")


def refuse_expression(field: str, catalog: Catalog, dialect: SqlDialect) -> None:
    """Refuse a dimension that is an expression, and say how to write it. Raises SemanticError."""
    source, _, name = field.strip().rpartition(".")
    public = catalog.nodes[source].public if source in catalog.nodes else []
    column, _, unit = name.rpartition(":")
    if column in public and name not in public:
        if unit not in _UNITS:
            raise _refused(field, f"has no granularity that there is; it is one of {', '.join(_UNITS)}")
        raise _refused(field, f"has a granularity; write {_with_unit(f'{source}.{column}', unit)}")
    if name in public or _EXPRESSION.search(name if source in catalog.nodes else field) is None:
        return
    found = _truncated(field, dialect)
    if found is not None and found[0].rpartition(".")[0] in catalog.nodes:
        raise _refused(field, f"is an expression; write {_with_unit(*found)}")
    raise _refused(field, "is an expression, not a column; declare a column with this `expr` in its source")


def _refused(field: str, what: str) -> SemanticError:
    return SemanticError(Problem.INVALID_QUERY, f"The dimension '{field}' {what}")


def _with_unit(field: str, unit: str) -> str:
    return f'{{ "field": "{field}", "granularity": "{unit}" }}'


def _truncated(text: str, dialect: SqlDialect) -> tuple[str, str] | None:
    """Read `date_trunc('month', orders.placed)` and its like."""
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


def refuse_composition(text: str, query: Query, dialect: SqlDialect) -> None:
    """Refuse a measure that names other measures of the query, and write it out. Raises SemanticError."""
    given = {item.name: item.expr for item in query.measures if isinstance(item, ComposedMeasure)}
    tree = parse(text, dialect)
    named = list(dict.fromkeys(item.name for item in tree.find_all(exp.Column) if _is_given(item, given)))
    if not named:
        return

    def fill(column: exp.Column) -> exp.Expr:
        return parse(given[column.name], dialect) if _is_given(column, given) else column

    for _ in given:  # what they are made of may again be others
        tree = map_columns(tree, fill)
    names = " and ".join(f"'{name}'" for name in named)
    are = "are other measures" if len(named) > 1 else "is another measure"
    message = f"In '{text}', {names} {are} of the query, and measures cannot use each other by name"
    if not any(_is_given(item, given) for item in tree.find_all(exp.Column)):
        message += f"; write {dialect.write(tree, pretty=False)}"
    raise SemanticError(Problem.INVALID_QUERY, message)


def _is_given(column: exp.Column, given: dict[str, str]) -> bool:
    return not column.table and column.name in given
