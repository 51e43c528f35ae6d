"""All periods between two times, without a table.

Databases with a function that generates rows use it. In the others a recursion doubles the number of periods in each
step, so that its depth is the logarithm of their number: T-SQL and Snowflake have a limit of 100 steps, MySQL of 1000.
"""

from __future__ import annotations

from typing import cast

import sqlglot
from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Calendar, Granularity
from semantic_layer.model.queries import TimeUnit
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import add_computed
from semantic_layer.times.durations import Duration
from semantic_layer.times.retail import retail_periods
from semantic_layer.times.truncation import DEFAULT_CALENDAR, TIME_PARTS

_TIMES = ("second", "minute", "hour")
_RECURSIVE = ("mysql", "redshift", "snowflake", "sqlite", "tsql")

_GENERATED = {
    "bigquery": "SELECT period FROM {bounds} AS b CROSS JOIN"
    " UNNEST(GENERATE_DATE_ARRAY(b.low, b.high, INTERVAL ({count}) {unit})) AS period",
    "clickhouse": "SELECT add{name}s(assumeNotNull(b.low), arrayJoin(range(0, toUInt32(DATE_DIFF({unit},"
    " assumeNotNull(b.low), assumeNotNull(b.high)) + 1), {count}))) AS period FROM {bounds} AS b"
    " WHERE NOT b.low IS NULL",
    "databricks": "SELECT EXPLODE(SEQUENCE(b.low, b.high, INTERVAL '{count}' {unit})) AS period FROM {bounds} AS b",
    "duckdb": "SELECT CAST(UNNEST(GENERATE_SERIES(CAST(b.low AS TIMESTAMP), CAST(b.high AS TIMESTAMP),"
    " INTERVAL '{count}' {unit})) AS {type}) AS period FROM {bounds} AS b",
    "postgres": "SELECT CAST(GENERATE_SERIES(CAST(b.low AS TIMESTAMP), CAST(b.high AS TIMESTAMP),"
    " INTERVAL '{count} {unit}') AS {type}) AS period FROM {bounds} AS b",
    # A sequence has at most 10,000 elements.
    "trino": "SELECT DATE_ADD('{period}', a.i * 10000 + s.i, b.low) AS period FROM {bounds} AS b"
    " CROSS JOIN UNNEST(SEQUENCE(0, DATE_DIFF('{period}', b.low, b.high) / 10000)) AS a(i)"
    " CROSS JOIN UNNEST(SEQUENCE(0, LEAST(9999, DATE_DIFF('{period}', b.low, b.high)))) AS s(i)"
    " WHERE DATE_ADD('{period}', a.i * 10000 + s.i, b.low) <= b.high",
}
_GENERATED_TIMES = _GENERATED | {
    "bigquery": "SELECT DATETIME(period) AS period FROM {bounds} AS b CROSS JOIN"
    " UNNEST(GENERATE_TIMESTAMP_ARRAY(TIMESTAMP(b.low), TIMESTAMP(b.high), INTERVAL ({count}) {unit})) AS period",
}
# The periods are the nodes of a binary tree in the order of its levels.
_DOUBLED = (
    "SELECT b.low AS period, 1 AS step FROM {bounds} AS b WHERE NOT b.low IS NULL"
    " UNION ALL SELECT {next}, 2 * s.step + bits.bit"
    " FROM {name} AS s CROSS JOIN (SELECT 0 AS bit UNION ALL SELECT 1 AS bit) AS bits CROSS JOIN {bounds} AS b"
    " WHERE {next} <= b.high"
)


def needs_recursive(dialect: SqlDialect, unit: TimeUnit) -> bool:
    """Return whether the WITH of a spine has the keyword RECURSIVE. (T-SQL has recursion without it.)"""
    return dialect.name in _RECURSIVE and dialect.name != "tsql" and unit not in TIME_PARTS


def spine(
    bounds: str, unit: TimeUnit, dialect: SqlDialect, name: str, calendar: Calendar = DEFAULT_CALENDAR
) -> exp.Query:
    """Return the query of the common table expression `name`, whose column `period` has all starts of periods.

    They are those from `low` to `high`, which are the columns of the only row of `bounds`, and starts of periods of the
    unit; there is none if they are NULL. A recursive query has a second column `step`, and Redshift requires the names
    of both columns in the common table expression. Raises SemanticError for a part of a time.
    """
    if unit in TIME_PARTS:
        message = f"The gaps of {unit} cannot be filled, because it is a number; write a period such as hour or month"
        raise SemanticError(Problem.INVALID_QUERY, message)
    plain = cast(Granularity, unit.removeprefix("fiscal_"))
    if plain != unit and calendar.retail is not None:
        return retail_periods(bounds, unit, calendar.retail, dialect)
    step = Duration(1, plain).in_common_units()
    table = _written(bounds, dialect)
    if dialect.name in _RECURSIVE:
        text = _DOUBLED.format(bounds=table, name=_written(name, dialect), next=_next(step, dialect))
    else:
        kind = "TIMESTAMP" if plain in _TIMES else "DATE"
        templates = _GENERATED_TIMES if plain in _TIMES else _GENERATED
        text = templates[dialect.name].format(
            bounds=table,
            count=step.count,
            unit=step.unit.upper(),
            name=step.unit.capitalize(),
            period=plain.upper(),
            type=kind,
        )
    return cast(exp.Query, sqlglot.parse_one(text, dialect=dialect.sqlglot))


def _next(step: Duration, dialect: SqlDialect) -> str:
    """Return the SQL of a later period."""
    index = sqlglot.parse_one("2 * s.step + bits.bit - 1")
    number = index if step.count == 1 else exp.Mul(this=exp.paren(index), expression=exp.Literal.number(step.count))
    return dialect.write(add_computed(exp.column("low", "b"), number, step.unit, dialect), pretty=False)


def _written(name: str, dialect: SqlDialect) -> str:
    return dialect.write(dialect.identifier(name), pretty=False)
