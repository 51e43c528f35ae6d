"""Periods of times in Python, for the oracle: their starts, and times a duration later."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import Any

Length = tuple[int, str]
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}
UNITS = ("day", "week", "month", "quarter", "year")
_PARTS = {
    "hour_of_day": lambda time: time.hour,
    "day_of_week": lambda time: time.isoweekday(),
    "day_of_month": lambda time: time.day,
    "day_of_year": lambda time: time.timetuple().tm_yday,
    "week_of_year": lambda time: time.isocalendar()[1],
    "month_of_year": lambda time: time.month,
    "quarter_of_year": lambda time: (time.month + 2) // 3,
}
PARTS = tuple(_PARTS)


def read_time(text: str | None) -> datetime | None:
    """Return the time of a text."""
    return None if text is None else datetime.fromisoformat(text)


def period_of(time: datetime | None, unit: str) -> Any:
    """Return the start of the period of a time, or a part of it."""
    if time is None:
        return None
    return _PARTS[unit](time) if unit in _PARTS else start_of(time, unit)


def start_of(time: datetime, unit: str) -> datetime:
    """Return the start of the period of a time; weeks start on Monday."""
    day = time.replace(hour=0, minute=0, second=0)
    if unit == "hour":
        return time.replace(minute=0, second=0)
    if unit in DAYS:
        return day if unit == "day" else day - timedelta(days=day.weekday())
    length = MONTHS[unit]
    return day.replace(day=1, month=(day.month - 1) // length * length + 1)


def add(time: datetime, length: Length, times: int = 1) -> datetime:
    """Return the time a duration later; a day that the month does not have is its last one."""
    count, unit = length[0] * times, length[1]
    if unit in DAYS:
        return time + timedelta(days=count * DAYS[unit])
    year, month = divmod(time.year * 12 + time.month - 1 + count * MONTHS[unit], 12)
    last = calendar.monthrange(year, month + 1)[1]
    return time.replace(year=year, month=month + 1, day=min(time.day, last))


def text_of(length: Length) -> str:
    """Return the text of a duration."""
    return f"{length[0]} {length[1]}" + ("s" if length[0] > 1 else "")
