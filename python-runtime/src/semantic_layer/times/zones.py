"""Conversion of times to the time zone of a query, over the changes of daylight saving.

A column's times are instants, which have a zone, or local times of a zone. In MySQL an instant is a TIMESTAMP, which
the server hands over in the session's zone: UTC in the daemon. ClickHouse has instants only; the local times here are
shown as if they were in UTC, and those of a column with a zone of its own are what it shows.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from sqlglot import exp

from semantic_layer.errors import SemanticError, unknown_name_error
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import add_computed
from semantic_layer.times.templates import fill
from semantic_layer.times.transitions import FIRST_YEAR, LAST_YEAR, has_limits, offset_between

INSTANT = "instant"
"""The zone of a column whose type has a zone."""

_OF_MACHINE = {"Factory", "localtime"}

# `source` and `target` are the zones of the column and of the query.
_FROM_INSTANT = {
    "bigquery": "DATETIME(CAST(x AS TIMESTAMP), target)",
    "clickhouse": "addSeconds(toTimeZone(toDateTime64(x, 6), 'UTC'),"
    " timezoneOffset(toTimeZone(toDateTime64(x, 6), target)))",
    "databricks": "CONVERT_TIMEZONE(target, CAST(x AS TIMESTAMP_NTZ))",
    "duckdb": "CAST(x AS TIMESTAMPTZ) AT TIME ZONE target",
    "postgres": "CAST(x AS TIMESTAMPTZ) AT TIME ZONE target",
    "redshift": "CAST(x AS TIMESTAMPTZ) AT TIME ZONE target",
    "snowflake": "CAST(CONVERT_TIMEZONE(target, CAST(x AS TIMESTAMP_TZ)) AS TIMESTAMP_NTZ)",
    "trino": "CAST(AT_TIMEZONE(CAST(x AS TIMESTAMP(6) WITH TIME ZONE), target) AS TIMESTAMP(6))",
}
_FROM_ZONE = {
    "bigquery": "DATETIME(TIMESTAMP(CAST(x AS DATETIME), source), target)",
    "clickhouse": _FROM_INSTANT["clickhouse"].replace("(x, 6)", "(toString(x), 6, source)"),
    "databricks": "CONVERT_TIMEZONE(source, target, CAST(x AS TIMESTAMP_NTZ))",
    "duckdb": "CAST(x AS TIMESTAMP) AT TIME ZONE source AT TIME ZONE target",
    "postgres": "CAST(x AS TIMESTAMP) AT TIME ZONE source AT TIME ZONE target",
    "redshift": "CONVERT_TIMEZONE(source, target, CAST(x AS TIMESTAMP))",
    "snowflake": "CONVERT_TIMEZONE(source, target, CAST(x AS TIMESTAMP_NTZ))",
    "trino": "CAST(AT_TIMEZONE(WITH_TIMEZONE(CAST(x AS TIMESTAMP(6)), source), target) AS TIMESTAMP(6))",
}
# Dialects without the zones of IANA, with the time in UTC of an instant, a plain time, and the form of literals.
_WITHOUT_ZONES = {
    "mysql": ("CAST(x AS DATETIME(6))", "CAST(x AS DATETIME(6))", " "),
    "sqlite": ("DATETIME(x)", "DATETIME(x)", " "),
    "tsql": ("CAST(SWITCHOFFSET(x, '+00:00') AS DATETIME2)", "CAST(x AS DATETIME2)", "T"),
}


def to_zone(time: exp.Expr, column_zone: str, query_zone: str, dialect: SqlDialect) -> exp.Expr:
    """Return the local time of the query's zone, as a time without a zone.

    `column_zone` is `instant`, or the zone in which the times of the column are. Times of SQLite become texts with
    whole seconds. A local time of the column that daylight saving repeats is ambiguous: databases take the earlier or
    the later one. See `zone_warning` for times that become NULL. Raises SemanticError for an unknown zone.
    """
    require_zone(query_zone)
    if column_zone != INSTANT:
        require_zone(column_zone)
    if column_zone == query_zone:
        return time
    if dialect.name in _WITHOUT_ZONES:
        return _by_offsets(time, column_zone, query_zone, dialect)
    zones = {"source": exp.Literal.string(column_zone), "target": exp.Literal.string(query_zone)}
    template = (_FROM_INSTANT if column_zone == INSTANT else _FROM_ZONE)[dialect.name]
    return fill(dialect, template, x=time, **zones)


def _by_offsets(time: exp.Expr, column_zone: str, query_zone: str, dialect: SqlDialect) -> exp.Expr:
    instant, plain, separator = _WITHOUT_ZONES[dialect.name]
    source = "UTC" if column_zone == INSTANT else column_zone
    value = fill(dialect, instant if column_zone == INSTANT else plain, x=time)
    return add_computed(value, offset_between(value, source, query_zone, separator), "second", dialect)


def zone_warning(column_zone: str, query_zone: str, dialect: SqlDialect) -> str | None:
    """Return which times have no local time, because the database has no time zones, as a sentence for the plan."""
    zones = [zone for zone in (column_zone, query_zone) if zone != INSTANT]
    if dialect.name not in _WITHOUT_ZONES or column_zone == query_zone or not any(map(has_limits, zones)):
        return None
    return f"Times before {FIRST_YEAR} and after {LAST_YEAR} are NULL in the time zone {query_zone}"


def require_zone(name: str) -> None:
    """Raise SemanticError, with similar names, unless a time zone of IANA has the name."""
    known = _zone_names()
    if name not in known:
        raise _unknown_zone_error(name, known)


def _unknown_zone_error(name: str, known: frozenset[str]) -> SemanticError:
    places = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known)}
    similar = places.get(name.rpartition("/")[2].lower())
    return unknown_name_error("time zone", name, [similar] if similar else sorted(known))


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones() - _OF_MACHINE)
