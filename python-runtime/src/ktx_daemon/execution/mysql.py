"""MySQL and MariaDB: rows are read one by one, and the connection is left behind when there are enough."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import SSCursor

from ktx_daemon.execution.model import Fetched, Query, ResultColumn, Rows
from ktx_daemon.execution.mysql_values import reader, type_name
from ktx_daemon.introspection.mysql import open_session
from ktx_daemon.introspection.mysql_wire import OversizedError
from ktx_daemon.introspection.target import Target, parse_server_url
from ktx_daemon.request_id import session_name


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    rows = Rows(query)
    with open_session(url, target) as session, session.asking("query_failed"):
        session.connection.decoders = {}  # values are read here, from the texts of the server
        cursor = SSCursor(session.connection)
        try:
            # Shown by the server's list of processes and its logs; error messages count lines, not columns.
            cursor.execute(f"/* {session_name()} */ {query.sql}")
            fields = cursor._result.fields if cursor.description else []
            _read(cursor, [reader(field) for field in fields], rows)
        finally:
            # Closing would read the rest of the rows, however many they are; the session ends here anyway.
            if session.connection._result is not None:
                session.connection._result.unbuffered_active = False
            cursor.connection = None
        return Fetched([ResultColumn(field.name, type_name(field)) for field in fields], rows)


def _read(cursor: Any, readers: list[Any], rows: Rows) -> None:
    try:
        while True:
            cursor.connection.allow(rows.limit.bytes)
            row = cursor.fetchone()
            if row is None:
                return
            pairs = zip(readers, row, strict=True)
            if not rows.add([None if value is None else read(value) for read, value in pairs]):
                return
    except OversizedError:
        rows.stop()
