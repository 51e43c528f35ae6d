"""SQLite: its values have types, its columns have none, so that a column is called by its first value's type."""

from __future__ import annotations

import sqlite3
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.execution.model import Fetched, Query, ResultColumn
from ktx_daemon.introspection.files import database_file
from ktx_daemon.introspection.sqlite import explain, open_file
from ktx_daemon.introspection.target import Target

TYPE_NAMES: dict[type, str] = {int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    path = database_file(target.url, "SQLite", ("sqlite", "sqlite3"))
    try:
        with open_file(path, target) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            cursor = connection.execute(query.sql)
            rows = cursor.fetchmany(query.rows)
            names = [name for name, *_ in cursor.description or ()]
    except sqlite3.DatabaseError as error:
        cancellation.current().check()
        raise explain(error, path, target, "query_failed") from None
    return Fetched([ResultColumn(name, _type_of(rows, index)) for index, name in enumerate(names)], rows)


def _type_of(rows: list[Any], index: int) -> str | None:
    values = (row[index] for row in rows)
    return next((TYPE_NAMES[type(value)] for value in values if value is not None), None)
