"""Fiscal years of whole weeks: 4-4-5 and its variants, with 52 or 53 weeks.

A 53rd week belongs to the last month of the year.
"""

from __future__ import annotations

from datetime import date, timedelta

from semantic_layer.model.models import RetailYears
from semantic_layer.times.retail import year_end

_QUARTERS = 4
_WEEK = timedelta(days=7)


def year_start(year: int, years: RetailYears) -> date:
    """Return the first day of the fiscal year that ends with the month `years.month` of the calendar year `year`."""
    return year_end(year - 1, years) + timedelta(days=1)


def period_start(day: date, unit: str, count: int, years: RetailYears) -> date:
    """Return the start of the unit that is `count` units after the one with the day."""
    year = day.year - 1
    while year_start(year + 1, years) <= day:
        year += 1
    length = _lengths(unit, years)
    weeks = (day - year_start(year, years)) // _WEEK
    index = sum(1 for position in range(1, len(length)) if sum(length[:position]) <= weeks)
    years_after, index = divmod(index + count, len(length))
    return year_start(year + years_after, years) + sum(length[:index]) * _WEEK


def _lengths(unit: str, years: RetailYears) -> list[int]:
    """Return the weeks of the units of a year; the last one may have one more."""
    pattern = [int(weeks) for weeks in years.pattern.split("-")]
    quarter = pattern if unit == "fiscal_month" else [sum(pattern)]
    return quarter * _QUARTERS if unit != "fiscal_year" else [sum(pattern) * _QUARTERS]
