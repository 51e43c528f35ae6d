"""SQLite, through the standard library, on a connection that cannot write."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.introspection.files import database_file
from ktx_daemon.introspection.model import Column, ForeignKey, Table
from ktx_daemon.introspection.target import Target

# How often SQLite asks whether to go on, in instructions of its virtual machine.
PROGRESS_INSTRUCTIONS = 10_000

OBJECTS = """
    SELECT name, type, wr FROM pragma_table_list
    WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""
COLUMNS = """
    SELECT t.name, c.name, c.type, c."notnull", c.pk
    FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
    WHERE t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') AND c.hidden <> 1
    ORDER BY t.name, c.cid
"""
COLUMNS_OF_ONE = """SELECT ?1, name, type, "notnull", pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid"""
FOREIGN_KEYS = """
    SELECT t.name, f.id, f.seq, f."from", f."table", f."to"
    FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f
    WHERE t.schema = 'main' AND t.type = 'table'
    ORDER BY t.name, f.id DESC, f.seq
"""
STATISTICS = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"


def introspect(target: Target) -> tuple[list[str], list[Table]]:
    """Read the schema of the main database of a file."""
    missing = set(target.schemas or []) - {"main"}
    if missing:
        raise BadRequestError("schema_not_found", f"SQLite has the schema 'main' only, not '{sorted(missing)[0]}'")
    path = database_file(target.url, "SQLite", ("sqlite", "sqlite3"))
    try:
        with open_file(path, target) as connection:
            return ["main"], _tables(connection)
    except sqlite3.DatabaseError as error:
        cancellation.current().check()
        raise explain(error, path, target) from None


@contextlib.contextmanager
def open_file(path: Path, target: Target) -> Iterator[sqlite3.Connection]:
    """Open a file so that it cannot be written, for as long as the statement timeout allows."""
    connection = _open(path, target)
    deadline = time.monotonic() + target.statement_timeout
    connection.set_progress_handler(lambda: time.monotonic() > deadline, PROGRESS_INSTRUCTIONS)
    with contextlib.closing(connection), cancellation.current().interrupting(connection.interrupt):
        yield connection


def _open(path: Path, target: Target) -> sqlite3.Connection:
    """Open read-only. A file in write-ahead mode in a folder without write access opens only as immutable."""
    uri = f"file:{quote(path.as_posix() if os.name == 'posix' else '/' + path.as_posix())}?mode=ro"
    for attempt in (uri, f"{uri}&immutable=1"):
        connection = sqlite3.connect(
            attempt,
            uri=True,
            timeout=target.connection_timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            if attempt != uri or "unable to open" not in str(error):
                raise
        except sqlite3.DatabaseError:
            connection.close()
            raise
    raise AssertionError


def _tables(connection: sqlite3.Connection) -> list[Table]:
    columns = _columns(connection)
    rows = _statistics(connection)
    tables: dict[str, Table] = {}
    for name, kind, without_rowid in connection.execute(OBJECTS):
        tables[name.lower()] = Table(
            catalog=None,
            db="main",
            name=name,
            kind="view" if kind == "view" else "table",
            estimated_rows=rows.get(name),
            columns=_columns_of(columns[name], without_rowid),
        )
    _add_foreign_keys(connection, tables, columns)
    return list(tables.values())


Row = tuple[str, str, str, int, int]


def _columns(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    """Read all columns at once; a view over a missing table fails that, and is then left without columns."""
    found: dict[str, list[Row]] = defaultdict(list)
    try:
        for row in connection.execute(COLUMNS):
            found[row[0]].append(row)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
        found.clear()
        for name, _, _ in connection.execute(OBJECTS).fetchall():
            with contextlib.suppress(sqlite3.OperationalError):
                found[name] = connection.execute(COLUMNS_OF_ONE, (name,)).fetchall()
    return found


def _columns_of(rows: list[Row], without_rowid: int) -> list[Column]:
    has_single_key = sum(1 for row in rows if row[4]) == 1
    columns = []
    for _, name, declared, not_null, key in rows:
        # Only these keys exclude null; in any other, SQLite accepts it.
        strict_key = key and (without_rowid or (has_single_key and declared.upper() == "INTEGER"))
        columns.append(Column(name, declared, nullable=not not_null and not strict_key, primary_key=bool(key)))
    return columns


def _add_foreign_keys(connection: sqlite3.Connection, tables: dict[str, Table], columns: dict[str, list[Row]]) -> None:
    for name, _, position, from_column, to_table, to_column in connection.execute(FOREIGN_KEYS):
        parent = tables.get(to_table.lower())
        keys = sorted((row for row in columns[parent.name] if row[4]), key=lambda row: row[4]) if parent else []
        # Without a column the reference is to the primary key.
        implied = keys[position][1] if position < len(keys) else None
        tables[name.lower()].foreign_keys.append(
            ForeignKey(from_column, "main", parent.name if parent else to_table, to_column or implied, None)
        )


def _statistics(connection: sqlite3.Connection) -> dict[str, int]:
    """Read what ANALYZE has counted, if it ever ran."""
    try:
        return dict(connection.execute(STATISTICS).fetchall())
    except sqlite3.OperationalError:
        return {}


def explain(
    error: sqlite3.DatabaseError, path: Path, target: Target, otherwise: str = "introspection_failed"
) -> BadRequestError:
    """Turn SQLite's error into a sentence with a stable code; `otherwise` is that of all the rest."""
    text = str(error)
    if "interrupted" in text:
        return BadRequestError(
            "statement_timeout",
            f"Reading the SQLite database {path} took longer than {target.statement_timeout:g} s",
        )
    if "locked" in text:
        return BadRequestError("database_locked", f"The SQLite database {path} is locked by another program")
    if "not a database" in text:
        return BadRequestError("not_a_database", f"The file {path} is not a SQLite database, or it is encrypted")
    if "unable to open" in text:
        return BadRequestError("permission_denied", f"The SQLite database {path} cannot be opened for reading")
    return BadRequestError(otherwise, f"The SQLite database {path} cannot be read: {text}")
