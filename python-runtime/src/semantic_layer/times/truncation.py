"""Periods and parts of times by the units of queries, and the weeks and fiscal years of the calendar."""

from __future__ import annotations

from typing import get_args

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.models import Calendar, Granularity, Weekday
from semantic_layer.queries import FiscalGranularity, TimePart, TimeUnit
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.durations import Duration
from semantic_layer.times.parts import part_template
from semantic_layer.times.periods import period_template
from semantic_layer.times.retail import truncate_retail
from semantic_layer.times.templates import fill

TIME_UNITS: tuple[str, ...] = (*get_args(Granularity), *get_args(FiscalGranularity), *get_args(TimePart))
"""All units of queries."""
TIME_PARTS: tuple[str, ...] = get_args(TimePart)
"""Units that give a number in place of the start of a period."""
DEFAULT_CALENDAR = Calendar()
"""Weeks that start on Monday, and fiscal years that are those of the calendar."""

_WEEKDAYS = get_args(Weekday)
_FISCAL = {"fiscal_month": "month", "fiscal_quarter": "quarter", "fiscal_year": "year"}


def truncate(time: exp.Expr, unit: TimeUnit, dialect: SqlDialect, calendar: Calendar = DEFAULT_CALENDAR) -> exp.Expr:
    """Return the start of the period that contains the time, or the part of the time as an integer.

    Periods of days and longer are dates, shorter ones times without a zone. Instants are truncated in the session's
    zone. Times outside of the years of a retail calendar have no fiscal period: NULL, see `retail.limits`.
    """
    if unit in TIME_PARTS:
        return fill(dialect, part_template(unit, dialect.name), x=time)
    if unit in _FISCAL:
        if calendar.retail is not None:
            return truncate_retail(_period(time, "day", dialect), unit, calendar.retail, dialect)
        return _moved(time, _FISCAL[unit], Duration(calendar.fiscal_year_start - 1, "month"), dialect)
    if unit == "week":
        return _moved(time, "week", Duration(_WEEKDAYS.index(calendar.week_start), "day"), dialect)
    return _period(time, unit, dialect)


def _moved(time: exp.Expr, unit: str, distance: Duration, dialect: SqlDialect) -> exp.Expr:
    """Truncate to periods that start later than those of the database by a distance."""
    if distance.count == 0 or unit == "month":
        return _period(time, unit, dialect)
    if distance.unit == "month":
        distance = Duration(distance.count % 3, "month") if unit == "quarter" else distance
        time = _period(time, "month", dialect)
    else:
        time = _period(time, "day", dialect)
    start = _period(shift(time, -distance, dialect), unit, dialect)
    return shift(start, distance, dialect)


def _period(time: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    return fill(dialect, period_template(unit, dialect.name), x=time)
