"""Queries on ClickHouse: rows are read as they arrive, and the connection is dropped at a limit."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.clickhouse.connect import open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows

CHUNK_BYTES = 64 * 1024
# The names of all columns are a line, too.
MIN_LINE_BYTES = 1024 * 1024
MAX_ERROR_LINES = 20


class OversizedLineError(Exception):
    """The server sends a line that is longer than the limit."""


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    rows = Rows(query)
    # One row more than requested detects a truncation; the server stops at the end of a block.
    limits = {"max_result_rows": query.rows + 1, "max_result_bytes": 0, "result_overflow_mode": "break"}
    with open_session(target) as session, session.stream(query.sql, limits) as response:
        from ktx_daemon.warehouses.clickhouse.values import make_converter

        lines = _lines(response, max(query.bytes, MIN_LINE_BYTES))
        names, types = _header(lines), _header(lines)
        _read(lines, [make_converter(kind) for kind in types], rows)
    return ResultRows([ResultColumn(name, kind) for name, kind in zip(names, types, strict=True)], rows)


def _header(lines: Iterator[bytes]) -> list[str]:
    line = next(lines, b"[]")
    _check(line, lines)
    names: list[str] = json.loads(line.decode("utf-8", "replace"))
    return names


def _read(lines: Iterator[bytes], converters: list[Any], rows: Rows) -> None:
    from ktx_daemon.warehouses.clickhouse.values import parse_row

    try:
        for line in lines:
            _check(line, lines)
            pairs = zip(converters, parse_row(line), strict=True)
            if not rows.add([read(value) for read, value in pairs]):
                return
    except OversizedLineError:
        rows.skip_oversized_row()


def _lines(response: Any, max_bytes: int) -> Iterator[bytes]:
    """Yield the lines of a response; no more than one line and one chunk are held in memory."""
    pending = bytearray()
    for chunk in response.stream(CHUNK_BYTES):
        if b"\n" in chunk:
            *complete, rest = (bytes(pending) + chunk).split(b"\n")
            yield from filter(None, complete)
            pending = bytearray(rest)
        else:
            pending += chunk
        if len(pending) > max_bytes:
            raise OversizedLineError
    if pending:
        yield bytes(pending)


def _check(line: bytes, rest: Iterator[bytes]) -> None:
    """Raise the error that the server reports in place of a row, after the first rows were sent."""
    if line.startswith(b"["):
        return
    from ktx_daemon.warehouses.clickhouse.errors import ServerError

    text = b"\n".join([line, *itertools.islice(rest, MAX_ERROR_LINES)]).decode("utf-8", "replace")
    raise ServerError(text)
