"""The query history of PostgreSQL, from the extension pg_stat_statements.

Statements are read in pages sorted by their id. Each page has its own session; only counts change between pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    StatementPage,
    Statistics,
    Unavailable,
)
from ktx_daemon.warehouses.postgres import history_sql as postgres_sql
from ktx_daemon.warehouses.postgres.activity import read_activity
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.history_probe import Extension, Server, UnavailableError
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import Session

CURSOR = "ktx"
# Without these, the statements that run now are read.
SAMPLED = ("extension_missing", "extension_not_loaded")
# More than the JSON of the longest statement that the query returns.
MAX_ROW_BYTES = 1024 * 1024
MAX_ID = 2**63


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the connection's database."""
    after = _parse_cursor(page.cursor)
    url = parse_url(target.url)
    with open_session(url, target) as session:
        server = Server.read(session, target.connection_id, url.token)
        metadata = Metadata(target.driver, server.version)
        try:
            extension = server.find_extension(session)
            statistics = _read_statistics(session, extension)
            statements = _read_statements(session, extension, page, after)
        except UnavailableError as error:
            return _read_sample(session, server, page, HistoryPage(metadata, error.reason))
    return HistoryPage(metadata, None, statistics, statements)


def _read_sample(session: Session, server: Server, page: PageRequest, missing: HistoryPage) -> HistoryPage:
    """Return the statements that run now in place of a history that is missing; `missing` itself if none runs."""
    reason = missing.unavailable
    if reason is None or reason.code not in SAMPLED:
        return missing
    session.restart()
    statements, hidden = read_activity(session, page)
    if not statements.encoded:
        return missing
    warnings = _explain_sample(reason, server.missing_privilege() if hidden else None)
    return HistoryPage(missing.metadata, statements=statements, warnings=warnings)


def _explain_sample(reason: Unavailable, hidden: Unavailable | None) -> list[str]:
    """Return the warnings about a sample in place of a history."""
    sample = "The statements are those that run now (pg_stat_activity), each counted once a session, and no history"
    privilege = [f"{hidden.detail}. {hidden.hint}"] if hidden else []
    return [f"{sample}: {reason.detail}. {reason.hint}", *privilege]


def _parse_cursor(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        number = int(cursor)
    except ValueError:
        number = MAX_ID
    if not -MAX_ID <= number < MAX_ID:
        raise BadRequestError("invalid_value", "cursor must be the next_cursor of an earlier answer")
    return number


def _read_statistics(session: Session, extension: Extension) -> Statistics:
    if not {"dealloc", "stats_reset"} <= extension.info_columns:
        return Statistics()  # before version 14
    with extension.server.guard_reading(session):
        rows = session.connection.run(postgres_sql.INFO.format(schema=extension.schema))
    return Statistics(*rows[0]) if rows else Statistics()


def _read_statements(session: Session, extension: Extension, page: PageRequest, after: int | None) -> StatementPage:
    rows = _PageConsumer(page.max_bytes)
    query = postgres_sql.statements_query(extension.schema, extension.columns, page.max_statements, after)
    with extension.server.guard_reading(session):
        session.connection.execute_unnamed(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {query}")
        session.connection.stream(CURSOR, 0, rows, (str,) * 4)
    if rows.hidden:
        raise UnavailableError(extension.server.missing_privilege())
    return rows.statements


class _PageConsumer:
    """Consumes the rows of a page from the connection."""

    def __init__(self, max_bytes: int) -> None:
        self.statements = StatementPage(max_bytes)
        self.limit = _RowLimit(MAX_ROW_BYTES)
        self.hidden = False

    def add(self, values: Sequence[Any]) -> bool:
        """Consume a row; return False to stop."""
        query_id, statement, truncated, hidden = values
        self.statements.truncated = truncated == "t"
        self.hidden = hidden == "t"
        return not self.hidden and self.statements.add(query_id, statement)

    def skip_oversized_row(self) -> None:
        """Raise 400: the query returns no row of this size."""
        raise BadRequestError("query_history_failed", "PostgreSQL sent a statement that is longer than asked for")


@dataclass(frozen=True)
class _RowLimit:
    bytes: int
