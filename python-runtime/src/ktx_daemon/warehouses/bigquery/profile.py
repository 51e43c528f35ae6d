"""Profiles of BigQuery."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.bigquery.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.identifiers import in_escaped_backquotes
from ktx_daemon.warehouses.model.profiling import MAX_HASH, Dialect, Kind, Measurable, Measured, Profiler, Rows

KINDS = {
    "INT64": Kind.INTEGER,
    **dict.fromkeys(("NUMERIC", "BIGNUMERIC"), Kind.DECIMAL),
    "FLOAT64": Kind.FLOAT,
    "STRING": Kind.TEXT,
    "BOOL": Kind.BOOLEAN,
    "BYTES": Kind.BINARY,
    "DATE": Kind.DATE,
    **dict.fromkeys(("DATETIME", "TIMESTAMP"), Kind.TIMESTAMP),
    "TIME": Kind.TIME,
}


class BigQueryDialect(Dialect):
    """GoogleSQL."""

    def quote(self, name: str) -> str:
        """Return a name in backquotes, in which a backslash is an escape."""
        return in_escaped_backquotes(name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; nested types, JSON and geographies are opaque."""
        return KINDS.get(type_name.partition("(")[0].upper(), Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return the fingerprint of a text."""
        return f"(FARM_FINGERPRINT({text}) & {MAX_HASH})"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text."""
        return f"CAST({sql} AS STRING)"

    def mean(self, sql: str) -> str:
        """Return the mean."""
        return f"CAST(AVG({sql}) AS FLOAT64)"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; of a sample by HyperLogLog++."""
        return f"COUNT(DISTINCT {column.sql})" if exact else f"APPROX_COUNT_DISTINCT({column.sql})"

    def sample(self, table: Measurable) -> str | None:
        """Return a sample of the table's blocks, which is another one in each statement."""
        return f"{table.sql} TABLESAMPLE SYSTEM ({100 * table.share:.6f} PERCENT)"


class BigQueryProfiler(Profiler):
    """A login of a profile; each statement is a job."""

    dialect = BigQueryDialect()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._bytes = 0

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement."""
        self._session.timeout = seconds
        rows: list[Any] = []
        with self._session.guard("query_failed"):
            from ktx_daemon.warehouses.bigquery.jobs import Job, page_rows, read_pages

            for number, page in enumerate(read_pages(Job(self._session), sql)):
                self._bytes += int(page.get("totalBytesProcessed") or 0) if number == 0 else 0
                rows += page_rows(page)
        return rows

    def estimate_bytes(self, sql: str) -> int | None:
        """Return what a statement would read, from a dry run, which costs nothing."""
        with self._session.guard("query_failed"):
            from ktx_daemon.warehouses.bigquery.jobs import dry_run

            return int(dry_run(self._session, sql).get("totalBytesProcessed", 0))

    def find_partitions(self, table: Any) -> str:
        """Return a condition for the newest partitions that have rows. Raises UnreadableError."""
        from ktx_daemon.warehouses.bigquery.partitions import condition, list_newest

        types = {column.name: column.type for column in table.columns}
        partitions = self.query(list_newest(table, self.dialect.quote), self._session.timeout)
        return condition(table.partition_key or "", types, partitions)

    @property
    def bytes_read(self) -> int | None:
        """The bytes that the jobs have read so far."""
        return self._bytes


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Log in. Raises 400."""
    with open_session(target) as session:
        yield BigQueryProfiler(session)
