"""Nodes of conditions that each fact writes in its own way, beside the columns of the model."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp

from semantic_layer.conditions import marker
from semantic_layer.dimension import Dimension


class DimensionValue(exp.Expression):
    """The value of a dimension of the query, as it is grouped; `this` is its expression, `name` that of its column.

    `granularity` is its unit; `is_period` if it is the start of a period, and not a part of a time.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "name": True, "granularity": False, "is_period": False}


def extract_dimensions(condition: exp.Expr) -> tuple[exp.Expr, dict[str, Dimension]]:
    """Return a condition with markers in place of the values of dimensions, and the dimensions by marker."""
    dimensions: dict[str, Dimension] = {}
    if condition.find(DimensionValue) is None:
        return condition, dimensions

    def extract(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, DimensionValue):
            return node
        name = f"dimension {node.args['name']}"
        dimensions[name] = Dimension(node.this, node.args.get("granularity"), name, name)
        return marker(name)

    return condition.transform(extract), dimensions
