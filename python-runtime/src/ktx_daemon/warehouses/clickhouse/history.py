"""The query history of ClickHouse, from `system.query_log`, which has a row for each call.

Calls within the window are grouped by the server's hash of the normalised statement, and literals are replaced there,
so that none leaves the server. Queries of KTX, and those that a server sends to others, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.clickhouse.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)

DEFAULT_WINDOW_DAYS = 30
MAX_TEXT_CHARACTERS = 100_000
# A list of literals is written as `?..`, which is no SQL.
STATEMENTS = """
    SELECT toString(id), if(lengthUTF8(sql) > {max_text:UInt32}, NULL, replaceAll(sql, '?..', '?')), calls, total_ms,
        rows, since, bytes, errors, users, last_seen, callers, total > {max_statements:UInt32}
    FROM (
        SELECT normalized_query_hash AS id, normalizeQueryKeepNames(any(query)) AS sql, count() AS calls,
            sum(query_duration_ms) AS total_ms, sum(result_rows) AS rows, sum(read_bytes) AS bytes,
            countIf(type != 'QueryFinish') AS errors,
            arraySort(groupUniqArray(20)(substring(lower(hex(SHA256(user))), 1, 16))) AS users,
            sumMap([concat(user, '\\0', if(http_user_agent = '', client_name, http_user_agent))], [toUInt64(1)])
                AS callers,
            toUnixTimestamp(min(event_time)) * 1000 AS since, toUnixTimestamp(max(event_time)) * 1000 AS last_seen,
            count() OVER () AS total
        FROM FROM_TABLE
        WHERE event_date >= today() - {days:UInt32} AND event_time >= now() - INTERVAL {days:UInt32} DAY
            AND type IN ('QueryFinish', 'ExceptionWhileProcessing') AND is_initial_query AND query_kind = 'Select'
            AND NOT startsWith(http_user_agent, 'ktx/')
        GROUP BY normalized_query_hash
        ORDER BY total_ms DESC, id
        LIMIT {max_statements:UInt32}
    )
    WHERE id > {after:UInt64} OR {is_first:Bool}
    ORDER BY id
"""
MISSING = Unavailable(
    "log_missing",
    "ClickHouse has no table system.query_log that this user may see",
    "Ask an administrator to configure query_log on the server, and for: GRANT SELECT ON system.query_log",
)


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of all databases within the window."""
    after = _parse_cursor(page.cursor)
    with open_session(target) as session:
        metadata = Metadata(target.driver, session.server_version)
        if not session.query("EXISTS TABLE system.query_log")[0][0]:
            return HistoryPage(metadata, MISSING)
        try:
            rows = _read_statements(session, page, after)
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            hint = error.hint or f"Ask for: GRANT SELECT ON system.query_log TO {session.server.grantee}"
            return HistoryPage(metadata, Unavailable("permission_denied", error.detail, hint))
    return HistoryPage(metadata, statements=_encode(rows, page.max_bytes))


def _read_statements(session: Session, page: PageRequest, after: int | None) -> Sequence[Sequence[Any]]:
    parameters: dict[str, Any] = {
        "max_text": MAX_TEXT_CHARACTERS,
        "max_statements": page.max_statements,
        "days": page.window_days or DEFAULT_WINDOW_DAYS,
        "after": after or 0,
        "is_first": after is None,
    }
    table = "system.query_log"
    if page.cluster:
        table, parameters["cluster"] = "clusterAllReplicas({cluster:String}, system.query_log)", page.cluster
    return session.query(STATEMENTS.replace("FROM_TABLE", table), parameters, "query_history_failed")


def _parse_cursor(cursor: str | None) -> int | None:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
        raise BadRequestError("invalid_value", "cursor must be the next_cursor of an earlier answer")
    return None if cursor is None else int(cursor)


def _encode(rows: Sequence[Sequence[Any]], max_bytes: int) -> StatementPage:
    statements = StatementPage(max_bytes)
    for query_id, sql, calls, total_ms, count, since, size, errors, users, last_seen, names, truncated in rows:
        statements.truncated = bool(truncated)
        statement = Statement(
            query_id=query_id,
            sql=sql or "",
            calls=calls,
            total_ms=float(total_ms),
            rows=count,
            since_ms=since,
            nested=False,
            bytes=size,
            errors=errors,
            users=list(users),
            last_seen_ms=last_seen,
            callers=callers.count((*name.split("\0", 1), calls) for name, calls in zip(*names, strict=True)),
        )
        if not statements.add(query_id, None if sql is None else msgspec.json.encode(statement).decode()):
            break
    return statements
