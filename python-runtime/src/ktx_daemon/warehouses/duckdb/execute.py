"""Queries on DuckDB files, which are opened read-only, without access to other files or the network."""

from __future__ import annotations

from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.memory_limit import memory_limit
from ktx_daemon.warehouses.connection.files import find_database_file
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import open_file
from ktx_daemon.warehouses.duckdb.values import lossless_type, make_converter, make_nullable
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.model.values import Converter, convert_value


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    path = find_database_file(target.url, "DuckDB", ("duckdb",))
    rows = Rows(query)
    with open_file(path, target, memory_limit=f"{memory_limit() * 4 // 5 // 2**20}MiB") as connection:
        import duckdb

        try:
            columns, converters, sql = _prepare(connection, query.sql)
            cursor = connection.execute(sql)
            if columns is None:
                columns = [ResultColumn(name, str(kind)) for name, kind, *_ in cursor.description or ()]
                converters = [convert_value] * len(columns)
            _read(cursor, [make_nullable(read) for read in converters], rows)
        except duckdb.InterruptException:
            raise
        except duckdb.OutOfMemoryException:
            detail = f"The query on the DuckDB database {path} exceeds the memory limit of a query"
            raise BadRequestError("query_failed", detail) from None
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise BadRequestError("query_failed", f"The DuckDB database {path} refused the query: {reason}") from None
    return ResultRows(columns, rows)


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
