"""Profiles of Spark, over both wires."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.identifiers import in_backquotes
from ktx_daemon.warehouses.model.profiling import COUNT, MAX_HASH, Dialect, Kind, Measurable, Measured, Profiler, Rows
from ktx_daemon.warehouses.spark.connect import open_session
from ktx_daemon.warehouses.spark.session import Session
from ktx_daemon.warehouses.spark.statements import quote_path
from ktx_daemon.warehouses.spark.types import parse_type
from ktx_daemon.warehouses.spark.values import INTEGERS, convert_instant, convert_local

KINDS = {
    **dict.fromkeys(INTEGERS, Kind.INTEGER),
    "decimal": Kind.DECIMAL,
    **dict.fromkeys(("float", "double"), Kind.FLOAT),
    **dict.fromkeys(("string", "varchar", "char"), Kind.TEXT),
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    **dict.fromkeys(("timestamp", "timestamp_ntz"), Kind.TIMESTAMP),
    "binary": Kind.BINARY,
}


class SparkDialect(Dialect):
    """Spark's SQL."""

    def quote(self, name: str) -> str:
        """Return a name in backquotes."""
        return in_backquotes(name)

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table."""
        return quote_path(catalog, db, name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; nested types and intervals are opaque."""
        return KINDS.get(parse_type(type_name).name, Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return the engine's XXH64 of a text."""
        return f"(xxhash64({text}) & {MAX_HASH})"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text."""
        return f"CAST({sql} AS STRING)"

    def canonical(self, sql: str, column: Measured) -> str:
        """Return the text of a value, without the blanks that fill a CHAR."""
        text = self.text(sql, column)
        return f"rtrim({text})" if column.type.lower().startswith("char") else text

    def length(self, column: Measured) -> str:
        """Return the length in characters, or bytes."""
        return f"octet_length({column.sql})" if column.kind is Kind.BINARY else f"char_length({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean of the numbers as doubles, as that of large decimals overflows."""
        return f"avg(CAST({sql} AS DOUBLE))"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; of a sample by HyperLogLog++."""
        return f"count(DISTINCT {column.sql})" if exact else f"approx_count_distinct({column.sql})"

    def count_together(self, rows: str, columns: Sequence[Measured]) -> str | None:
        """Return the counts from one grouping, as an aggregate for each column copies each row with all columns."""
        texts = [(index, self._compared(column), None) for index, column in enumerate(columns)]
        if not texts:
            return None
        found = f"SELECT i, v FROM {self.unpivot(rows, texts)} WHERE v IS NOT NULL GROUP BY i, v"  # noqa: S608
        counts = ", ".join(f"max(CASE WHEN i = {index} THEN n END) AS {COUNT}{index}" for index, _, _ in texts)
        return f"(SELECT {counts} FROM (SELECT i, count(*) AS n FROM ({found}) GROUP BY i))"  # noqa: S608

    def _compared(self, column: Measured) -> str:
        return f"hex({column.sql})" if column.kind is Kind.BINARY else self.text(column.sql, column)

    def unpivot(self, rows: str, texts: Sequence[tuple[int, str, int | None]]) -> str | None:
        """Return one scan, as each grouping is a stage with a shuffle of its own."""
        limits = ("NULL" if limit is None else limit for _, _, limit in texts)
        parts = [
            f"{index}, {text}, CAST({limit} AS BIGINT)" for (index, text, _), limit in zip(texts, limits, strict=True)
        ]
        return f"(SELECT stack({len(parts)}, {', '.join(parts)}) AS (i, v, l) FROM {rows})"  # noqa: S608 - names are quoted

    def sample(self, table: Measurable) -> str | None:
        """Return a sample of the table's rows."""
        return f"{table.sql} TABLESAMPLE ({100 * table.share:.6f} PERCENT) REPEATABLE (1)"

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value that was read as a text."""
        if isinstance(value, str) and column.kind in (Kind.DATE, Kind.TIMESTAMP):
            return convert_instant(value) if parse_type(column.type).name == "timestamp" else convert_local(value)
        return super().convert(value, column)


class SparkProfiler(Profiler):
    """A session of a profile."""

    dialect = SparkDialect()

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement."""
        self._session.set_timeout(seconds)
        return self._session.query(sql, "query_failed")


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open a session. Raises 400."""
    with open_session(target) as session:
        yield SparkProfiler(session)
