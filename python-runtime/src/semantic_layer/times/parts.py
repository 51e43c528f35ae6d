"""Parts of times as integers: hours from 0, days of the week from Monday (1), weeks of ISO 8601."""

from __future__ import annotations

_POSTGRES = {
    "hour_of_day": "CAST(EXTRACT(HOUR FROM CAST(x AS TIMESTAMP)) AS INT)",
    "day_of_week": "CAST(EXTRACT(ISODOW FROM CAST(x AS TIMESTAMP)) AS INT)",
    "day_of_month": "CAST(EXTRACT(DAY FROM CAST(x AS TIMESTAMP)) AS INT)",
    "day_of_year": "CAST(EXTRACT(DOY FROM CAST(x AS TIMESTAMP)) AS INT)",
    "week_of_year": "CAST(EXTRACT(WEEK FROM CAST(x AS TIMESTAMP)) AS INT)",
    "month_of_year": "CAST(EXTRACT(MONTH FROM CAST(x AS TIMESTAMP)) AS INT)",
    "quarter_of_year": "CAST(EXTRACT(QUARTER FROM CAST(x AS TIMESTAMP)) AS INT)",
}

_NAMED = {
    "hour_of_day": "HOUR(x)",
    "day_of_week": "WEEKDAY(x) + 1",
    "day_of_month": "DAY(x)",
    "day_of_year": "DAYOFYEAR(x)",
    "week_of_year": "WEEKOFYEAR(x)",
    "month_of_year": "MONTH(x)",
    "quarter_of_year": "QUARTER(x)",
}

_TEMPLATES: dict[str, dict[str, str]] = {
    "bigquery": {
        "hour_of_day": "EXTRACT(HOUR FROM CAST(x AS DATETIME))",
        "day_of_week": "MOD(EXTRACT(DAYOFWEEK FROM CAST(x AS DATETIME)) + 5, 7) + 1",
        "day_of_month": "EXTRACT(DAY FROM CAST(x AS DATETIME))",
        "day_of_year": "EXTRACT(DAYOFYEAR FROM CAST(x AS DATETIME))",
        "week_of_year": "EXTRACT(ISOWEEK FROM CAST(x AS DATETIME))",
        "month_of_year": "EXTRACT(MONTH FROM CAST(x AS DATETIME))",
        "quarter_of_year": "EXTRACT(QUARTER FROM CAST(x AS DATETIME))",
    },
    "clickhouse": {
        "hour_of_day": "toHour(toDateTime64(x, 0))",
        "day_of_week": "toDayOfWeek(x)",
        "day_of_month": "toDayOfMonth(x)",
        "day_of_year": "toDayOfYear(x)",
        "week_of_year": "toISOWeek(x)",
        "month_of_year": "toMonth(x)",
        "quarter_of_year": "toQuarter(x)",
    },
    "databricks": _NAMED | {"day_of_week": "(DAYOFWEEK(x) + 5) % 7 + 1"},
    "duckdb": _POSTGRES,
    "mysql": _NAMED | {"week_of_year": "WEEK(x, 3)"},
    "postgres": _POSTGRES,
    "redshift": _POSTGRES | {"day_of_week": "CAST(MOD(EXTRACT(DOW FROM CAST(x AS TIMESTAMP)) + 6, 7) + 1 AS INT)"},
    "snowflake": _NAMED
    | {
        "hour_of_day": "HOUR(CAST(x AS TIMESTAMP_NTZ))",
        "day_of_week": "DAYOFWEEKISO(x)",
        "week_of_year": "WEEKISO(x)",
    },
    # A week of ISO 8601 belongs to the year of its Thursday.
    "sqlite": {
        "hour_of_day": "CAST(STRFTIME('%H', x) AS INTEGER)",
        "day_of_week": "(STRFTIME('%w', x) + 6) % 7 + 1",
        "day_of_month": "CAST(STRFTIME('%d', x) AS INTEGER)",
        "day_of_year": "CAST(STRFTIME('%j', x) AS INTEGER)",
        "week_of_year": "CAST((STRFTIME('%j', DATE(x, '-3 days', 'weekday 4')) + 6) / 7 AS INTEGER)",
        "month_of_year": "CAST(STRFTIME('%m', x) AS INTEGER)",
        "quarter_of_year": "CAST((STRFTIME('%m', x) + 2) / 3 AS INTEGER)",
    },
    "trino": {
        "hour_of_day": "HOUR(CAST(x AS TIMESTAMP(6)))",
        "day_of_week": "DAY_OF_WEEK(x)",
        "day_of_month": "DAY(x)",
        "day_of_year": "DAY_OF_YEAR(x)",
        "week_of_year": "WEEK_OF_YEAR(x)",
        "month_of_year": "MONTH(x)",
        "quarter_of_year": "QUARTER(x)",
    },
    # The day of the week follows from the days since Monday 1900-01-01, independent of DATEFIRST.
    "tsql": {
        "hour_of_day": "DATEPART(HOUR, CAST(x AS DATETIME2))",
        "day_of_week": "((DATEDIFF(DAY, '1900-01-01', x) % 7) + 7) % 7 + 1",
        "day_of_month": "DATEPART(DAY, x)",
        "day_of_year": "DATEPART(DAYOFYEAR, x)",
        "week_of_year": "DATEPART(ISO_WEEK, x)",
        "month_of_year": "DATEPART(MONTH, x)",
        "quarter_of_year": "DATEPART(QUARTER, x)",
    },
}


def part_template(unit: str, dialect: str) -> str:
    """Return the template of a part, with `x` for the time."""
    return _TEMPLATES[dialect][unit]
