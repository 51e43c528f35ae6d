"""Profiles of Snowflake."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.model.profiling import MAX_HASH, Dialect, Kind, Measurable, Measured, Profiler, Rows
from ktx_daemon.warehouses.snowflake.connect import Session, open_session
from ktx_daemon.warehouses.snowflake.identifiers import quote

KINDS = {
    **dict.fromkeys(("NUMBER", "DECFLOAT"), Kind.DECIMAL),
    "FLOAT": Kind.FLOAT,
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "STRING"), Kind.TEXT),
    "BOOLEAN": Kind.BOOLEAN,
    "BINARY": Kind.BINARY,
    "DATE": Kind.DATE,
    **dict.fromkeys(("TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"), Kind.TIMESTAMP),
    "TIME": Kind.TIME,
}
TIME_FORMAT = "HH24:MI:SS.FF9"
WITHOUT_FRACTION = (", 0)", ",0)")


class SnowflakeDialect(Dialect):
    """Snowflake's SQL."""

    def quote(self, name: str) -> str:
        """Return a name with its exact letters."""
        return quote(name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; semi-structured and geographic ones are opaque."""
        name = type_name.partition("(")[0].strip().upper()
        if name == "NUMBER" and type_name.endswith(WITHOUT_FRACTION):
            return Kind.INTEGER
        return KINDS.get(name, Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return the server's own hash of a text."""
        return f"BITAND(HASH({text}), {MAX_HASH})"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text, an instant in UTC."""
        if column.kind is Kind.DATE:
            return f"TO_VARCHAR({sql}, 'YYYY-MM-DD')"
        if column.kind is Kind.TIME:
            return f"TO_VARCHAR({sql}, '{TIME_FORMAT}')"
        if column.kind is Kind.TIMESTAMP:
            time = sql if _is_local(column) else f"CONVERT_TIMEZONE('UTC', {sql})"
            return f"TO_VARCHAR({time}, 'YYYY-MM-DD {TIME_FORMAT}')"
        return f"TO_VARCHAR({sql})"

    def mean(self, sql: str) -> str:
        """Return the mean."""
        return f"CAST(AVG({sql}) AS FLOAT)"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; of a sample by HyperLogLog."""
        return f"COUNT(DISTINCT {column.sql})" if exact else f"APPROX_COUNT_DISTINCT({column.sql})"

    def sample(self, table: Measurable) -> str | None:
        """Return a sample of the table's micro-partitions."""
        return f"{table.sql} SAMPLE SYSTEM ({100 * table.share:.6f}) SEED (1)"

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value that was read as a text."""
        if column.kind is Kind.TIMESTAMP and isinstance(value, str) and not _is_local(column):
            return values.convert_temporal(f"{value}+00:00")
        return super().convert(value, column)


def _is_local(column: Measured) -> bool:
    return column.type.upper().startswith("TIMESTAMP_NTZ")


class SnowflakeProfiler(Profiler):
    """A session of a profile."""

    dialect = SnowflakeDialect()

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement."""
        self._session.set_timeout(seconds)
        return self._session.read_rows(sql, "query_failed")


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open a session. Raises 400."""
    with open_session(target) as session:
        yield SnowflakeProfiler(session)
