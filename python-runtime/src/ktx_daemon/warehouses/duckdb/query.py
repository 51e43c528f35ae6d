"""Runs one query on a connection."""

from __future__ import annotations

from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.duckdb.connect import import_duckdb
from ktx_daemon.warehouses.duckdb.values import lossless_type, make_converter, make_nullable
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.model.values import Converter, convert_value


def run(connection: Any, query: Query) -> ResultRows:
    """Run the query and return its first rows. Raises DuckDB's errors."""
    rows = Rows(query)
    columns, converters, sql = _prepare(connection, query.sql)
    cursor = connection.execute(sql)
    if columns is None:
        columns = [ResultColumn(name, str(kind)) for name, kind, *_ in cursor.description or ()]
        converters = [convert_value] * len(columns)
    _read(cursor, [make_nullable(read) for read in converters], rows)
    return ResultRows(columns, rows)


def explain_refusal(error: Any, label: str) -> BadRequestError:
    """Translate DuckDB's error of a query; re-raises that of an interrupt."""
    duckdb = import_duckdb()
    if isinstance(error, duckdb.InterruptException):
        raise error
    if isinstance(error, duckdb.OutOfMemoryException):
        return BadRequestError("query_failed", f"The query on the {label} exceeds the memory limit of a query")
    lines = str(error).strip().splitlines()
    similar = [line for line in lines[1:] if line.startswith("Did you mean")]
    reason = ". ".join(line.rstrip(".!") for line in lines[:1] + similar)
    return BadRequestError("query_failed", f"The query on the {label} was refused: {reason}")


def _prepare(connection: Any, sql: str) -> tuple[list[ResultColumn] | None, list[Converter], str]:
    """Return the columns, their converters, and the query with lossless casts.

    A statement that DuckDB cannot describe is run unchanged; its columns (None here) follow from the cursor.
    """
    import duckdb

    query_text = sql.rstrip("; \t\r\n")
    try:
        described = connection.execute(f"DESCRIBE {query_text}").fetchall()
        types = [connection.type(kind) for _, kind, *_ in described]
    except (duckdb.ParserException, duckdb.NotImplementedException):
        return None, [], sql
    columns = [ResultColumn(name, kind) for name, kind, *_ in described]
    converters = [make_converter(kind) for kind in types]
    casts = [lossless_type(kind) for kind in types]
    if not any(casts):
        return columns, converters, sql
    listed = ", ".join(f"CAST(#{n} AS {kind})" if kind else f"#{n}" for n, kind in enumerate(casts, 1))
    return columns, converters, f"SELECT {listed} FROM ({query_text}\n) AS q"  # noqa: S608 - the query was checked


def _read(cursor: Any, converters: list[Converter], rows: Rows) -> None:
    while (row := cursor.fetchone()) is not None:
        if not rows.add([read(value) for read, value in zip(converters, row, strict=True)]):
            return
