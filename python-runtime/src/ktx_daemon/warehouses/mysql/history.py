"""The query history of MySQL and MariaDB, from the digests of the performance schema, else from the slow log's table.

Statements are read in pages sorted by their id. Each page has its own session; only counts change between pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import MASK
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, parse_server_url
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Statistics,
    Unavailable,
)
from ktx_daemon.warehouses.mysql.connect import Session, open_session
from ktx_daemon.warehouses.mysql.history_sql import DIGESTS, DIGESTS_LOST, SLOW_LOG, SOURCES

DEFAULT_WINDOW_DAYS = 30
MAX_USERS = 20
CURSOR = re.compile(r"[0-9a-f]{32,64}")
# Names, and what the server writes for lists of literals.
LIST = re.compile(r"(`(?:[^`]|``)*`)|\(\.\.\.\)|\?, \.\.\.")


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the connection's database."""
    if page.cursor is not None and not CURSOR.fullmatch(page.cursor):
        raise BadRequestError("invalid_value", "cursor must be the next_cursor of an earlier answer")
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    with open_session(url, target) as session:
        ((version, has_digests, has_slow_log, user),) = session.query(SOURCES)
        metadata = Metadata(target.driver, version)
        if not has_digests and not has_slow_log:
            return HistoryPage(metadata, _describe_missing_log(target))
        try:
            statistics = _read_statistics(session) if has_digests else Statistics()
            statements = _read_statements(session, page, DIGESTS if has_digests else SLOW_LOG)
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            return HistoryPage(metadata, _describe_missing_right(target, url, user, has_digests=bool(has_digests)))
    return HistoryPage(metadata, None, statistics, statements)


def _read_statistics(session: Session) -> Statistics:
    return Statistics(dealloc=sum(int(value) for _, value in session.query(DIGESTS_LOST)))


def _read_statements(session: Session, page: PageRequest, query: str) -> StatementPage:
    sql = query.format(limit=page.max_statements, days=page.window_days or DEFAULT_WINDOW_DAYS)
    with session.stream(sql, (page.cursor or "",), "query_history_failed") as rows:
        return _encode(rows, page.max_bytes, parse_digest if query is DIGESTS else str)


def _encode(rows: Iterable[Sequence[Any]], max_bytes: int, parse: Callable[[str], str]) -> StatementPage:
    statements = StatementPage(max_bytes)
    for query_id, text, calls, total_ms, count, errors, first_seen, last_seen, users, truncated in rows:
        statements.truncated = bool(truncated)
        statement = Statement(
            query_id=query_id,
            sql=parse(text or ""),
            calls=calls,
            total_ms=float(total_ms),
            rows=count,
            since_ms=int(first_seen),
            nested=False,
            errors=errors,
            users=sorted(users.split(","))[:MAX_USERS] if users else UNSET,
            last_seen_ms=int(last_seen),
        )
        if not statements.add(query_id, None if text is None else msgspec.json.encode(statement).decode()):
            break
    return statements


def parse_digest(text: str) -> str:
    """Return a digest as SQL: `(...)` and `?, ...` are lists of literals."""
    return LIST.sub(lambda match: match[1] or ("(?)" if match[0][0] == "(" else "?, ?"), text).strip()


def _describe_missing_log(target: Target) -> Unavailable:
    return Unavailable(
        "log_missing",
        f"The server of the connection {target.connection_id} keeps no statements: its performance schema is off, and "
        "its slow log is not a table",
        "Let an administrator set performance_schema = ON in the server's configuration and restart it, or run: "
        "SET GLOBAL slow_query_log = 1, log_output = 'TABLE'",
    )


def _describe_missing_right(target: Target, url: ServerUrl, user: str, *, has_digests: bool) -> Unavailable:
    name, _, host = user.rpartition("@")
    grantee = f"'{MASK if name == url.token else name}'@'{host}'"
    table = "performance_schema.events_statements_summary_by_digest" if has_digests else "mysql.slow_log"
    return Unavailable(
        "permission_denied",
        f"The user of the connection {target.connection_id} may not see the statements of the server",
        f"Let an administrator run: GRANT SELECT ON {table} TO {grantee}",
    )
