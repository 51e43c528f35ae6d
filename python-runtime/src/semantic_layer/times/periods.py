"""The start of the second … year that contains a time, with weeks that start on Monday.

Periods of days and longer are dates, shorter ones are times without a zone. If the database's truncation starts weeks
on Sunday or by a setting (BigQuery, Snowflake, T-SQL), fails before 1970 (ClickHouse) or does not exist (MySQL, SQLite,
T-SQL before 2022), an equivalent expression is generated.
"""

from __future__ import annotations

_TIMES = ("second", "minute", "hour")
_UNITS = (*_TIMES, "day", "week", "month", "quarter", "year")


def _date_trunc(value: str) -> dict[str, str]:
    """Return templates with DATE_TRUNC of a value."""
    starts = {unit: f"DATE_TRUNC('{unit}', {value})" for unit in _UNITS}
    dates = {unit: f"CAST({start} AS DATE)" for unit, start in starts.items() if unit not in _TIMES}
    return starts | dates | {"day": "CAST(x AS DATE)"}


_DATE_TRUNC = _date_trunc("x")

# The cast to a time without a zone keeps a date from becoming a time in the session's zone.
_WITHOUT_ZONE = _date_trunc("CAST(x AS TIMESTAMP)")

_MYSQL = {
    "second": "CAST(DATE_FORMAT(x, '%Y-%m-%d %H:%i:%s') AS DATETIME)",
    "minute": "CAST(DATE_FORMAT(x, '%Y-%m-%d %H:%i:00') AS DATETIME)",
    "hour": "CAST(DATE_FORMAT(x, '%Y-%m-%d %H:00:00') AS DATETIME)",
    "day": "CAST(x AS DATE)",
    "week": "DATE_SUB(CAST(x AS DATE), INTERVAL (WEEKDAY(x)) DAY)",
    "month": "CAST(DATE_FORMAT(x, '%Y-%m-01') AS DATE)",
    "quarter": "CAST(CONCAT(YEAR(x), '-', QUARTER(x) * 3 - 2, '-01') AS DATE)",
    "year": "CAST(DATE_FORMAT(x, '%Y-01-01') AS DATE)",
}

_SQLITE = {
    "second": "STRFTIME('%Y-%m-%d %H:%M:%S', x)",
    "minute": "STRFTIME('%Y-%m-%d %H:%M:00', x)",
    "hour": "STRFTIME('%Y-%m-%d %H:00:00', x)",
    "day": "DATE(x)",
    "week": "DATE(x, 'weekday 0', '-6 days')",
    "month": "DATE(x, 'start of month')",
    "quarter": "DATE(x, 'start of month', '-' || ((STRFTIME('%m', x) - 1) % 3) || ' months')",
    "year": "DATE(x, 'start of year')",
}

_BIGQUERY = {
    "second": "DATETIME_TRUNC(CAST(x AS DATETIME), SECOND)",
    "minute": "DATETIME_TRUNC(CAST(x AS DATETIME), MINUTE)",
    "hour": "DATETIME_TRUNC(CAST(x AS DATETIME), HOUR)",
    "day": "CAST(x AS DATE)",
    "week": "DATE_TRUNC(CAST(x AS DATE), ISOWEEK)",
    "month": "DATE_TRUNC(CAST(x AS DATE), MONTH)",
    "quarter": "DATE_TRUNC(CAST(x AS DATE), QUARTER)",
    "year": "DATE_TRUNC(CAST(x AS DATE), YEAR)",
}

# The day of the week follows from the days since Monday 1900-01-01, independent of DATEFIRST.
_TSQL = {
    "second": "DATETIMEFROMPARTS(YEAR(x), MONTH(x), DAY(x), DATEPART(HOUR, x), DATEPART(MINUTE, x),"
    " DATEPART(SECOND, x), 0)",
    "minute": "DATETIMEFROMPARTS(YEAR(x), MONTH(x), DAY(x), DATEPART(HOUR, x), DATEPART(MINUTE, x), 0, 0)",
    "hour": "DATETIMEFROMPARTS(YEAR(x), MONTH(x), DAY(x), DATEPART(HOUR, x), 0, 0, 0)",
    "day": "CAST(x AS DATE)",
    "week": "DATEADD(DAY, -(((DATEDIFF(DAY, '1900-01-01', x) % 7) + 7) % 7), CAST(x AS DATE))",
    "month": "DATEFROMPARTS(YEAR(x), MONTH(x), 1)",
    "quarter": "DATEFROMPARTS(YEAR(x), DATEPART(QUARTER, x) * 3 - 2, 1)",
    "year": "DATEFROMPARTS(YEAR(x), 1, 1)",
}

_SNOWFLAKE = _DATE_TRUNC | {"week": "DATEADD(DAY, 1 - DAYOFWEEKISO(x), CAST(x AS DATE))"}

# ClickHouse's own truncation of other types begins in 1970, and wraps around before; that to seconds rounds before.
_CLICKHOUSE = {
    "second": "addSeconds(dateTrunc('minute', toDateTime64(x, 6)), toSecond(toDateTime64(x, 6)))",
    "minute": "dateTrunc('minute', toDateTime64(x, 6))",
    "hour": "dateTrunc('hour', toDateTime64(x, 6))",
    "day": "toDate32(x)",
    "week": "subtractDays(toDate32(x), toDayOfWeek(x) - 1)",
    "month": "makeDate32(toYear(x), toMonth(x), 1)",
    "quarter": "makeDate32(toYear(x), toQuarter(x) * 3 - 2, 1)",
    "year": "makeDate32(toYear(x), 1, 1)",
}

_TEMPLATES: dict[str, dict[str, str]] = {
    "bigquery": _BIGQUERY,
    "clickhouse": _CLICKHOUSE,
    "duckdb": _WITHOUT_ZONE,
    "mysql": _MYSQL,
    "postgres": _WITHOUT_ZONE,
    "snowflake": _SNOWFLAKE,
    "sqlite": _SQLITE,
    "tsql": _TSQL,
}


def period_template(unit: str, dialect: str) -> str:
    """Return the template of the start of the period of a unit, with `x` for the time."""
    return _TEMPLATES.get(dialect, _DATE_TRUNC)[unit]
