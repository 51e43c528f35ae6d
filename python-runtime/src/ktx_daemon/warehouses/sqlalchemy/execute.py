"""Queries through a SQLAlchemy dialect. They run in a child process, because not every driver can be interrupted."""

from __future__ import annotations

import contextlib
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection.target import Target, find_secrets
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.model.values import convert_value
from ktx_daemon.warehouses.sqlalchemy.connect import create_engine

# Rows that a driver with a server-side cursor fetches at once.
FETCH_ROWS = 1000


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows; its transaction is rolled back."""
    engine = create_engine(target)
    import sqlalchemy

    rows = Rows(query)
    try:
        with contextlib.closing(engine.connect()) as connection:
            # Without parameters, drivers do not read `%` as a placeholder.
            options = {"stream_results": True, "max_row_buffer": FETCH_ROWS, "no_parameters": True}
            result = connection.execution_options(**options).exec_driver_sql(query.sql)
            if not result.returns_rows:
                return ResultRows([], rows)
            columns = [ResultColumn(name, None) for name, *_ in result.cursor.description]
            _read(result, rows)
            result.close()
            return ResultRows(columns, rows)
    except sqlalchemy.exc.DBAPIError as error:
        raise _explain(error, target) from None


def _read(result: Any, rows: Rows) -> None:
    for row in result:
        if not rows.add([convert_value(value) for value in row]):
            return


def _explain(error: Any, target: Target) -> BadRequestError:
    reason = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
    detail = f"The database of '{target.connection_id}' refused the query: {redact(reason, find_secrets(target.url))}"
    return BadRequestError("query_failed", detail.rstrip("."))
