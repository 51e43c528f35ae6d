"""Warnings about comparisons with values that a column does not have, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlglot import exp

from semantic_layer.errors import MAX_LISTED, format_suggestion
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.models import Column
from semantic_layer.planning.plan import Plan
from semantic_layer.rows.dimension import Dimension

# From fine to coarse; weeks and months do not nest, which does not matter here.
_GRANULARITIES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def value_warnings(plan: Plan, catalog: Catalog) -> list[str]:
    """Return warnings for literals that are compared for equality with a column that has other values only."""
    comparisons = (found for item in plan.row_filters for found in _comparisons(item.condition, catalog))
    warnings = filter(None, (_warning(*comparison) for comparison in comparisons))
    return list(dict.fromkeys(islice(warnings, MAX_LISTED)))  # a long list may have thousands


def granularity_warnings(plan: Plan) -> list[str]:
    """Return warnings for dimensions with a finer granularity than their times have."""
    finer = ((item, item.column) for item in plan.dimensions if item.column is not None)
    return [
        f"The times of {item.field} are {column.granularity}s, so that a granularity of {item.granularity} "
        "gives no finer groups"
        for item, column in finer
        if _is_finer(item, column)
    ]


def _is_finer(item: Dimension, column: Column) -> bool:
    finest = column.granularity
    if finest is None or item.granularity not in _GRANULARITIES:
        return False
    return _GRANULARITIES.index(item.granularity) < _GRANULARITIES.index(finest)


def _comparisons(condition: exp.Expr, catalog: Catalog) -> Iterator[tuple[str, Column, exp.Expr]]:
    """Yield the field, the column and the literal of each comparison for equality."""
    for part in condition.find_all(exp.EQ, exp.NEQ):
        for column, literal in ((part.left, part.right), (part.right, part.left)):
            yield from _pair(column, literal, catalog)
    for membership in condition.find_all(exp.In):
        for literal in membership.expressions:
            yield from _pair(membership.this, literal, catalog)


def _pair(column: exp.Expr, literal: exp.Expr, catalog: Catalog) -> Iterator[tuple[str, Column, exp.Expr]]:
    reference, value = column.unnest(), literal.unnest()
    if isinstance(reference, exp.Column) and reference.table and isinstance(value, exp.Literal):
        node = catalog.node(reference.table)
        yield f"{node.name}.{reference.name}", node.column(reference.name), value


def _warning(field: str, column: Column, literal: exp.Expr) -> str | None:
    known = [str(value) for value in column.values]
    if not known or any(_is_same(literal.name, value) for value in known):
        return None
    suggestion = format_suggestion(literal.name, known)
    return f"{field} has no value '{literal.name}' among those that are known{suggestion}"


def _is_same(text: str, value: str) -> bool:
    """Return whether two texts are equal, also as numbers: databases compare `1` and `1.0` as equal."""
    if text == value:
        return True
    try:
        return float(text) == float(value)
    except ValueError:
        return False
