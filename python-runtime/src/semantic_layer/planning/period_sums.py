"""Values of several periods that follow from those of each, such as sums, counts and extremes."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.measures.variants import Window
from semantic_layer.model.queries import TimeUnit
from semantic_layer.planning.axis import has_whole_periods
from semantic_layer.rows.dimension import Dimension

OWN_PERIOD = "own_period"
"""The marker, and the column, of the period of the groups that are added up."""


def refold(tree: exp.Expr, column: exp.Expr) -> exp.Expr | None:
    """Return the aggregate of several groups from that of each, or None if it does not follow from them."""
    if isinstance(tree.this, exp.Distinct):
        return None
    if isinstance(tree, (exp.Sum, exp.Count)):
        return exp.Sum(this=column)
    return type(tree)(this=column) if isinstance(tree, (exp.Min, exp.Max)) else None


def can_add_periods(
    aggregates: tuple[Aggregate, ...], dimensions: tuple[Dimension, ...], window: Window, unit: TimeUnit
) -> bool:
    """Return whether the values of a window follow from those of its periods."""
    return (
        has_whole_periods(window, unit)
        and all(item.edge is None and refold(item.tree, exp.Null()) is not None for item in aggregates)
        and all(not (item.is_metric_time and item.nodes) for item in dimensions)
    )
