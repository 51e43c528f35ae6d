"""Truncation of times to a minute … year in every dialect, with weeks that start on Monday.

If the database's truncation starts weeks on Sunday or by a setting (BigQuery, Snowflake, T-SQL) or does not exist
(MySQL, SQLite, T-SQL before 2022), an equivalent expression is generated. Times with a zone are truncated in the
session's zone.
"""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.queries import TimeUnit

_PLACE = "x"

_DATE_TRUNC = {
    unit: f"DATE_TRUNC('{unit}', {_PLACE})" for unit in ("minute", "hour", "day", "week", "month", "quarter", "year")
}

_MYSQL = {
    "minute": "CAST(DATE_FORMAT(x, '%Y-%m-%d %H:%i:00') AS DATETIME)",
    "hour": "CAST(DATE_FORMAT(x, '%Y-%m-%d %H:00:00') AS DATETIME)",
    "day": "CAST(x AS DATE)",
    "week": "DATE_SUB(CAST(x AS DATE), INTERVAL (WEEKDAY(x)) DAY)",
    "month": "CAST(DATE_FORMAT(x, '%Y-%m-01') AS DATE)",
    "quarter": "CAST(CONCAT(YEAR(x), '-', QUARTER(x) * 3 - 2, '-01') AS DATE)",
    "year": "CAST(DATE_FORMAT(x, '%Y-01-01') AS DATE)",
}

_SQLITE = {
    "minute": "STRFTIME('%Y-%m-%d %H:%M:00', x)",
    "hour": "STRFTIME('%Y-%m-%d %H:00:00', x)",
    "day": "DATE(x)",
    "week": "DATE(x, 'weekday 0', '-6 days')",
    "month": "DATE(x, 'start of month')",
    "quarter": "DATE(x, 'start of month', '-' || ((STRFTIME('%m', x) - 1) % 3) || ' months')",
    "year": "DATE(x, 'start of year')",
}

_BIGQUERY = {
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
    "minute": "DATETIMEFROMPARTS(YEAR(x), MONTH(x), DAY(x), DATEPART(HOUR, x), DATEPART(MINUTE, x), 0, 0)",
    "hour": "DATETIMEFROMPARTS(YEAR(x), MONTH(x), DAY(x), DATEPART(HOUR, x), 0, 0, 0)",
    "day": "CAST(x AS DATE)",
    "week": "DATEADD(DAY, -(((DATEDIFF(DAY, '1900-01-01', x) % 7) + 7) % 7), CAST(x AS DATE))",
    "month": "DATEFROMPARTS(YEAR(x), MONTH(x), 1)",
    "quarter": "DATEFROMPARTS(YEAR(x), DATEPART(QUARTER, x) * 3 - 2, 1)",
    "year": "DATEFROMPARTS(YEAR(x), 1, 1)",
}

_SNOWFLAKE = _DATE_TRUNC | {"week": "DATEADD(DAY, 1 - DAYOFWEEKISO(x), DATE_TRUNC('day', x))"}

_TIMES = ("minute", "hour")

# The cast to a time without a zone keeps a date from becoming a time in the session's zone. Periods of days and longer
# are dates, as in the other databases.
_WITHOUT_ZONE = {
    unit: template.replace(_PLACE, f"CAST({_PLACE} AS TIMESTAMP)")
    if unit in _TIMES
    else f"CAST({template.replace(_PLACE, f'CAST({_PLACE} AS TIMESTAMP)')} AS DATE)"
    for unit, template in _DATE_TRUNC.items()
}

_TEMPLATES: dict[str, dict[str, str]] = {
    "postgres": _WITHOUT_ZONE,
    "duckdb": _WITHOUT_ZONE,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "bigquery": _BIGQUERY,
    "tsql": _TSQL,
    "snowflake": _SNOWFLAKE,
}


@lru_cache(maxsize=128)
def _template(dialect: str, granularity: TimeUnit) -> exp.Expr:
    return sqlglot.parse_one(_TEMPLATES.get(dialect, _DATE_TRUNC)[granularity], dialect=dialect)


def truncate(time: exp.Expr, granularity: TimeUnit, dialect: SqlDialect) -> exp.Expr:
    """Return the start of the period that contains the time."""

    def fill(node: exp.Expr) -> exp.Expr:
        return time.copy() if isinstance(node, exp.Column) and node.name == _PLACE else node

    return _template(dialect.name, granularity).copy().transform(fill)
