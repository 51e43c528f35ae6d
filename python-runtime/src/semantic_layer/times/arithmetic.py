"""Addition of durations to dates and times.

Months, quarters and years keep the day of the month, or end on the last day of a shorter month: a month after January
31 is the end of February.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.model.models import Granularity
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.durations import Duration
from semantic_layer.times.templates import fill

_DATEADD = "DATEADD({unit}, {count}, x)"
_TEMPLATES = {
    "bigquery": "DATETIME_ADD(CAST(x AS DATETIME), INTERVAL ({count}) {unit})",
    "clickhouse": "add{unit}s(x, {count})",
    "databricks": "x + INTERVAL '{count}' {unit}",
    "duckdb": "x + INTERVAL '{count}' {unit}",
    "mysql": "DATE_ADD(x, INTERVAL '{count}' {unit})",
    "postgres": "x + INTERVAL '{count} {unit}'",
    "redshift": _DATEADD,
    "snowflake": _DATEADD,
    "trino": "DATE_ADD('{unit}', {count}, x)",
    "tsql": _DATEADD,
}
# The sum is a time in these dialects even if it is that of a date and days.
_SUMS_OF_DATES = {
    "bigquery": "DATE_ADD(CAST(x AS DATE), INTERVAL ({count}) {unit})",
    **{name: f"CAST({_TEMPLATES[name]} AS DATE)" for name in ("duckdb", "postgres", "redshift")},
}
# These dialects do not add hours to a date.
_WITHOUT_TIME = {"tsql": "DATETIME2", "trino": "TIMESTAMP(6)"}

# The times of SQLite are texts. What follows the date or the second is kept: no time, fractions, or an offset. A sum
# that overflows into the next month is later than the last day of the intended month.
_SQLITE_DATE = "SUBSTR(x, 1, 10)"
_SQLITE = {
    "month": f"MIN(DATE({_SQLITE_DATE}, '{{count}} months'),"
    f" DATE({_SQLITE_DATE}, 'start of month', '{{next}} months', '-1 day')) || SUBSTR(x, 11)",
    "day": f"DATE({_SQLITE_DATE}, '{{count}} days') || SUBSTR(x, 11)",
    "time": "DATETIME(SUBSTR(x, 1, 19), '{count} {unit}s') || SUBSTR(x, 20)",
}
# Additions of a number `n` that the database computes. The days of SQLite's months overflow.
_VARIABLE = {
    "bigquery": "DATE_ADD(x, INTERVAL (n) {unit})",
    "clickhouse": "add{unit}s(x, n)",
    "databricks": "DATE_ADD(x, n)",
    "duckdb": "x + n",
    "mysql": "DATE_ADD(x, INTERVAL (n) {unit})",
    "postgres": "x + n",
    "redshift": "CAST(DATEADD({unit}, n, x) AS DATE)",
    "snowflake": "DATEADD({unit}, n, x)",
    "sqlite": "DATE(x, n || ' {unit}s')",
    "trino": "DATE_ADD('{unit}', n, x)",
    "tsql": "DATEADD({unit}, n, x)",
}
_VARIABLE_TIMES = {"redshift": "DATEADD({unit}, n, x)", "sqlite": "DATETIME(x, n || ' {unit}s')"}
_MONTHS_PER_YEAR = 12
_TIMES = ("hour", "minute", "second")


def shift(time: exp.Expr, duration: Duration, dialect: SqlDialect, *, is_date: bool | None = None) -> exp.Expr:
    """Return the time after a duration, or before it if it is negative.

    A date stays a date if the unit is a day or longer. BigQuery, DuckDB, PostgreSQL and Redshift add days to a date as
    to a time; there `is_date` says that `time` is a date, and None stands for casts to a date and periods of days.
    Instants are shifted in the session's zone.
    """
    step = duration.in_common_units()
    if step.count == 0:
        return time
    if dialect.name == "sqlite":
        return _shift_text(time, step, dialect)
    if step.unit in _TIMES:
        template = _TEMPLATES[dialect.name]
        if dialect.name in _WITHOUT_TIME:
            time = exp.cast(time, exp.DataType.build(_WITHOUT_TIME[dialect.name], dialect=dialect.sqlglot))
    else:
        keeps_date = dialect.name in _SUMS_OF_DATES and (_is_date(time) if is_date is None else is_date)
        template = (_SUMS_OF_DATES if keeps_date else _TEMPLATES)[dialect.name]
    return fill(dialect, template.format(count=step.count, unit=_unit_name(step.unit, dialect)), x=time)


def add_computed(time: exp.Expr, number: exp.Expr, unit: Granularity, dialect: SqlDialect) -> exp.Expr:
    """Return a date or time plus a computed number of units, which are no weeks and no quarters.

    Months and years are added to first days of months. BigQuery, Databricks, DuckDB and PostgreSQL have days only.
    """
    template = (_VARIABLE | _VARIABLE_TIMES if unit in _TIMES else _VARIABLE)[dialect.name]
    return fill(dialect, template.format(unit=_unit_name(unit, dialect)), x=time, n=number)


def _unit_name(unit: Granularity, dialect: SqlDialect) -> str:
    """Return a unit as a part of the name of a function, of a modifier (SQLite), or as a keyword."""
    if dialect.name == "sqlite":
        return unit
    return unit.capitalize() if dialect.name == "clickhouse" else unit.upper()


def _shift_text(time: exp.Expr, step: Duration, dialect: SqlDialect) -> exp.Expr:
    if step.unit in _TIMES:
        return fill(dialect, _SQLITE["time"].format(count=step.count, unit=step.unit), x=time)
    if step.unit == "day":
        return fill(dialect, _SQLITE["day"].format(count=step.count), x=time)
    months = step.count * (_MONTHS_PER_YEAR if step.unit == "year" else 1)
    return fill(dialect, _SQLITE["month"].format(count=months, next=months + 1), x=time)


def _is_date(time: exp.Expr) -> bool:
    """Return whether an expression is certainly a date."""
    core = time.unnest()
    return isinstance(core, (exp.DateTrunc, exp.DateAdd)) or (isinstance(core, exp.Cast) and core.is_type("date"))
