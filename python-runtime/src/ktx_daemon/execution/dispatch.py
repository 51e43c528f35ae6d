"""Running a request that was checked: by the driver of its database, in this process."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.execution.model import Fetched, Query, QueryResult
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.introspection.target import Target, explaining

Driver = Callable[[Target, Query], Fetched]


def run_here(request: ExecuteSql) -> QueryResult:
    """Run the query and give the answer, which has no more bytes than were asked for."""
    target = Target.of(request)
    driver = cast(Driver, importlib.import_module(f"ktx_daemon.execution.{target.driver}").fetch)
    query = Query(request.sql, request.max_rows, request.max_bytes)
    with explaining(target, "query_failed", "The query"):
        fetched = driver(target, query)
    rows = fetched.rows
    rows.make_room_for(fetched.columns)
    return QueryResult(fetched.columns, rows.encoded, len(rows.encoded), rows.cut is not None, rows.cut)
