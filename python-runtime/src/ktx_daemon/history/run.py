"""From a request to the driver that answers it."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.errors import BadRequestError
from ktx_daemon.history.model import Found, Page, QueryHistory, Statements
from ktx_daemon.history.requests import ReadQueryHistory
from ktx_daemon.introspection.target import Target, explaining
from ktx_daemon.limits import MAX_ANSWER_BYTES

Driver = Callable[[Target, Page], Found]

DRIVERS = ("postgres",)
MAX_STATEMENTS = 100_000
# The longest statement fits, with characters of any length.
LEAST_BYTES = 1024 * 1024


def read_query_history(request: ReadQueryHistory) -> QueryHistory:
    """Read which statements ran on a database. Every failure is a 400 that holds no credentials."""
    _check_limits(request)
    target = Target.of(request)
    if target.driver not in DRIVERS:
        detail = f"The query history of the driver '{target.driver}' cannot be read. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    read = cast(Driver, importlib.import_module(f"ktx_daemon.history.{target.driver}").read)
    with explaining(target, "query_history_failed", "Reading the query history"):
        found = read(target, Page(request.cursor, request.max_statements, request.max_bytes))
    statements = found.statements or Statements(request.max_bytes)
    return QueryHistory(
        extracted_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
        metadata=found.metadata,
        unavailable=found.unavailable,
        statistics=found.statistics,
        statements=statements.encoded,
        without_text=statements.without_text,
        truncated=statements.truncated,
        next_cursor=statements.next_cursor,
    )


def _check_limits(request: ReadQueryHistory) -> None:
    if not 1 <= request.max_statements <= MAX_STATEMENTS:
        raise BadRequestError("invalid_value", f"max_statements must be 1 to {MAX_STATEMENTS}")
    if not LEAST_BYTES <= request.max_bytes <= MAX_ANSWER_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {LEAST_BYTES} to {MAX_ANSWER_BYTES}")
