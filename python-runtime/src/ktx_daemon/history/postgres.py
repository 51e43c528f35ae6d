"""PostgreSQL: the statements that the extension pg_stat_statements counts.

They are read in pages, sorted by their number: each page is a session of its own, and between two of them only the
counts change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.history import postgres_sql
from ktx_daemon.history.model import Found, Metadata, Page, Statements, Statistics
from ktx_daemon.history.postgres_probe import Extension, Server, UnavailableError
from ktx_daemon.introspection.postgres_session import Session, open_session
from ktx_daemon.introspection.target import Target, parse_server_url

CURSOR = "ktx"
# More than the longest statement that is read has as JSON.
MAX_ROW_BYTES = 1024 * 1024
MAX_ID = 2**63


def read(target: Target, page: Page) -> Found:
    """Read one page of the statements of the database that the session is in."""
    after = _query_id(page.cursor)
    url = parse_server_url(target.url, ("postgresql", "postgres"))
    with open_session(url, target) as session:
        server = Server.of(session, target.connection_id, url.token)
        metadata = Metadata(target.driver, server.version)
        try:
            extension = server.find_extension(session)
            statistics = _statistics(session, extension)
            statements = _statements(session, extension, page, after)
        except UnavailableError as error:
            return Found(metadata, error.reason)
    return Found(metadata, None, statistics, statements)


def _query_id(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        number = int(cursor)
    except ValueError:
        number = MAX_ID
    if not -MAX_ID <= number < MAX_ID:
        raise BadRequestError("invalid_value", "cursor must be the next_cursor of an answer before")
    return number


def _statistics(session: Session, extension: Extension) -> Statistics:
    if not {"dealloc", "stats_reset"} <= extension.info_columns:
        return Statistics()  # before version 14
    with extension.server.reading(session):
        rows = session.connection.run(postgres_sql.INFO.format(schema=extension.schema))
    return Statistics(*rows[0]) if rows else Statistics()


def _statements(session: Session, extension: Extension, page: Page, after: int | None) -> Statements:
    rows = _Rows(page.max_bytes)
    query = postgres_sql.statements(extension.schema, extension.columns, page.max_statements, after)
    with extension.server.reading(session):
        session.connection.execute_unnamed(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {query}")
        session.connection.stream(CURSOR, 0, rows, (str,) * 4)
    if rows.hidden:
        raise UnavailableError(extension.server.no_privilege())
    return rows.statements


class _Rows:
    """Takes the rows of a page from the connection."""

    def __init__(self, max_bytes: int) -> None:
        self.statements = Statements(max_bytes)
        self.limit = _RowLimit(MAX_ROW_BYTES)
        self.hidden = False

    def add(self, values: Sequence[Any]) -> bool:
        """Take a row, and say whether another one may follow."""
        query_id, statement, truncated, hidden = values
        self.statements.truncated = truncated == "t"
        self.hidden = hidden == "t"
        return not self.hidden and self.statements.add(query_id, statement)

    def stop(self) -> None:
        """A row is larger than any that was asked for."""
        raise BadRequestError("query_history_failed", "PostgreSQL sent a statement that is longer than asked for")


@dataclass(frozen=True)
class _RowLimit:
    bytes: int
