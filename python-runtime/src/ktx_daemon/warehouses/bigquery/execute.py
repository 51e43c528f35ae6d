"""Queries on BigQuery: a dry run finds the type of the statement, and pages are read until a limit."""

from __future__ import annotations

from contextlib import closing

from ktx_daemon.warehouses.bigquery.connect import open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    rows = Rows(query)
    columns: list[ResultColumn] = []
    with open_session(target) as session, session.guard("query_failed"):
        from ktx_daemon.warehouses.bigquery.jobs import Job, check_select, dry_run, page_rows, read_pages
        from ktx_daemon.warehouses.bigquery.types import name_type

        check_select(dry_run(session, query.sql))
        # One row more than requested detects a truncation.
        with closing(read_pages(Job(session), query.sql, max_rows=query.rows + 1)) as pages:
            for page in pages:
                fields = page["schema"]["fields"]
                columns = [ResultColumn(field.get("name", ""), name_type(field)) for field in fields]
                if not all(rows.add(values) for values in page_rows(page)):
                    break
    return ResultRows(columns, rows)
