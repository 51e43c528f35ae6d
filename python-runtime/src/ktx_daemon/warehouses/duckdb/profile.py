"""Profiles of DuckDB databases and of data files."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.memory_limit import memory_limit
from ktx_daemon.timers import calling_after
from ktx_daemon.warehouses.connection.target import MAX_TIMEOUT_MS, Target
from ktx_daemon.warehouses.duckdb.connect import find_file, import_duckdb, open_file
from ktx_daemon.warehouses.duckdb.files.session import FileSession, open_files
from ktx_daemon.warehouses.duckdb.query import explain_refusal
from ktx_daemon.warehouses.duckdb.values import parse_interval
from ktx_daemon.warehouses.model.identifiers import in_double_quotes
from ktx_daemon.warehouses.model.profiling import Dialect, Kind, Measurable, Measured, Profiler, Rows

_SIZES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
KINDS = {
    **dict.fromkeys((*_SIZES, *(f"U{name}" for name in _SIZES)), Kind.INTEGER),
    "DECIMAL": Kind.DECIMAL,
    **dict.fromkeys(("FLOAT", "DOUBLE"), Kind.FLOAT),
    "VARCHAR": Kind.TEXT,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"), Kind.TIMESTAMP),
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), Kind.TIMESTAMP),
    **dict.fromkeys(("TIME", "TIME WITH TIME ZONE", "TIME_NS"), Kind.TIME),
    "UUID": Kind.UUID,
    "BLOB": Kind.BINARY,
    **dict.fromkeys(("ENUM", "INTERVAL", "BIT", "BIGNUM", "VARINT"), Kind.LABEL),
}
# Rows that DuckDB reads at once, and that are in a sample together.
VECTOR_ROWS = 2048
# Smaller shares of files are their first rows.
MIN_SHARE = 0.05
ROW = "ktx_row"
_NAME = re.compile(r"[A-Z_]+(?: WITH TIME ZONE)?")


class DuckDbDialect(Dialect):
    """DuckDB's SQL."""

    # Its planner takes more than twice the time for twice the terms.
    columns_per_statement = 100
    materialized = "MATERIALIZED"

    def quote(self, name: str) -> str:
        """Return a quoted identifier."""
        return in_double_quotes(name)

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table; the catalog is the file."""
        return super().table(None, db, name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; nested types and JSON are opaque."""
        name = _NAME.match(type_name.upper())
        return Kind.OPAQUE if type_name.endswith("]") or name is None else KINDS.get(name[0], Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return DuckDB's own hash, which is that of one version of DuckDB."""
        return f"CAST(hash({text}) >> 1 AS BIGINT)"

    def length(self, column: Measured) -> str:
        """Return the length in characters, or bytes."""
        return f"octet_length({column.sql})" if column.kind is Kind.BINARY else f"length({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean of the numbers as doubles, as a sum can be beyond the range of HUGEINT and DECIMAL."""
        return f"avg(CAST({sql} AS DOUBLE))"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; of a sample by HyperLogLog."""
        return f"count(DISTINCT {column.sql})" if exact else f"approx_count_distinct({column.sql})"

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value that was read as a text."""
        return parse_interval(value) if column.type == "INTERVAL" else super().convert(value, column)

    def sample_condition(self, table: Measurable) -> str | None:
        """Return a condition for whole vectors: TABLESAMPLE has other rows in each statement, as threads race."""
        has_own = any(column.sql.lower() == '"rowid"' for column in table.columns)
        return None if has_own else _every(table, "rowid")


class FilesDialect(DuckDbDialect):
    """DuckDB's SQL on files, of which those in rows are parsed once a statement."""

    reads_once = True

    def sample(self, table: Measurable) -> str | None:
        """Return a sample of rows by their numbers, for which all of the files are read."""
        if table.share < MIN_SHARE:
            return None
        numbered = f"SELECT *, row_number() OVER () AS {ROW} FROM {table.sql}"  # noqa: S608 - names are quoted
        return f"(SELECT * FROM ({numbered}) WHERE {_every(table, ROW)})"  # noqa: S608

    def sample_condition(self, table: Measurable) -> str | None:
        """Return none, as rows of files have no ids."""
        return None


def _every(table: Measurable, number: str) -> str:
    return f"({number} // {VECTOR_ROWS}) % {max(2, round(1 / table.share))} = 0"


class DuckDbProfiler(Profiler):
    """A connection of a profile."""

    dialect: Dialect = DuckDbDialect()

    def __init__(self, connection: Any, label: str) -> None:
        self._connection = connection
        self._label = label

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement, which is interrupted after `seconds`."""
        duckdb = import_duckdb()
        try:
            with calling_after(seconds, self._connection.interrupt):
                rows: Rows = self._connection.execute(sql).fetchall()
                return rows
        except duckdb.InterruptException:
            cancellation.current().check()
            detail = f"Reading the {self._label} took longer than {seconds:.1f} s"
            raise BadRequestError("statement_timeout", detail) from None
        except duckdb.Error as error:
            raise self._explain(error) from None

    def _explain(self, error: Exception) -> BadRequestError:
        return explain_refusal(error, self._label)


class FilesProfiler(DuckDbProfiler):
    """A connection of a profile of files."""

    dialect: Dialect = FilesDialect()

    def __init__(self, session: FileSession) -> None:
        super().__init__(session.connection, session.label)
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement, which is interrupted after `seconds`."""
        self._session.create_mentioned_views(sql)
        return super().query(sql, seconds)

    def _explain(self, error: Exception) -> BadRequestError:
        reason = self._session.find_unreadable(str(error))
        return BadRequestError("query_failed", reason) if reason else super()._explain(error)


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open the file or the files. Raises 400."""
    settings = {"memory_limit": f"{memory_limit() * 4 // 5 // 2**20}MiB"}
    # The time is limited for each statement.
    unlimited = dataclasses.replace(target, statement_timeout=MAX_TIMEOUT_MS / 1000)
    if target.warehouse.name == "files":
        with open_files(unlimited, **settings) as session:
            yield FilesProfiler(session)
        return
    path = find_file(target)
    with open_file(path, unlimited, **settings) as connection:
        yield DuckDbProfiler(connection, f"DuckDB database {path.name}")
