"""Dispatches a request for the query history to its warehouse."""

from __future__ import annotations

from ktx_daemon.errors import BadRequestError
from ktx_daemon.history.requests import ReadQueryHistory
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.warehouses.connection.concurrency import limited
from ktx_daemon.warehouses.connection.target import Target, translate_errors
from ktx_daemon.warehouses.interface import load_read_history
from ktx_daemon.warehouses.model.history import PageRequest, QueryHistory, StatementPage
from ktx_daemon.warehouses.model.values import format_now

MAX_STATEMENTS = 100_000
MAX_WINDOW_DAYS = 3650
# Enough for the longest statement in UTF-8.
MIN_BYTES = 1024 * 1024


def read_query_history(request: ReadQueryHistory) -> QueryHistory:
    """Read one page of a database's query history. Every failure is a 400 without credentials."""
    _check_limits(request)
    target = Target.from_request(request)
    target.require("history", f"The query history of the driver '{target.driver}' cannot be read")
    page = PageRequest(
        request.cursor,
        request.max_statements,
        request.max_bytes,
        request.window_days,
        request.cluster,
        request.first_day,
    )
    with translate_errors(target, "query_history_failed", "Reading the query history"), limited(target) as allowed:
        result = load_read_history(target)(allowed, page)
    statements = result.statements or StatementPage(request.max_bytes)
    return QueryHistory(
        extracted_at=format_now(),
        metadata=result.metadata,
        unavailable=result.unavailable,
        statistics=result.statistics,
        statements=statements.encoded,
        without_text=statements.without_text,
        truncated=statements.truncated,
        next_cursor=statements.next_cursor,
        log=result.log,
        warnings=list(result.warnings),
    )


def _check_limits(request: ReadQueryHistory) -> None:
    if not 1 <= request.max_statements <= MAX_STATEMENTS:
        raise BadRequestError("invalid_value", f"max_statements must be 1 to {MAX_STATEMENTS}")
    if request.window_days is not None and not 1 <= request.window_days <= MAX_WINDOW_DAYS:
        raise BadRequestError("invalid_value", f"window_days must be 1 to {MAX_WINDOW_DAYS}")
    if request.first_day is not None and request.first_day < 0:
        raise BadRequestError("invalid_value", "first_day must be 0 or more")
    if not MIN_BYTES <= request.max_bytes <= MAX_ANSWER_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {MIN_BYTES} to {MAX_ANSWER_BYTES}")
