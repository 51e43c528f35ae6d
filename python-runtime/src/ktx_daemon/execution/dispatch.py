"""Dispatches a checked request to its warehouse, in this process."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target, translate_errors
from ktx_daemon.warehouses.interface import load_execute
from ktx_daemon.warehouses.model.rows import Query, QueryResult

# The names of other objects in errors of DuckDB and ClickHouse.
_SUGGESTION = re.compile(r"[.,;:]?\s*\(?(did|maybe|perhaps) you (mean|meant)\b.*", re.IGNORECASE | re.DOTALL)


def run_in_process(request: ExecuteSql) -> QueryResult:
    """Run the query and return its result, which has at most `max_bytes` bytes."""
    target = Target.from_request(request)
    query = Query(request.sql, request.max_rows, request.max_bytes)
    with _without_suggestions(request), translate_errors(target, "query_failed", "The query"):
        result = load_execute(target)(target, query)
    rows = result.rows
    rows.trim_to_fit(result.columns)
    return QueryResult(
        result.columns, rows.encoded, len(rows.encoded), rows.truncated_by is not None, rows.truncated_by
    )


def run_encoded(body: bytes) -> QueryResult:
    """Run an encoded request, in a child process."""
    return run_in_process(msgspec.json.decode(body, type=ExecuteSql))


@contextlib.contextmanager
def _without_suggestions(request: ExecuteSql) -> Iterator[None]:
    """Leave out the names that an error suggests while anything is denied: they may be those of what is denied."""
    try:
        yield
    except BadRequestError as error:
        if not request.denied.tables and not request.denied.columns:
            raise
        raise BadRequestError(error.code, _SUGGESTION.sub("", error.detail), error.hint) from None
