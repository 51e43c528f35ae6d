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
from ktx_daemon.sql.read_only import validate_read_only
from ktx_daemon.sql.requests import SqlStatement

Driver = Callable[[Target, Query], Fetched]

DRIVERS = ("postgres", "mysql", "sqlite", "duckdb")
MAX_ROWS = 100_000
# Dialects that take names, texts and comments for what the driver's database takes them for.
RELATIVES = {"postgres": ("redshift",), "mysql": ("mariadb",)}


def execute_sql(request: ExecuteSql) -> QueryResult:
    """Run one query that only reads. Every failure is a 400 that holds no credentials."""
    if not 1 <= request.max_rows <= MAX_ROWS:
        raise BadRequestError("invalid_value", f"max_rows must be 1 to {MAX_ROWS}")
    target = Target.of(request)
    driver = _driver(target)
    dialect = request.dialect or target.driver
    _check_read_only(request.sql, dialect)
    # What another dialect takes for a comment, this database may execute.
    if dialect not in (target.driver, *RELATIVES.get(target.driver, ())):
        _check_read_only(request.sql, target.driver)
    # One row more than wanted shows that there are more.
    query = Query(request.sql, request.max_rows + 1)
    with explaining(target, "query_failed", "The query"):
        fetched = driver(target, query)
    rows = [[json_value(value) for value in row] for row in fetched.rows[: request.max_rows]]
    return QueryResult(fetched.columns, rows, len(rows), truncated=len(fetched.rows) > len(rows))


def _check_read_only(sql: str, dialect: str) -> None:
    verdict = validate_read_only(SqlStatement(sql, dialect))
    if not verdict.ok:
        raise BadRequestError("not_read_only", (verdict.error or "The statement does more than read").rstrip("."))


def _driver(target: Target) -> Driver:
    if target.driver not in DRIVERS:
        detail = f"Queries cannot be run with the driver '{target.driver}'. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    return cast(Driver, importlib.import_module(f"ktx_daemon.execution.{target.driver}").fetch)
