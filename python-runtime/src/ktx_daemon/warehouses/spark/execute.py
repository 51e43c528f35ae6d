"""Queries on Spark: rows are read in batches, and the statement ends on the server at a limit."""

from __future__ import annotations

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultRows, Rows
from ktx_daemon.warehouses.spark.connect import open_session


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    result = Rows(query)
    # One row more than requested detects a truncation.
    with open_session(target) as session, session.stream(query.sql, query.rows + 1) as (columns, rows):
        for row in rows:
            if not result.add(row):
                break
    return ResultRows(columns, result)
