"""From a request to where it runs: here, or in a process of its own for databases that are files."""

from __future__ import annotations

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.drive import run_here
from ktx_daemon.execution.isolated import execute_isolated
from ktx_daemon.execution.model import QueryResult
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.introspection.target import Target
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.read_only import RefusedError, checked_statement

DRIVERS = ("postgres", "mysql", "sqlite", "duckdb")
# Databases that run inside of the process that asks them.
EMBEDDED = ("sqlite", "duckdb")
MAX_ROWS = 100_000
LEAST_BYTES = 1024


def execute_sql(request: ExecuteSql) -> QueryResult | msgspec.Raw:
    """Run one query that only reads. Every failure is a 400 that holds no credentials."""
    _check_limits(request)
    target = Target.of(request)
    if target.driver not in DRIVERS:
        detail = f"Queries cannot be run with the driver '{target.driver}'. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    statement = _statement(request.sql, request.dialect or target.driver, target.driver)
    checked = msgspec.structs.replace(request, sql=statement)
    return execute_isolated(checked, target) if target.driver in EMBEDDED else run_here(checked)


def _check_limits(request: ExecuteSql) -> None:
    if not 1 <= request.max_rows <= MAX_ROWS:
        raise BadRequestError("invalid_value", f"max_rows must be 1 to {MAX_ROWS}")
    if not LEAST_BYTES <= request.max_bytes <= MAX_ANSWER_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {LEAST_BYTES} to {MAX_ANSWER_BYTES}")


def _statement(sql: str, dialect: str, driver: str) -> str:
    """Return the text to send: what was checked by the rules of the dialect and of the driver's own database."""
    try:
        statement = checked_statement(sql, dialect)
        if require_dialect(dialect) != require_dialect(driver) and checked_statement(sql, driver) != statement:
            raise RefusedError(f"The statement may mean one thing in {dialect} and another in {driver}")
    except RefusedError as error:
        raise BadRequestError("not_read_only", str(error).rstrip(".")) from None
    return statement
