"""Dispatches a request for the query history to its driver."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.errors import BadRequestError
from ktx_daemon.history.model import DriverResult, PageRequest, QueryHistory, StatementPage
from ktx_daemon.history.requests import ReadQueryHistory
from ktx_daemon.introspection.target import Target, translate_errors
from ktx_daemon.limits import MAX_ANSWER_BYTES

Driver = Callable[[Target, PageRequest], DriverResult]

DRIVERS = ("postgres",)
MAX_STATEMENTS = 100_000
# Enough for the longest statement in UTF-8.
MIN_BYTES = 1024 * 1024


def read_query_history(request: ReadQueryHistory) -> QueryHistory:
    """Read one page of a database's query history. Every failure is a 400 without credentials."""
    _check_limits(request)
    target = Target.from_request(request)
    if target.driver not in DRIVERS:
        detail = f"The query history of the driver '{target.driver}' cannot be read. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    read = cast(Driver, importlib.import_module(f"ktx_daemon.history.{target.driver}").read)
    with translate_errors(target, "query_history_failed", "Reading the query history"):
        result = read(target, PageRequest(request.cursor, request.max_statements, request.max_bytes))
    statements = result.statements or StatementPage(request.max_bytes)
    return QueryHistory(
        extracted_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
        metadata=result.metadata,
        unavailable=result.unavailable,
        statistics=result.statistics,
        statements=statements.encoded,
        without_text=statements.without_text,
        truncated=statements.truncated,
        next_cursor=statements.next_cursor,
    )


def _check_limits(request: ReadQueryHistory) -> None:
    if not 1 <= request.max_statements <= MAX_STATEMENTS:
        raise BadRequestError("invalid_value", f"max_statements must be 1 to {MAX_STATEMENTS}")
    if not MIN_BYTES <= request.max_bytes <= MAX_ANSWER_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {MIN_BYTES} to {MAX_ANSWER_BYTES}")
