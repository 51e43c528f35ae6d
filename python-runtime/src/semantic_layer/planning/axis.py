"""The time axis of a query: the periods of `metric_time`, their range, and earlier periods to compare with.

An offset of months moves a month to a month, so that the time of a row is truncated before it is shifted. A day has no
day in every other month (March 30 has none in February), and several days may have the same day before them (March 28
to 31 have February 28): there, a row is related to each day whose date that long before is the day of the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.variants import Window
from semantic_layer.model.models import Calendar, Granularity
from semantic_layer.model.queries import FiscalGranularity, TimeUnit
from semantic_layer.model.references import marker
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.calendar_tables import is_of_table
from semantic_layer.times.durations import Duration
from semantic_layer.times.truncation import next_period, truncate

PERIOD = "period"
"""The marker of the period of the axis."""
DAY_OFFSET = "day_offset"
"""The marker of the number of days, 0 to 3, after the day that an offset of months leads to."""
LAST_PERIOD = "last_period"
"""The marker of the last period of the axis."""
MAX_DAY_OFFSET = 3  # February 28 to March 31

PERIOD_UNITS: tuple[TimeUnit, ...] = (*get_args(Granularity), *get_args(FiscalGranularity))
_MONTHS: dict[TimeUnit, int] = {
    "month": 1,
    "fiscal_month": 1,
    "quarter": 3,
    "fiscal_quarter": 3,
    "year": 12,
    "fiscal_year": 12,
}
_SECONDS: dict[TimeUnit, int] = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def finest_dimension(dimensions: Iterable[Dimension], calendar: Calendar) -> Dimension | None:
    """Return the dimension with the finest periods of `metric_time`, or None. Raises SemanticError.

    The periods of the others have to consist of its periods: a week, or one of a retail year, is in no single month.
    """
    axis = [item for item in dimensions if item.is_metric_time and item.granularity in PERIOD_UNITS]
    if not axis:
        return None
    finest = min(axis, key=lambda item: _length(item.granularity))
    unit = finest.granularity or "day"
    other = next((item for item in axis if not _is_within(unit, item.granularity or unit, calendar)), None)
    if other is not None:
        message = f"{finest.name} and {other.name} cannot be the periods of one calculation over time"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}, because a {unit} can be in two of them; leave one out")
    return finest


def _length(unit: TimeUnit | None) -> int:
    """Return an approximate length in seconds."""
    assert unit is not None  # noqa: S101
    return _SECONDS.get(unit) or _MONTHS[unit] * 28 * 86_400


def _months(duration: Duration) -> int | None:
    return duration.count * _MONTHS[duration.unit] if duration.unit in _MONTHS else None


@dataclass(frozen=True)
class Shift:
    """How the rows of an earlier period are related to a period.

    `period` replaces the time in dimensions, `time` in filters; `condition` relates a row to a day.
    """

    period: exp.Expr
    time: exp.Expr
    condition: exp.Expr | None = None


def plan_shift(
    time: exp.Expr, duration: Duration, unit: TimeUnit | None, calendar: Calendar, dialect: SqlDialect
) -> Shift:
    """Return how rows are shifted to the period that is `duration` later. Raises SemanticError.

    `unit` is that of the finest periods of the query, None without any.
    """
    shifted = shift(time, duration, dialect)
    if unit is None:
        return Shift(shifted, shifted)
    require_comparable(unit, duration, calendar)
    if _months(duration) is None:
        return Shift(shifted, shifted)
    if unit != "day":
        return Shift(shift(truncate(time, "month", dialect), duration, dialect), shifted)
    day = truncate(time, "day", dialect)
    first = shift(day, duration, dialect)
    period = exp.Case(this=marker(DAY_OFFSET))
    for count in range(MAX_DAY_OFFSET + 1):
        later = shift(first, Duration(count, "day"), dialect) if count else first.copy()
        period = period.when(exp.Literal.number(count), later, copy=False)
    before = shift(period.copy(), Duration(-duration.count, duration.unit), dialect)
    return Shift(period, period, exp.EQ(this=before, expression=day.copy()))


def require_comparable(unit: TimeUnit, duration: Duration, calendar: Calendar) -> None:
    """Raise SemanticError if the periods that long before are no periods of the unit."""
    months = _months(duration)
    if is_of_table(unit, calendar):
        raise _offset_error(unit, duration, "the periods of a calendar table can differ in length; group by day")
    if unit.startswith("fiscal") and calendar.retail is not None:
        raise _offset_error(unit, duration, "fiscal years of whole weeks differ in length; group by week")
    if unit in _MONTHS:
        if months is None or months % _MONTHS[unit]:
            raise _offset_error(unit, duration, f"the offset has to be a number of {unit}s; group by a finer unit")
    elif months is not None:
        if unit == "week":
            raise _offset_error(unit, duration, "weeks and months do not align; write '52 weeks', or group by day")
        if unit != "day":
            raise _offset_error(unit, duration, "group by day or a coarser unit")
    elif duration.count * _SECONDS[duration.unit] % _SECONDS[unit]:
        raise _offset_error(unit, duration, f"the offset has to be a number of {unit}s; group by a finer unit")


def has_whole_periods(window: Window, unit: TimeUnit) -> bool:
    """Return whether a window consists of whole periods of a unit; see `window_condition` for periods to date."""
    duration = window.duration
    if duration is None:
        return True
    months = _months(duration)
    if unit in _MONTHS:
        return months is not None and months % _MONTHS[unit] == 0 and not unit.startswith("fiscal")
    if months is not None:
        return unit == "day"
    return duration.count * _SECONDS[duration.unit] % _SECONDS[unit] == 0


def _offset_error(unit: TimeUnit, duration: Duration, why: str) -> SemanticError:
    return SemanticError(Problem.INVALID_QUERY, f"A {unit} cannot be compared with that of {duration} before: {why}")


def window_condition(
    window: Window,
    time: exp.Expr,
    unit: TimeUnit,
    before: Duration | None,
    calendar: Calendar,
    dialect: SqlDialect,
    of: TimeUnit | None = None,
) -> exp.Expr:
    """Return the condition of the rows that count for a period: up to its end, from the start of the window.

    `of` says that the times are starts of periods of that unit. Raises SemanticError for a period to date of which the
    period is no part.
    """
    period: exp.Expr = marker(PERIOD)
    is_table = is_of_table(unit, calendar)
    if is_table and window.duration is not None:
        message = f"Windows of {window.duration} cannot be grouped by {unit}, whose ends the calendar table has"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; group by day, or write period_to_date")
    if before is not None:
        period = truncate(shift(period, Duration(-before.count, before.unit), dialect), unit, dialect, calendar)
    if is_table:
        condition: exp.Expr = exp.LTE(this=truncate(time, unit, dialect, calendar, of), expression=period)
    else:
        end = next_period(period, unit, dialect, calendar)
        condition = exp.LT(this=time.copy(), expression=end)
        if window.duration is not None:
            start = shift(end.copy(), Duration(-window.duration.count, window.duration.unit), dialect)
            condition = exp.and_(condition, exp.GTE(this=time.copy(), expression=start), copy=False)
    if window.unit is not None:
        _require_within(unit, window.unit, calendar)
        start = truncate(period.copy(), window.unit, dialect, calendar, unit)
        if is_of_table(window.unit, calendar):
            own = truncate(time.copy(), window.unit, dialect, calendar, of)
            return exp.and_(condition, exp.EQ(this=own, expression=start), copy=False)
        condition = exp.and_(condition, exp.GTE(this=time.copy(), expression=start), copy=False)
    return condition


def _require_within(unit: TimeUnit, longer: TimeUnit, calendar: Calendar) -> None:
    """Raise SemanticError for a period that can be in several of the longer unit, such as a week in two months."""
    if not _is_within(unit, longer, calendar):
        message = f"A {longer} to date cannot be grouped by {unit}, because a {unit} is no part of one {longer}"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; group by a shorter unit, such as day")


def _is_within(unit: TimeUnit, longer: TimeUnit, calendar: Calendar) -> bool:
    if unit == longer or _SECONDS.get(unit, _SECONDS["week"]) < _SECONDS["week"]:
        return True
    if unit not in _MONTHS or longer not in _MONTHS or _MONTHS[unit] > _MONTHS[longer]:
        return False
    if unit.startswith("fiscal_") == longer.startswith("fiscal_"):
        return True
    if calendar.retail is not None or is_of_table("fiscal_year", calendar):
        return False
    return (calendar.fiscal_year_start - 1) % _MONTHS[unit] == 0
