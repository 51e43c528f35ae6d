"""The units of periods: the start of the unit that contains a local time, and starts that are units apart.

Fiscal months, quarters and years follow the calendar of the model: twelve months from its first month, or whole weeks
in the pattern of retail years. Those of a calendar table cannot be computed: all functions raise SemanticError.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import get_args

from semantic_layer.model.models import Calendar, Weekday
from semantic_layer.rows.periods import retail
from semantic_layer.times.calendar_tables import reject_table_unit

UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year")
SHORT_UNITS = ("minute", "hour")
_WEEKDAYS = get_args(Weekday)
_DURATIONS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONTHS_PER_YEAR = 12


def start_of(moment: datetime, unit: str, calendar: Calendar) -> datetime:
    """Return the start of the unit that contains a local time."""
    if unit == "minute":
        return moment.replace(second=0, microsecond=0)
    if unit == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    return datetime.combine(_first_day(moment.date(), unit, calendar), time())


def _first_day(day: date, unit: str, calendar: Calendar) -> date:
    reject_table_unit(unit, calendar)
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=(day.weekday() - _WEEKDAYS.index(calendar.week_start)) % 7)
    if unit.startswith("fiscal_") and calendar.retail is not None:
        return retail.period_start(day, unit, 0, calendar.retail)
    length = _MONTHS[unit.removeprefix("fiscal_")]
    first = calendar.fiscal_year_start - 1 if unit.startswith("fiscal_") else 0
    months = _month_number(day) - first
    return _month_start(months - months % length + first)


def shift(start: datetime, count: int, unit: str, calendar: Calendar) -> datetime:
    """Return the start of the unit that is `count` units after the unit that starts at `start`."""
    reject_table_unit(unit, calendar)
    if unit in _DURATIONS:
        return start + count * _DURATIONS[unit]
    if unit.startswith("fiscal_") and calendar.retail is not None:
        return datetime.combine(retail.period_start(start.date(), unit, count, calendar.retail), time())
    months = _month_number(start.date()) + count * _MONTHS[unit.removeprefix("fiscal_")]
    return datetime.combine(_month_start(months), time())


def fiscal_year_start(year: int, calendar: Calendar) -> datetime:
    """Return the start of the fiscal year that is named `year`, the calendar year in which it ends."""
    reject_table_unit("fiscal_year", calendar)
    if calendar.retail is not None:
        return datetime.combine(retail.year_start(year, calendar.retail), time())
    first = calendar.fiscal_year_start
    return datetime(year if first == 1 else year - 1, first, 1)


def _month_number(day: date) -> int:
    """Return the months since the year 0."""
    return day.year * _MONTHS_PER_YEAR + day.month - 1


def _month_start(number: int) -> date:
    return date(number // _MONTHS_PER_YEAR, number % _MONTHS_PER_YEAR + 1, 1)
