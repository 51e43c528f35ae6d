"""DuckDB, on a file that is opened read-only, without access to other files or to the network."""

from __future__ import annotations

from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.duckdb_values import cast, optional, reader
from ktx_daemon.execution.memory_limit import memory_limit
from ktx_daemon.execution.model import Fetched, Query, ResultColumn, Rows
from ktx_daemon.execution.values import Converter, json_value
from ktx_daemon.introspection.duckdb import open_file
from ktx_daemon.introspection.files import database_file
from ktx_daemon.introspection.target import Target


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    path = database_file(target.url, "DuckDB", ("duckdb",))
    rows = Rows(query)
    with open_file(path, target, memory_limit=f"{memory_limit() * 4 // 5 // 2**20}MiB") as connection:
        import duckdb

        try:
            columns, readers, sql = _prepared(connection, query.sql)
            cursor = connection.execute(sql)
            if columns is None:
                columns = [ResultColumn(name, str(kind)) for name, kind, *_ in cursor.description or ()]
                readers = [json_value] * len(columns)
            _read(cursor, [optional(read) for read in readers], rows)
        except duckdb.InterruptException:
            raise
        except duckdb.OutOfMemoryException:
            detail = f"The query on the DuckDB database {path} needs more memory than a query may take"
            raise BadRequestError("query_failed", detail) from None
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise BadRequestError("query_failed", f"The DuckDB database {path} refused the query: {reason}") from None
    return Fetched(columns, rows)


def _prepared(connection: Any, sql: str) -> tuple[list[ResultColumn] | None, list[Converter], str]:
    """Find the types of the columns, and write the query so that no value of them is lost.

    A statement that cannot be described is run as it is; its columns are known afterwards.
    """
    import duckdb

    inner = sql.rstrip("; \t\r\n")
    try:
        described = connection.execute(f"DESCRIBE {inner}").fetchall()
        types = [connection.type(kind) for _, kind, *_ in described]
    except (duckdb.ParserException, duckdb.NotImplementedException):
        return None, [], sql
    columns = [ResultColumn(name, kind) for name, kind, *_ in described]
    readers = [reader(kind) for kind in types]
    casts = [cast(kind) for kind in types]
    if not any(casts):
        return columns, readers, sql
    listed = ", ".join(f"CAST(#{n} AS {kind})" if kind else f"#{n}" for n, kind in enumerate(casts, 1))
    return columns, readers, f"SELECT {listed} FROM ({inner}\n) AS q"  # noqa: S608 - the query was checked


def _read(cursor: Any, readers: list[Converter], rows: Rows) -> None:
    while (row := cursor.fetchone()) is not None:
        if not rows.add([read(value) for read, value in zip(readers, row, strict=True)]):
            return
