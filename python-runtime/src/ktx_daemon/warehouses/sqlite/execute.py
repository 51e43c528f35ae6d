"""Queries on SQLite files. Columns have no types, so the type of a column is that of its first non-null value."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.warehouses.connection.files import find_database_file
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.model.values import convert_value
from ktx_daemon.warehouses.sqlite.connect import explain, open_file

TYPE_NAMES: dict[type, str] = {int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    path = find_database_file(target.url, "SQLite", ("sqlite", "sqlite3"))
    rows = Rows(query)
    try:
        with open_file(path, target) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            if hasattr(connection, "setlimit"):  # Python 3.11
                # Expressions that build longer texts and blobs fail, and stored ones are not returned.
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_ANSWER_BYTES)
            cursor = connection.execute(query.sql)
            types: list[str | None] = [None] * len(cursor.description or ())
            _read(cursor, types, rows)
            columns = [ResultColumn(name, types[index]) for index, (name, *_) in enumerate(cursor.description or ())]
    except sqlite3.DatabaseError as error:
        cancellation.current().check()
        raise _explain(error, target, path) from None
    except MemoryError:
        detail = f"The query on the SQLite database {path.name} exceeds the memory limit of a query"
        raise BadRequestError("query_failed", detail) from None
    return ResultRows(columns, rows)


def _read(cursor: sqlite3.Cursor, types: list[str | None], rows: Rows) -> None:
    for row in cursor:
        if not rows.add([convert_value(value) for value in row]):
            return
        if None in types:
            for index, value in enumerate(row):
                if types[index] is None and value is not None:
                    types[index] = TYPE_NAMES[type(value)]


def _explain(error: sqlite3.DatabaseError, target: Target, path: Path) -> BadRequestError:
    if "too big" in str(error):
        size = MAX_ANSWER_BYTES // 2**20
        detail = f"A text or blob of the query on the SQLite database {path.name} is larger than {size} MiB"
        return BadRequestError("query_failed", detail)
    return explain(error, path, target, "query_failed")
