"""Queries on MySQL and MariaDB: rows are read unbuffered, and the connection is dropped at a limit."""

from __future__ import annotations

from typing import Any

from ktx_daemon.request_id import session_name
from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.mysql.connect import open_session
from ktx_daemon.warehouses.mysql.values import make_converter, type_name
from ktx_daemon.warehouses.mysql.wire import OversizedError


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    rows = Rows(query)
    with open_session(url, target) as session:
        session.connection.decoders = {}  # values are converted here from the server's texts
        # The comment appears in the server's process list and logs; error messages have line numbers, not columns.
        with session.stream(f"/* {session_name()} */ {query.sql}", None, "query_failed") as cursor:
            fields = cursor._result.fields if cursor.description else []
            _read(cursor, [make_converter(field) for field in fields], rows)
        return ResultRows([ResultColumn(field.name, type_name(field)) for field in fields], rows)


def _read(cursor: Any, converters: list[Any], rows: Rows) -> None:
    try:
        while True:
            cursor.connection.set_read_limit(rows.limit.bytes)
            row = cursor.fetchone()
            if row is None:
                return
            pairs = zip(converters, row, strict=True)
            if not rows.add([None if value is None else read(value) for read, value in pairs]):
                return
    except OversizedError:
        rows.skip_oversized_row()
