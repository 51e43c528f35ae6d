"""Conditions of rows that their times are in a period.

The bounds are converted into the zone of the column, not the column into the zone of the query: a database then uses
its indexes and partitions, and daylight saving is a matter of two times only.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from semantic_layer.model.models import Column
from semantic_layer.rows.periods.clock import UTC, Clock
from semantic_layer.rows.periods.texts import Period
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.zones import INSTANT

_MIDNIGHT = datetime.min.time()


def write_period(time: exp.Expr, column: Column | None, period: Period, clock: Clock, dialect: SqlDialect) -> exp.Expr:
    """Return `time >= start AND time < end`; `column` is that of the time, None for local times of the query."""
    zone = column.time_zone if column is not None and column.time_zone else clock.zone
    is_instant = zone == INSTANT
    bounds: list[exp.Expr] = []
    for kind, bound in ((exp.GTE, period.start), (exp.LT, period.end)):
        if bound is not None:
            local = clock.to_zone(bound, UTC if is_instant else zone)
            literal = _instant(local, dialect) if is_instant else _local(local, dialect)
            bounds.append(kind(this=_comparable(time.copy(), local, is_instant, dialect), expression=literal))
    return exp.paren(exp.and_(*bounds), copy=False) if len(bounds) > 1 else bounds[0]


def _comparable(time: exp.Expr, bound: datetime, is_instant: bool, dialect: SqlDialect) -> exp.Expr:
    """Return the time as it is; in SQLite, whose times are texts of several forms, in that of the bound if needed."""
    if dialect.name != "sqlite" or (bound.time() == _MIDNIGHT and not is_instant):
        return time
    return exp.Anonymous(this="DATETIME", expressions=[time])


def _local(bound: datetime, dialect: SqlDialect) -> exp.Expr:
    """Return a time without a zone; midnight is written as a date, which dates and times can be compared with."""
    is_date = bound.time() == _MIDNIGHT
    if dialect.name == "tsql":  # forms that are independent of the language of the session
        return exp.Literal.string(bound.strftime("%Y%m%d") if is_date else bound.isoformat("T", "seconds"))
    if dialect.name == "clickhouse":
        return _clickhouse_time(bound)
    literal = exp.Literal.string(bound.date().isoformat() if is_date else bound.isoformat(" ", "seconds"))
    if dialect.name == "trino" or (not is_date and dialect.name not in ("sqlite", "mysql")):
        return exp.cast(literal, "datetime" if dialect.name == "bigquery" else "timestamp")
    return literal


def _instant(bound: datetime, dialect: SqlDialect) -> exp.Expr:
    """Return a time in UTC as one with a zone."""
    text = bound.isoformat(" ", "seconds")
    if dialect.name in ("mysql", "sqlite"):  # sessions are in UTC; DATETIME() returns UTC
        return exp.Literal.string(text)
    if dialect.name == "clickhouse":
        return _clickhouse_time(bound, UTC)
    offset = " UTC" if dialect.name == "trino" else "+00:00"
    return exp.cast(exp.Literal.string(f"{text}{offset}"), "timestamptz")


def _clickhouse_time(bound: datetime, *zone: str) -> exp.Expr:
    text = exp.Literal.string(bound.isoformat(" ", "seconds"))
    digits = exp.Literal.number(0)
    return exp.Anonymous(this="toDateTime64", expressions=[text, digits, *map(exp.Literal.string, zone)])
