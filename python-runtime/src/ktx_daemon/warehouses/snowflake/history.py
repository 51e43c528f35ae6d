"""The query history of Snowflake, in which the calls of a statement are grouped by the server's hash of its form.

`SNOWFLAKE.ACCOUNT_USAGE` has a year, up to 45 minutes late. A role that may not read it sees its own statements, and
those of warehouses that it monitors, of seven days. Both need a running warehouse. Statements of KTX are left out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)
from ktx_daemon.warehouses.snowflake.connect import Session, open_session
from ktx_daemon.warehouses.snowflake.identifiers import literal, quote

DEFAULT_WINDOW_DAYS = 30
MAX_RECENT_DAYS = 7
MAX_RECENT_CALLS = 10_000
MAX_TEXT_CHARACTERS = 100_000
ACCOUNT_USAGE = "SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY"
RECENT = """TABLE({database}.INFORMATION_SCHEMA.QUERY_HISTORY(
    END_TIME_RANGE_START => DATEADD(DAY, -{days}, CURRENT_TIMESTAMP()), RESULT_LIMIT => {limit}))"""
STATEMENTS = """
    SELECT id, sql, calls, total_ms, result_rows, since, size, errors, users, last_seen, total
    FROM (
        SELECT query_parameterized_hash AS id, ANY_VALUE(query_text) AS sql, COUNT(*) AS calls,
            SUM(total_elapsed_time) AS total_ms, SUM(COALESCE(rows_produced, 0)) AS result_rows,
            SUM(COALESCE(bytes_scanned, 0)) AS size,
            COUNT_IF(execution_status NOT IN ('SUCCESS', 'success')) AS errors,
            ARRAY_TO_STRING(ARRAY_SLICE(ARRAY_UNIQUE_AGG(LEFT(SHA2(user_name, 256), 16)), 0, 20), ',') AS users,
            DATE_PART(EPOCH_MILLISECOND, MIN(start_time)) AS since,
            DATE_PART(EPOCH_MILLISECOND, MAX(start_time)) AS last_seen, COUNT(*) OVER () AS total
        FROM {source}
        WHERE start_time >= DATEADD(DAY, -{days}, CURRENT_TIMESTAMP()) AND query_type = 'SELECT'
            AND query_parameterized_hash IS NOT NULL AND NOT STARTSWITH(COALESCE(query_tag, ''), 'KTX ')
        GROUP BY query_parameterized_hash
        ORDER BY total_ms DESC, id
        LIMIT {limit}
    )
    {after}
    ORDER BY id
"""
GRANTS = (
    "Ask for: GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE {role}, or GRANT IMPORTED PRIVILEGES ON DATABASE "
    "SNOWFLAKE TO ROLE {role}"
)


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the account within the window, else of those that the role sees."""
    with open_session(target) as session:
        version = session.query("SELECT CURRENT_VERSION() AS version")[0]["version"]
        metadata = Metadata(target.driver, str(version))
        days = page.window_days or DEFAULT_WINDOW_DAYS
        try:
            rows = _read(session, ACCOUNT_USAGE, page, days)
        except BadRequestError as refused:
            if refused.code not in ("permission_denied", "query_history_failed"):
                raise
            recent = _read_recent(session, page, days)
            if recent is None:
                hint = GRANTS.format(role=session.role or "…")
                return HistoryPage(metadata, Unavailable("permission_denied", refused.detail, hint))
            rows = recent
    return HistoryPage(metadata, statements=_encode(rows, page))


def _read_recent(session: Session, page: PageRequest, days: int) -> list[dict[str, Any]] | None:
    """Return the statements that the role sees without rights to the account, None if that is refused, too."""
    database = session.account.database or session.database
    if not database:
        return None
    recent = min(days, MAX_RECENT_DAYS)
    source = RECENT.format(database=quote(database), days=recent, limit=MAX_RECENT_CALLS)
    try:
        return _read(session, source, page, recent)
    except BadRequestError as error:
        if error.code not in ("permission_denied", "query_history_failed"):
            raise
        return None


def _read(session: Session, source: str, page: PageRequest, days: int) -> list[dict[str, Any]]:
    after = f"WHERE id > {literal(page.cursor)}" if page.cursor is not None else ""
    sql = STATEMENTS.format(source=source, days=days, limit=page.max_statements, after=after)
    return session.query(sql, "query_history_failed")


def _encode(rows: list[dict[str, Any]], page: PageRequest) -> StatementPage:
    statements = StatementPage(page.max_bytes)
    for row in rows:
        statements.truncated = int(row["total"]) > page.max_statements
        sql = row["sql"]
        # The server cuts longer texts.
        has_text = bool(sql) and len(sql) < MAX_TEXT_CHARACTERS
        if not statements.add(row["id"], _statement(row) if has_text else None):
            break
    return statements


def _statement(row: dict[str, Any]) -> str:
    statement = Statement(
        query_id=row["id"],
        sql=row["sql"],
        calls=int(row["calls"]),
        total_ms=float(row["total_ms"] or 0),
        rows=int(row["result_rows"]),
        since_ms=int(row["since"]),
        nested=False,
        bytes=int(row["size"]),
        errors=int(row["errors"]),
        users=sorted(filter(None, str(row["users"] or "").split(","))),
        last_seen_ms=int(row["last_seen"]),
    )
    return msgspec.json.encode(statement).decode()
