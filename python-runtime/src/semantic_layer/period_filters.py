"""Conditions on `metric_time` as conditions on the periods of the axis, such as the year of a month."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from semantic_layer.axis import PERIOD
from semantic_layer.conditions import METRIC_TIME, marker, replace_markers
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.filters import RowFilter
from semantic_layer.queries import TimeUnit
from semantic_layer.row_nodes import DimensionValue

_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_PARTS: dict[type[exp.Expr], str] = {exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month"}
# For periods of months: the functions whose value is the same on all days of each of them.
_COARSER: dict[TimeUnit, tuple[str, ...]] = {
    "month": ("month", "quarter", "year"),
    "quarter": ("quarter", "year"),
    "year": ("year",),
}


def over_periods(items: Iterable[RowFilter], unit: TimeUnit) -> list[RowFilter]:
    """Return conditions over functions of `metric_time` as conditions on the first day of each period.

    Raises SemanticError for a function that differs within a period, such as the day of the time by month.
    """
    conditions = []
    for item in items:
        markers = (column for column in item.condition.find_all(exp.Column) if not column.table)
        if not all(_is_of_periods(column, unit) for column in markers if column.name == METRIC_TIME):
            message = f"The filter '{item.text}' is not about whole {unit}s, which calculations over time need"
            raise SemanticError(Problem.INVALID_QUERY, f"{message}; group by day, or compare metric_time with values")
        conditions.append(RowFilter(item.text, replace_markers(item.condition, {METRIC_TIME: marker(PERIOD)})))
    return conditions


def _is_of_periods(column: exp.Expr, unit: TimeUnit) -> bool:
    parent = column.parent
    while isinstance(parent, (exp.Paren, exp.Cast, exp.TsOrDsToDate)):
        parent = parent.parent
    if unit == "day" or isinstance(parent, DimensionValue):
        return True
    if isinstance(parent, exp.Extract):
        function = parent.this.name
    elif isinstance(parent, _TRUNCATIONS):
        function = parent.text("unit")
    else:
        function = next((name for kind, name in _PARTS.items() if isinstance(parent, kind)), "")
    return function.lower() in _COARSER.get(unit, ())
