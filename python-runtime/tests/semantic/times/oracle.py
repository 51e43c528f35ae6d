"""What periods, parts and sums are, by Python's calendar."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache

from semantic_layer.model.models import Calendar, RetailYears
from semantic_layer.times.durations import Duration

WEEKDAYS = [name.lower() for name in calendar.day_name]
_SMALL = {"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


def start(time: datetime, unit: str, rules: Calendar) -> date | datetime | int | None:
    """Return the start of the period of a time, or the part."""
    day, month = time.date(), time.date().replace(day=1)
    if unit in ("second", "minute", "hour"):
        zeros = {"second": {}, "minute": {"second": 0}, "hour": {"second": 0, "minute": 0}}[unit]
        return time.replace(microsecond=0, **zeros)
    if unit.startswith("fiscal_"):
        if rules.retail is not None:
            return _retail_start(day, unit, rules.retail)
        months = {"fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}[unit]
        return _back(month, months, rules.fiscal_year_start)
    if unit == "week":
        return next(d for d in _days_before(day) if WEEKDAYS[d.weekday()] == rules.week_start)
    if unit == "quarter":
        return _back(month, 3, 1)
    return {"day": day, "month": month, "year": day.replace(month=1, day=1)}.get(unit, _part(time, unit))


def _back(month: date, length: int, first: int) -> date:
    """Return the last start, at or before a month, of periods of `length` months from the month `first`."""
    while (month.month - first) % length:
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _days_before(day: date) -> list[date]:
    return [day - timedelta(days=count) for count in range(7)]


def _part(time: datetime, unit: str) -> int | None:
    parts = {
        "hour_of_day": time.hour,
        "day_of_week": time.isoweekday(),
        "day_of_month": time.day,
        "day_of_year": time.timetuple().tm_yday,
        "week_of_year": time.isocalendar()[1],
        "month_of_year": time.month,
        "quarter_of_year": (time.month + 2) // 3,
    }
    return parts.get(unit)


def _retail_start(day: date, unit: str, years: RetailYears) -> date | None:
    starts = retail_starts(unit, years.pattern, years.ends, years.weekday, years.month)
    end = retail_year_end(2069, years.ends, years.weekday, years.month)
    count = bisect_right(starts, day)
    return starts[count - 1] if count and day <= end else None


@lru_cache(maxsize=64)
def retail_starts(unit: str, pattern: str, ends: str, weekday: str, month: int) -> list[date]:
    """Return the starts of periods, from whole weeks that are dealt to the months of each year."""
    starts: list[date] = []
    for year in range(1971, 2070):
        first = retail_year_end(year - 1, ends, weekday, month) + timedelta(days=1)
        periods = {"fiscal_year": [52], "fiscal_quarter": [13] * 4, "fiscal_month": [*map(int, pattern.split("-"))] * 4}
        for weeks in periods[unit]:
            starts.append(first)
            first += timedelta(weeks=weeks)
    return starts


def retail_year_end(year: int, ends: str, weekday: str, month: int) -> date:
    """Return the last day of a year: the last weekday of the month, or the one that is nearest to its end."""
    end = date(year, month, calendar.monthrange(year, month)[1])
    near = [end + timedelta(days=days) for days in range(-6, 7 if ends == "nearest" else 1)]
    return min((d for d in near if WEEKDAYS[d.weekday()] == weekday), key=lambda d: abs(d - end))


def later(time: date, duration: Duration) -> date:
    """Return a date or time after a duration."""
    if duration.unit in _SMALL:
        return time + timedelta(**{_SMALL[duration.unit]: duration.count})
    months = time.year * 12 + time.month - 1 + duration.count * {"month": 1, "quarter": 3, "year": 12}[duration.unit]
    year, month = months // 12, months % 12 + 1
    return time.replace(year=year, month=month, day=min(time.day, calendar.monthrange(year, month)[1]))
