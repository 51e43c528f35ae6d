"""A calendar table of retail years, of 53 and 52 weeks, which lacks some days, and sales on all kinds of days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.semantic.databases import TableData
from tests.semantic.retail import join, source

FIRST, LAST = date(2023, 1, 29), date(2025, 2, 1)
YEARS = (FIRST, date(2024, 2, 4), LAST + timedelta(days=1))
WEEKS = (4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4)
MONTHS_PER_QUARTER = 3
# A day within a fiscal month, and the first day of one.
MISSING = (date(2024, 5, 15), date(2024, 3, 3))
WITHOUT_PERIODS = date(2024, 6, 10)


def fiscal_months() -> list[date]:
    """Return the first days of the fiscal months; the 53rd week is one of the last month of its year."""
    return [start + timedelta(weeks=sum(WEEKS[:number])) for start in YEARS[:2] for number in range(len(WEEKS))]


def table() -> list[list[Any]]:
    """Return the rows of the calendar table: the day, and the first days of its periods."""
    months = fiscal_months()
    quarters = months[::MONTHS_PER_QUARTER]
    rows: list[list[Any]] = []
    for count in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=count)
        week = FIRST + timedelta(days=count - count % 7)
        periods = [max(start for start in starts if start <= day) for starts in (months, quarters, YEARS)]
        found = [None] * 4 if day == WITHOUT_PERIODS else [week, *periods]
        if day not in MISSING:
            rows.append([str(day), *(value and str(value) for value in found), "x" if day.day == 1 else None])
    return rows


PERIODS = ("week_start", "fiscal_month", "fiscal_quarter", "fiscal_year")
DAYS = source("days", "day", f"day:t {' '.join(f'{name}:t' for name in PERIODS)} holiday:s")
SALES = source(
    "sales",
    "id",
    "id:n shop_id:n sold:t amount:n",
    time="sold",
    joins=[("shops", "shop_id = shops.id")],
    measures={"revenue": "sum(amount)", "count": "count(*)", "shops": "count(distinct shop_id)"},
)
SHOPS = source("shops", "id", "id:n city:s")
JOINED = {**SALES, "joins": [*SALES["joins"], join("days", "sold = days.day")]}
SOURCES = [DAYS, SALES, SHOPS]
TABLE = {
    "source": "days",
    "day": "day",
    "week": "week_start",
    **{name: name for name in PERIODS[1:]},
}
MODEL: dict[str, Any] = {"calendar": {"table": TABLE}}

TABLES: dict[str, TableData] = {
    "days": ({"day": "date", **dict.fromkeys(PERIODS, "date"), "holiday": "text"}, table()),
    "shops": ({"id": "int", "city": "text"}, [[1, "Bern"], [2, "Rome"]]),
    "sales": (
        {"id": "int", "shop_id": "int", "sold": "time", "amount": "int"},
        [
            [1, 1, "2023-01-28 23:59:59", 1],  # the day before the table
            [2, 1, "2023-01-29 00:00:00", 2],
            [3, 2, "2024-01-31 12:00:00", 4],  # in the 53rd week
            [4, 1, "2024-02-03 23:59:59", 8],  # the last day of 53 weeks
            [5, 1, "2024-02-04 00:00:00", 16],
            [6, 2, "2024-02-29 08:00:00", 32],  # in the first fiscal month of the second year
            [7, 2, "2024-03-03 09:00:00", 64],  # on a missing first day of a fiscal month
            [8, 1, "2024-03-10 09:00:00", 128],
            [9, 1, "2024-05-15 09:00:00", 256],  # on a missing day
            [10, None, "2024-05-16 09:00:00", 512],
            [11, 2, "2024-06-10 09:00:00", 1024],  # on a day without periods
            [12, 2, "2024-12-31 09:00:00", 2048],
            [13, 1, None, 4096],
            [14, 1, "2025-02-02 00:00:00", 8192],  # the day after the table
        ],
    ),
}
