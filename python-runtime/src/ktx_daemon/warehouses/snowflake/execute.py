"""Queries on Snowflake: the server returns no more rows than are asked for, and batches are read as they arrive."""

from __future__ import annotations

import contextlib

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.snowflake.connect import open_session


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    # One row more than requested detects a truncation.
    with open_session(target, query.rows + 1) as session, session.stream(query.sql) as cursor:
        from ktx_daemon.warehouses.snowflake.arrow import ArrowResult, metadata
        from ktx_daemon.warehouses.snowflake.values import make_converter, type_name

        rows = Rows(query)
        with contextlib.closing(ArrowResult(cursor)) as result:
            details = [metadata(column) for column in result.columns]
            converters = [make_converter(each) for each in details]
            for row in result.rows():
                if not rows.add([read(value) for read, value in zip(converters, row, strict=True)]):
                    break
            names = [column.name for column in result.columns]
    return ResultRows([ResultColumn(name, type_name(each)) for name, each in zip(names, details, strict=True)], rows)
