"""Periods and parts of times by the units of queries, and the weeks and fiscal years of the calendar."""

from __future__ import annotations

from typing import cast, get_args

from sqlglot import exp

from semantic_layer.model.models import Calendar, Granularity, Weekday
from semantic_layer.model.queries import FiscalGranularity, TimePart, TimeUnit
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.calendar_tables import CalendarPeriod, is_of_table
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
_MONTHS_PER_QUARTER = 3
# So many weeks after the start of a retail period are in the next one, or its start.
_LONGEST_WEEKS = {"fiscal_month": 6, "fiscal_quarter": 14, "fiscal_year": 53}
_FISCAL = {"fiscal_month": "month", "fiscal_quarter": "quarter", "fiscal_year": "year"}


def truncate(
    time: exp.Expr,
    unit: TimeUnit,
    dialect: SqlDialect,
    calendar: Calendar = DEFAULT_CALENDAR,
    of: TimeUnit | None = None,
) -> exp.Expr:
    """Return the start of the period that contains the time, or the part of the time as an integer.

    Periods of days and longer are dates, shorter ones times without a zone. Instants are truncated in the session's
    zone. Times outside of the years of a retail calendar have no fiscal period: NULL, see `retail_warning`. Periods of
    a calendar table are nodes that the generator replaces. `of` says that the time is the start of such a period.
    """
    if is_of_table(unit, calendar):
        if of is not None and is_of_table(of, calendar):
            return time.copy() if of == unit else CalendarPeriod(this=time.copy(), unit=unit, of=of)
        return CalendarPeriod(this=_period(time, "day", dialect), unit=unit)
    if unit in TIME_PARTS:
        return fill(dialect, part_template(unit, dialect.name), x=time)
    if unit in _FISCAL:
        if calendar.retail is not None:
            return truncate_retail(_period(time, "day", dialect), unit, calendar.retail, dialect)
        return _moved(time, _FISCAL[unit], Duration(calendar.fiscal_year_start - 1, "month"), dialect)
    if unit == "week":
        return _moved(time, "week", Duration(_WEEKDAYS.index(calendar.week_start), "day"), dialect)
    return _period(time, unit, dialect)


def next_period(
    period: exp.Expr, unit: TimeUnit, dialect: SqlDialect, calendar: Calendar = DEFAULT_CALENDAR
) -> exp.Expr:
    """Return the start of the period after one that starts at `period`.

    The unit is no part of a time, and its periods are not those of a calendar table.
    """
    if unit in _FISCAL and calendar.retail is not None:
        later = shift(period, Duration(_LONGEST_WEEKS[unit], "week"), dialect)
        return truncate_retail(_period(later, "day", dialect), unit, calendar.retail, dialect)
    return shift(period, Duration(1, cast(Granularity, unit.removeprefix("fiscal_"))), dialect)


def _moved(time: exp.Expr, unit: str, distance: Duration, dialect: SqlDialect) -> exp.Expr:
    """Truncate to periods that start later than those of the database by a distance."""
    if distance.count == 0 or unit == "month":
        return _period(time, unit, dialect)
    if unit == "quarter":
        distance = Duration(distance.count % _MONTHS_PER_QUARTER, "month")
    start = _period(shift(_period(time, distance.unit, dialect), -distance, dialect), unit, dialect)
    return shift(start, distance, dialect)


def _period(time: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    return fill(dialect, period_template(unit, dialect.name), x=time)
