"""The query history of ClickHouse, from `system.query_log`, which has a row for each call.

Calls within the window are grouped by the server's hash of the normalised statement and by day, and literals are
replaced there, so that none leaves the server. Queries of KTX, and those that a server sends to others, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.clickhouse.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.call_log import MAX_USERS, CallLog, DayCounts
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)

MAX_TEXT_CHARACTERS = 100_000
# A list of literals is written as `?..`, which is no SQL. A day without a short text is left out.
STATEMENTS = """
    SELECT toString(id), if(empty(text), NULL, replaceAll(text, '?..', '?')), days, total > {max_statements:UInt32}
    FROM (
        SELECT id, minIf(sql, notEmpty(sql)) AS text, sum(total_ms) AS time, count() OVER () AS total,
            groupArrayIf((day, calls, total_ms, rows, since, last_seen, bytes, errors, users, callers), notEmpty(sql))
                AS days
        FROM (
            SELECT normalized_query_hash AS id, intDiv(toUnixTimestamp(event_time), 86400) AS day,
                normalizeQueryKeepNames(minIf(query, lengthUTF8(query) <= {max_text:UInt32})) AS sql,
                count() AS calls, sum(query_duration_ms) AS total_ms, sum(result_rows) AS rows,
                sum(read_bytes) AS bytes, countIf(type != 'QueryFinish') AS errors,
                arraySlice(arraySort(groupUniqArray(substring(lower(hex(SHA256(user))), 1, 16))), 1, {max_users:UInt8})
                    AS users,
                sumMap([concat(user, '\0', if(http_user_agent = '', client_name, http_user_agent))], [toUInt64(1)])
                    AS callers,
                toUnixTimestamp(min(event_time)) * 1000 AS since, toUnixTimestamp(max(event_time)) * 1000 AS last_seen
            FROM FROM_TABLE
            WHERE event_date >= toDate({begin:UInt32}) - 1 AND event_time >= toDateTime({begin:UInt32})
                AND type IN ('QueryFinish', 'ExceptionWhileProcessing') AND is_initial_query AND query_kind = 'Select'
                AND NOT startsWith(http_user_agent, 'ktx/')
            GROUP BY id, day
        )
        GROUP BY id
        ORDER BY time DESC, id
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
    log = CallLog.of_window("system.query_log", page.window_days, page.first_day)
    with open_session(target) as session:
        metadata = Metadata(target.driver, session.server_version)
        if not session.query("EXISTS TABLE system.query_log")[0][0]:
            return HistoryPage(metadata, MISSING)
        try:
            rows = _read_statements(session, page, log, after)
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            hint = error.hint or f"Ask for: GRANT SELECT ON system.query_log TO {session.server.grantee}"
            return HistoryPage(metadata, Unavailable("permission_denied", error.detail, hint))
    return HistoryPage(metadata, statements=_encode(rows, page.max_bytes), log=log)


def _read_statements(session: Session, page: PageRequest, log: CallLog, after: int | None) -> Sequence[Sequence[Any]]:
    parameters: dict[str, Any] = {
        "max_text": MAX_TEXT_CHARACTERS,
        "max_statements": page.max_statements,
        "max_users": MAX_USERS,
        "begin": log.begin_seconds,
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
    for query_id, sql, days, truncated in rows:
        statements.truncated = bool(truncated)
        text = None
        if sql is not None:
            text = msgspec.json.encode(Statement.of_days(query_id, sql, [_describe(day) for day in days])).decode()
        if not statements.add(query_id, text):
            break
    return statements


def _describe(counts: Sequence[Any]) -> DayCounts:
    day, calls, total_ms, rows, since, last_seen, size, errors, users, (names, numbers) = counts
    return DayCounts(
        day=day,
        calls=calls,
        total_ms=float(total_ms),
        rows=rows,
        since_ms=since,
        last_seen_ms=last_seen,
        bytes=size,
        errors=errors,
        users=list(users),
        callers=callers.count((*_split(name), count) for name, count in zip(names, numbers, strict=True)),
    )


def _split(name: str) -> tuple[str, str]:
    user, _, application = name.partition("\0")
    return user, application
