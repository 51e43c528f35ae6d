"""Queries on files."""

from __future__ import annotations

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import import_duckdb
from ktx_daemon.warehouses.duckdb.files.explain import explain_row
from ktx_daemon.warehouses.duckdb.files.session import FileSession, open_files
from ktx_daemon.warehouses.duckdb.query import explain_refusal, run
from ktx_daemon.warehouses.model.rows import Query, ResultRows


def execute_on_files(target: Target, query: Query, settings: dict[str, str]) -> ResultRows:
    """Run the query and return its first rows."""
    duckdb = import_duckdb()
    with open_files(target, **settings) as session:
        session.create_mentioned_views(query.sql)
        try:
            session.require_reading(query.sql)
            return _run(session, query)
        except duckdb.Error as error:
            raise _explain(error, session) from None


def _run(session: FileSession, query: Query) -> ResultRows:
    """Run the query, again with all views if it names a table that does not exist: the error suggests similar ones."""
    duckdb = import_duckdb()
    try:
        return run(session.connection, query)
    except duckdb.CatalogException as error:
        if session.find_unreadable(str(error)) is None and session.create_remaining_views():
            return run(session.connection, query)
        raise


def _explain(error: Exception, session: FileSession) -> BadRequestError:
    duckdb = import_duckdb()
    text = str(error)
    reason = explain_row(text)
    if reason is None and isinstance(error, duckdb.CatalogException):
        reason = session.find_unreadable(text)
    return BadRequestError("query_failed", reason) if reason else explain_refusal(error, session.label)
