"""From a request to the driver that runs it, and from its rows to JSON."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.model import Fetched, Query, QueryResult
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.execution.values import json_value
from ktx_daemon.introspection.target import Target, explaining
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.read_only import RefusedError, checked_statement

Driver = Callable[[Target, Query], Fetched]

DRIVERS = ("postgres", "mysql", "sqlite", "duckdb")
MAX_ROWS = 100_000


def execute_sql(request: ExecuteSql) -> QueryResult:
    """Run one query that only reads. Every failure is a 400 that holds no credentials."""
    if not 1 <= request.max_rows <= MAX_ROWS:
        raise BadRequestError("invalid_value", f"max_rows must be 1 to {MAX_ROWS}")
    target = Target.of(request)
    driver = _driver(target)
    statement = _statement(request.sql, request.dialect or target.driver, target.driver)
    # One row more than wanted shows that there are more.
    query = Query(statement, request.max_rows + 1)
    with explaining(target, "query_failed", "The query"):
        fetched = driver(target, query)
    rows = [[json_value(value) for value in row] for row in fetched.rows[: request.max_rows]]
    return QueryResult(fetched.columns, rows, len(rows), truncated=len(fetched.rows) > len(rows))


def _statement(sql: str, dialect: str, driver: str) -> str:
    """Give the text to send: what was checked by the rules of the dialect and of the driver's own database."""
    try:
        statement = checked_statement(sql, dialect)
        if require_dialect(dialect) != require_dialect(driver) and checked_statement(sql, driver) != statement:
            raise RefusedError(f"The statement may mean one thing in {dialect} and another in {driver}")
    except RefusedError as error:
        raise BadRequestError("not_read_only", str(error).rstrip(".")) from None
    return statement


def _driver(target: Target) -> Driver:
    if target.driver not in DRIVERS:
        detail = f"Queries cannot be run with the driver '{target.driver}'. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    return cast(Driver, importlib.import_module(f"ktx_daemon.execution.{target.driver}").fetch)
