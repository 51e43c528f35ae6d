"""The query history of MySQL and MariaDB, from the digests of the performance schema, else from the slow log's table.

Statements are read in pages sorted by their id. Each page has its own session; only counts change between pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import MASK
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, parse_server_url
from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.call_log import MAX_USERS, CallLog, DayCounts
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
            if has_digests:
                return HistoryPage(metadata, None, _read_statistics(session), _read_digests(session, page))
            log = CallLog.of_window("mysql.slow_log", page.window_days, page.first_day)
            return HistoryPage(metadata, statements=_read_slow_log(session, page, log), log=log)
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            return HistoryPage(metadata, _describe_missing_right(target, url, user, has_digests=bool(has_digests)))


def _read_statistics(session: Session) -> Statistics:
    return Statistics(dealloc=sum(int(value) for _, value in session.query(DIGESTS_LOST)))


def _read_digests(session: Session, page: PageRequest) -> StatementPage:
    sql = DIGESTS.format(limit=page.max_statements)
    with session.stream(sql, (page.cursor or "",), "query_history_failed") as rows:
        return _encode(rows, page.max_bytes, _describe_digest)


def _read_slow_log(session: Session, page: PageRequest, log: CallLog) -> StatementPage:
    sql = SLOW_LOG.format(limit=page.max_statements, begin=log.begin_seconds)
    with session.stream(sql, (page.cursor or "",), "query_history_failed") as rows:
        return _encode(rows, page.max_bytes, _describe_logged)


def _encode(
    rows: Iterable[Sequence[Any]], max_bytes: int, describe: Callable[[str, str, Sequence[Any]], Statement]
) -> StatementPage:
    """Encode rows of id, text, counts and whether there are more statements."""
    statements = StatementPage(max_bytes)
    for query_id, text, *counts, truncated in rows:
        statements.truncated = bool(truncated)
        encoded = None if text is None else msgspec.json.encode(describe(query_id, text, counts)).decode()
        if not statements.add(query_id, encoded):
            break
    return statements


def _describe_digest(query_id: str, text: str, counts: Sequence[Any]) -> Statement:
    calls, total_ms, rows, errors, first_seen, last_seen = counts
    return Statement(
        query_id=query_id,
        sql=parse_digest(text),
        calls=calls,
        total_ms=float(total_ms),
        rows=rows,
        since_ms=int(first_seen),
        nested=False,
        errors=errors,
        last_seen_ms=int(last_seen),
    )


def _describe_logged(query_id: str, text: str, counts: Sequence[Any]) -> Statement:
    try:
        by_user = msgspec.json.decode(counts[0], type=list[tuple[int, str, int, float, int, int, int]])
    except msgspec.DecodeError:
        detail = "MySQL cut the days and users of a statement of the slow log"
        raise BadRequestError("query_history_failed", detail, hint="Raise group_concat_max_len") from None
    by_day = groupby(sorted(by_user), key=itemgetter(0))
    return Statement.of_days(query_id, text, [_describe_day(day, list(group)) for day, group in by_day])


def _describe_day(day: int, by_user: list[tuple[int, str, int, float, int, int, int]]) -> DayCounts:
    users = {hashlib.sha256(user.encode()).hexdigest()[:16] for _, user, *_ in by_user}
    return DayCounts(
        day=day,
        calls=sum(calls for _, _, calls, *_ in by_user),
        total_ms=sum(total_ms for _, _, _, total_ms, *_ in by_user),
        rows=sum(rows for *_, rows, _, _ in by_user),
        since_ms=min(first_seen for *_, first_seen, _ in by_user),
        last_seen_ms=max(last_seen for *_, last_seen in by_user),
        users=sorted(users)[:MAX_USERS],
        callers=callers.count((user, None, calls) for _, user, calls, *_ in by_user),
    )


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
