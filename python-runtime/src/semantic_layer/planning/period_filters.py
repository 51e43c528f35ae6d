"""Conditions and dimensions over `metric_time` that follow from the periods of the axis, such as the year."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.variants import Variant
from semantic_layer.model.queries import TimeUnit
from semantic_layer.model.references import METRIC_TIME, marker, replace_markers
from semantic_layer.planning.axis import PERIOD, PERIOD_UNITS
from semantic_layer.planning.filters import RowFilter
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.row_nodes import DimensionValue

_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_PARTS: dict[type[exp.Expr], str] = {exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month"}
# For periods of months: the functions whose value is the same on all days of each of them.
_COARSER: dict[TimeUnit, tuple[str, ...]] = {
    "month": ("month", "quarter", "year"),
    "quarter": ("quarter", "year"),
    "year": ("year",),
}


_HOURS: tuple[TimeUnit, ...] = ("second", "minute", "hour")
_DAYS: tuple[TimeUnit, ...] = (*_HOURS, "day")
# The periods that have one value of each part; `None` is an expression.
_PERIODS_OF_PARTS: dict[TimeUnit | None, tuple[TimeUnit, ...]] = {
    "hour_of_day": _HOURS,
    "month_of_year": (*_DAYS, "month"),
    "quarter_of_year": (*_DAYS, "month", "quarter"),
    None: ("day",),
}


def require_parts(dimensions: Iterable[Dimension], unit: TimeUnit | None) -> None:
    """Raise SemanticError for a dimension over `metric_time` that can have several values in one period of the axis."""
    for item in dimensions:
        is_part = item.is_metric_time and item.granularity not in PERIOD_UNITS
        if item.is_metric_time and item.nodes:
            message = f"{item.name} is an expression over metric_time and other columns"
            raise SemanticError(Problem.INVALID_QUERY, f"{message}; calculations over time need a dimension for each")
        if is_part and unit not in _PERIODS_OF_PARTS.get(item.granularity, _DAYS):
            period = "hour" if item.granularity == "hour_of_day" else "day"
            message = f"{item.name} is a part of a time; calculations over time need metric_time by {period} beside it"
            raise SemanticError(Problem.INVALID_QUERY, message)


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


def no_total_error(axis: Dimension, variant: Variant, *, has_start: bool) -> SemanticError:
    """Return the error for a fixed value that leaves out the periods of the axis, over which it reads other ones.

    `has_start` says that a filter gives the first period, before which the rows of a window are no part of a total.
    """
    call, other = _OTHER_PERIODS[variant.window.kind if variant.window is not None and variant.shift is None else None]
    message = f"{call} has a value for each {axis.name}, and no total over them, as fixed values and shares need"
    advice = f"name the periods, as in percent_of_total({call}, {axis.name}) and fixed({call}, {axis.name})"
    if other is not None and not has_start:
        advice += f", or write {other} for the part of the total until the end of each period"
    return SemanticError(Problem.INVALID_QUERY, f"{message}; {advice}")


# How a measure of other periods is written, and what to divide in place of its total.
_OTHER_PERIODS = {
    "all": ("cumulative(m)", "cumulative(m) / fixed(m)"),
    "rolling": ("rolling(m, …)", None),
    "to_date": ("period_to_date(m, …)", None),
    None: ("previous(m, …)", None),
}
