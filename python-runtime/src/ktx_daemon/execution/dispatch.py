"""Dispatches a checked request to the driver of its database, in this process."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.execution.model import DriverResult, Query, QueryResult
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.introspection.target import Target, translate_errors

Driver = Callable[[Target, Query], DriverResult]


def run_in_process(request: ExecuteSql) -> QueryResult:
    """Run the query and return its result, which has at most `max_bytes` bytes."""
    target = Target.from_request(request)
    driver = cast(Driver, importlib.import_module(f"ktx_daemon.execution.{target.driver}").fetch)
    query = Query(request.sql, request.max_rows, request.max_bytes)
    with translate_errors(target, "query_failed", "The query"):
        result = driver(target, query)
    rows = result.rows
    rows.trim_to_fit(result.columns)
    return QueryResult(
        result.columns, rows.encoded, len(rows.encoded), rows.truncated_by is not None, rows.truncated_by
    )
