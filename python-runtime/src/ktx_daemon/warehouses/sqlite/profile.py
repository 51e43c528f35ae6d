"""Profiles of SQLite, whose values have types of their own: they are read as they are."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.warehouses.connection.files import find_database_file
from ktx_daemon.warehouses.connection.target import MAX_TIMEOUT_MS, Target
from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.model.identifiers import in_backquotes
from ktx_daemon.warehouses.model.profiling import Dialect, Kind, Measurable, Measured, Profiler, Rows
from ktx_daemon.warehouses.sqlite.connect import PROGRESS_INSTRUCTIONS, explain, open_file

HASH = "ktx_hash"
# The names of the row id, of which a column may hide some.
ROW_IDS = ("rowid", "oid", "_rowid_")
# Ranges of row ids that make a sample.
RANGES = 100


class SqliteDialect(Dialect):
    """SQLite's SQL."""

    materialized = "MATERIALIZED"
    hashes_groups = True

    def quote(self, name: str) -> str:
        """Return a name in backquotes, as SQLite takes an unknown name in double quotes for a text."""
        return in_backquotes(name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind by the rules of SQLite for the affinity of a column, and by the names of dates."""
        name = type_name.upper()
        if "INT" in name or "BOOL" in name:
            return Kind.INTEGER
        if any(part in name for part in ("CHAR", "CLOB", "TEXT", "JSON")):
            return Kind.TEXT
        if "BLOB" in name:
            return Kind.BINARY
        if any(part in name for part in ("REAL", "FLOA", "DOUB")):
            return Kind.FLOAT
        if "TIME" in name:
            return Kind.TIMESTAMP
        return Kind.DATE if "DATE" in name else Kind.DECIMAL if name else Kind.LABEL

    def hash(self, text: str) -> str:
        """Return the function of this module."""
        return f"{HASH}({text})"

    def text(self, sql: str, column: Measured) -> str:
        """Return the value itself, which has its own type."""
        return sql

    def compared_text(self, column: Measured) -> str:
        """Return the text of a value."""
        return f"CAST({column.sql} AS TEXT)"

    def head(self, text: str, length: int) -> str:
        """Return the first characters of a text; blobs are left out."""
        return f"CASE typeof({text}) WHEN 'text' THEN substr({text}, 1, {length}) WHEN 'blob' THEN NULL ELSE {text} END"

    def length(self, column: Measured) -> str:
        """Return the length in characters, of a blob in bytes."""
        return f"length({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean of the values that are numbers."""
        return f"avg(CASE WHEN typeof({sql}) IN ('integer', 'real') THEN {sql} END)"

    def sample(self, table: Measurable) -> str | None:
        """Return ranges of row ids. Tables without them fail, and their first rows are read."""
        names = {column.sql.lower() for column in table.columns}
        row_id = next((name for name in ROW_IDS if f"`{name}`" not in names), None)
        if row_id is None:
            return None
        bounds = f"SELECT min({row_id}) AS a, max({row_id}) - min({row_id}) + 1 AS n FROM {table.sql}"  # noqa: S608
        parts = ", ".join(f"({index})" for index in range(RANGES))
        starts = f"SELECT a + n * column1 / {RANGES} AS a, n FROM (VALUES {parts}), ({bounds})"  # noqa: S608
        size = f"max(1, CAST(r.n * {table.share / RANGES:.12f} AS INTEGER))"
        return (
            f"(SELECT t.* FROM ({starts}) AS r CROSS JOIN {table.sql} AS t "  # noqa: S608
            f"WHERE t.{row_id} >= r.a AND t.{row_id} < r.a + {size})"
        )

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value."""
        return values.convert_value(value)


class SqliteProfiler(Profiler):
    """A connection of a profile."""

    dialect = SqliteDialect()

    def __init__(self, connection: sqlite3.Connection, path: Any, target: Target) -> None:
        self._connection = connection
        self._path = path
        self._target = target

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement, which is interrupted after `seconds`."""
        deadline = time.monotonic() + seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, PROGRESS_INSTRUCTIONS)
        try:
            return self._connection.execute(sql).fetchall()
        except sqlite3.DatabaseError as error:
            cancellation.current().check()
            limited = dataclasses.replace(self._target, statement_timeout=round(seconds, 1))
            raise explain(error, self._path, limited, "query_failed") from None


def hash_value(value: Any) -> int:
    """Return the hash of the canonical text of a value, in which whole numbers have no fraction: 63 bits of BLAKE2b."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    content = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    digest = hashlib.blake2b(content, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open the file. Raises 400."""
    path = find_database_file(target.url, "SQLite", ("sqlite", "sqlite3"))
    # The time is limited for each statement.
    unlimited = dataclasses.replace(target, statement_timeout=MAX_TIMEOUT_MS / 1000)
    try:
        with open_file(path, unlimited) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            connection.create_function(HASH, 1, hash_value, deterministic=True)
            yield SqliteProfiler(connection, path, target)
    except sqlite3.DatabaseError as error:
        raise explain(error, path, target, "query_failed") from None
