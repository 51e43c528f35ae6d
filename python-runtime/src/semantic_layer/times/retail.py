"""Fiscal periods of whole weeks: years of 52 or 53 weeks, quarters of 13, and months by a pattern such as 4-4-5.

The 53rd week of a year belongs to its last quarter and month. The years are computed here, and the SQL has those that
end with a 53rd week: between them, the start of a period follows from the days since the start of a year.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import sqlglot
from sqlglot import exp

from semantic_layer.model.models import RetailYears, Weekday
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import add_computed
from semantic_layer.times.templates import fill

FIRST_YEAR = 1970
"""The first fiscal year starts after the end, in this calendar year, of the one before."""
LAST_YEAR = 2069
"""The last fiscal year ends in the month of this calendar year, or within three days of it."""

_WEEKDAYS = get_args(Weekday)
_DAYS_PER_WEEK, _DAYS_PER_QUARTER, _DAYS_PER_YEAR = 7, 91, 364
_WITH_CLOSE_DAY = 3

_DATE = {"clickhouse": "toDate32('{day}')", "sqlite": "'{day}'"}
_DAYS_SINCE = {
    "bigquery": "DATE_DIFF(x, {date}, DAY)",
    "clickhouse": "dateDiff('day', {date}, x)",
    "databricks": "CAST(DATEDIFF(x, {date}) AS INT)",
    "duckdb": "CAST(x - {date} AS INT)",
    "mysql": "DATEDIFF(x, {date})",
    "postgres": "x - {date}",
    "redshift": "DATEDIFF(DAY, {date}, x)",
    "snowflake": "DATEDIFF(DAY, {date}, x)",
    "sqlite": "CAST(JULIANDAY(x) - JULIANDAY({date}) AS INTEGER)",
    "trino": "DATE_DIFF('DAY', {date}, x)",
    "tsql": "DATEDIFF(DAY, {date}, x)",
}
_PERIODS = (
    "SELECT {period} AS period FROM {bounds} AS b CROSS JOIN ({starts}) AS y CROSS JOIN ({days}) AS d"
    " WHERE {period} BETWEEN b.low AND b.high"
)


@dataclass(frozen=True)
class _Run:
    """Consecutive fiscal years, of which the last one has a 53rd week, on `extra`."""

    start: date
    extra: date


def truncate_retail(day: exp.Expr, unit: str, years: RetailYears, dialect: SqlDialect) -> exp.Expr:
    """Return the start of the fiscal period that contains a date; NULL outside of the years."""
    starts = year_starts(years)
    choice = exp.Case().when(_is_before(day, starts[0], dialect), exp.Null(), copy=False)
    for run in _runs(starts):
        regular = add_computed(day, _days_to_start(day, run.start, unit, years, dialect), "day", dialect)
        choice = choice.when(_is_before(day, min(run.extra, starts[-1]), dialect), regular, copy=False)
        if run.extra < starts[-1]:
            last = run.extra - timedelta(days=_last_period(unit, years))
            end = run.extra + timedelta(days=_DAYS_PER_WEEK)
            choice = choice.when(_is_before(day, end, dialect), _date(last, dialect), copy=False)
    return choice if dialect.name in ("clickhouse", "sqlite") else exp.cast(choice, "date", copy=False)


def retail_periods(bounds: str, unit: str, years: RetailYears, dialect: SqlDialect) -> exp.Query:
    """Return the query of the fiscal periods from `low` to `high` of the only row of `bounds`."""
    starts = " UNION ALL ".join(
        f"SELECT {dialect.write(_date(day, dialect), pretty=False)} AS first_day" for day in year_starts(years)[:-1]
    )
    days = " UNION ALL ".join(f"SELECT {days} AS days" for days in _days_of_periods(unit, years))
    start = add_computed(exp.column("first_day", "y"), exp.column("days", "d"), "day", dialect)
    period = dialect.write(start, pretty=False)
    table = dialect.write(dialect.identifier(bounds), pretty=False)
    text = _PERIODS.format(period=period, bounds=table, starts=starts, days=days)
    return sqlglot.parse_one(text, dialect=dialect.sqlglot, into=exp.Select)


def retail_warning(years: RetailYears) -> str:
    """Return which times have no fiscal period, as a sentence for the plan."""
    starts = year_starts(years)
    return f"Times before {starts[0]} and from {starts[-1]} on have no fiscal period, and NULL in its place"


def year_starts(years: RetailYears) -> list[date]:
    """Return the first days of the fiscal years, and the day after the last one."""
    return [year_end(year, years) + timedelta(days=1) for year in range(FIRST_YEAR, LAST_YEAR + 1)]


def year_end(year: int, years: RetailYears) -> date:
    """Return the last day of the fiscal year that ends with the month `years.month` of the calendar year `year`."""
    last = date(year, years.month, calendar.monthrange(year, years.month)[1])
    days_after = (last.weekday() - _WEEKDAYS.index(years.weekday)) % _DAYS_PER_WEEK
    is_later = years.ends == "nearest" and days_after > _WITH_CLOSE_DAY
    return last - timedelta(days=days_after - (_DAYS_PER_WEEK if is_later else 0))


def _runs(starts: list[date]) -> list[_Run]:
    runs: list[_Run] = []
    first = starts[0]
    for start, end in pairwise(starts):
        extra = start + timedelta(days=_DAYS_PER_YEAR)
        if extra < end or end == starts[-1]:
            runs.append(_Run(first, extra))
            first = end
    return runs


def _days_of_periods(unit: str, years: RetailYears) -> list[int]:
    """Return the days from the start of a year to the starts of its periods."""
    if unit == "fiscal_year":
        return [0]
    quarters = range(0, _DAYS_PER_YEAR, _DAYS_PER_QUARTER)
    return [quarter + days for quarter in quarters for days in (_months(years) if unit == "fiscal_month" else [0])]


def _months(years: RetailYears) -> list[int]:
    """Return the days from the start of a quarter to the starts of its months."""
    first, second, _ = (int(weeks) * _DAYS_PER_WEEK for weeks in years.pattern.split("-"))
    return [0, first, first + second]


def _last_period(unit: str, years: RetailYears) -> int:
    """Return the days from the start of the last period of a year to its 53rd week."""
    return _DAYS_PER_YEAR - _days_of_periods(unit, years)[-1]


def _days_to_start(day: exp.Expr, start: date, unit: str, years: RetailYears, dialect: SqlDialect) -> exp.Expr:
    """Return the days, none or negative, from a date to the start of its period, in years of 52 weeks."""
    length = _DAYS_PER_YEAR if unit == "fiscal_year" else _DAYS_PER_QUARTER
    text = _DAYS_SINCE[dialect.name].format(date=dialect.write(_date(start, dialect), pretty=False))
    days = exp.paren(exp.Mod(this=exp.paren(fill(dialect, text, x=day)), expression=exp.Literal.number(length)))
    if unit != "fiscal_month":
        return exp.Sub(this=exp.Literal.number(0), expression=days)
    _, second, third = _months(years)
    month = exp.Case()
    for end, begin in ((second, 0), (third, second)):
        month = month.when(exp.LT(this=days.copy(), expression=exp.Literal.number(end)), str(begin), copy=False)
    return exp.Sub(this=month.else_(str(third), copy=False), expression=days)


def _is_before(day: exp.Expr, end: date, dialect: SqlDialect) -> exp.Expr:
    return exp.LT(this=day.copy(), expression=_date(end, dialect))


def _date(day: date, dialect: SqlDialect) -> exp.Expr:
    return fill(dialect, _DATE.get(dialect.name, "CAST('{day}' AS DATE)").format(day=day.isoformat()))
