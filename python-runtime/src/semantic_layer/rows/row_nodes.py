"""Nodes of conditions and dimensions that each fact writes in its own way, beside the columns of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from sqlglot import exp


class DimensionValue(exp.Expression):
    """The value of a dimension of the query, as it is grouped; `this` is its expression, `name` that of its column.

    `unit` is the period to which a time is truncated; a part of a time, which is a number, has none.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "name": True, "unit": False}


class InPeriod(exp.Expression, exp.Predicate):
    """A condition that `metric_time`, which each fact replaces by its own time, is in a `Period`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "period": True, "clock": True}


def named_dimensions(conditions: Iterable[exp.Expr]) -> set[str]:
    """Return the names of the dimensions that conditions name."""
    return {node.args["name"] for tree in conditions for node in tree.find_all(DimensionValue)}


def fill_dimensions(condition: exp.Expr, values: Mapping[str, exp.Expr]) -> exp.Expr:
    """Replace the dimensions in a condition by their SQL."""
    if condition.find(DimensionValue) is None:
        return condition

    def fill(node: exp.Expr) -> exp.Expr:
        return exp.paren(values[node.args["name"]].copy()) if isinstance(node, DimensionValue) else node

    return condition.transform(fill)
