"""Checks a request and runs it, in this process or in a child process."""

from __future__ import annotations

import msgspec

from ktx_daemon.children.pool import ProcessEndedError, run_in_child_process
from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.dispatch import run_in_process
from ktx_daemon.execution.policy import require_allowed
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.read_only import NotReadOnlyError, check_read_only
from ktx_daemon.warehouses.connection.concurrency import limited
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import QueryResult

MAX_ROWS = 100_000
MIN_BYTES = 1024


def execute_sql(request: ExecuteSql) -> QueryResult | msgspec.Raw:
    """Run one read-only query. Every failure is a 400 without credentials."""
    _check_limits(request)
    target = Target.from_request(request)
    dialect = request.dialect or target.engine
    statement = _checked_statement(request.sql, dialect, target.engine)
    with limited(target) as allowed:
        timeout_ms = max(1, round(allowed.statement_timeout * 1000))
        checked = msgspec.structs.replace(request, sql=statement, statement_timeout_ms=timeout_ms)
        require_allowed(checked, dict.fromkeys([dialect, target.engine]), allowed)
        return _run_in_child_process(checked, allowed) if target.warehouse.in_child_process else run_in_process(checked)


def _run_in_child_process(request: ExecuteSql, target: Target) -> msgspec.Raw:
    try:
        return run_in_child_process("execution.dispatch:run_encoded", request, target.statement_timeout)
    except ProcessEndedError as error:
        raise _termination_error(target, has_timed_out=error.has_timed_out) from None


def _check_limits(request: ExecuteSql) -> None:
    if not 1 <= request.max_rows <= MAX_ROWS:
        raise BadRequestError("invalid_value", f"max_rows must be 1 to {MAX_ROWS}")
    if not MIN_BYTES <= request.max_bytes <= MAX_ANSWER_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {MIN_BYTES} to {MAX_ANSWER_BYTES}")


def _checked_statement(sql: str, dialect: str, engine: str) -> str:
    """Return the text to send, which is read-only by the rules of both the dialect and the engine."""
    try:
        statement = check_read_only(sql, dialect)
        if require_dialect(dialect) != require_dialect(engine) and check_read_only(sql, engine) != statement:
            raise NotReadOnlyError(f"The statement may mean one thing in {dialect} and another in {engine}")
    except NotReadOnlyError as error:
        raise BadRequestError("not_read_only", str(error).rstrip(".")) from None
    return statement


def _termination_error(target: Target, *, has_timed_out: bool) -> BadRequestError:
    if has_timed_out:
        limit = f"{target.statement_timeout:g} s"
        return BadRequestError(
            "statement_timeout", f"The query on '{target.connection_id}' took longer than {limit} and was stopped"
        )
    return BadRequestError(
        "query_failed",
        f"The process of the query on '{target.connection_id}' ended",
        "Ask for less: the query may need too much memory",
    )
