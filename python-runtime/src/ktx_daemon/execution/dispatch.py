"""Dispatches a checked request to its warehouse, in this process."""

from __future__ import annotations

import msgspec

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target, translate_errors
from ktx_daemon.warehouses.interface import load_execute
from ktx_daemon.warehouses.model.rows import Query, QueryResult


def run_in_process(request: ExecuteSql) -> QueryResult:
    """Run the query and return its result, which has at most `max_bytes` bytes."""
    target = Target.from_request(request)
    query = Query(request.sql, request.max_rows, request.max_bytes)
    with translate_errors(target, "query_failed", "The query"):
        result = load_execute(target)(target, query)
    rows = result.rows
    rows.trim_to_fit(result.columns)
    return QueryResult(
        result.columns, rows.encoded, len(rows.encoded), rows.truncated_by is not None, rows.truncated_by
    )


def run_encoded(body: bytes) -> QueryResult:
    """Run an encoded request, in a child process."""
    return run_in_process(msgspec.json.decode(body, type=ExecuteSql))
