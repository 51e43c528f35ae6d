"""The query history of Snowflake, in which the calls of a statement are grouped by the server's hash of its form.

`SNOWFLAKE.ACCOUNT_USAGE` has a year, up to 45 minutes late, applications up to three hours, and credits up to eight. A
role that may not read it sees its own statements, and those of warehouses that it monitors, of seven days. Both need a
running warehouse. Statements of KTX are left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.call_log import DEFAULT_WINDOW_DAYS, MAX_USERS, CallLog, DayCounts, add
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)
from ktx_daemon.warehouses.snowflake.connect import Session, open_session
from ktx_daemon.warehouses.snowflake.history_sql import (
    ACCOUNT_USAGE,
    accessed_query,
    account_source,
    probe_query,
    recent_source,
    statements_query,
)

MAX_RECENT_DAYS = 7
SERVICE_TYPES = ("SERVICE", "LEGACY_SERVICE", "SNOWFLAKE_SERVICE")
REFUSALS = ("permission_denied", "query_history_failed")
GRANTS = (
    "Ask for: GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE {role}, or GRANT IMPORTED PRIVILEGES ON DATABASE "
    "SNOWFLAKE TO ROLE {role}"
)
# What the history lacks without a view, and the role that may read it.
OPTIONAL_VIEWS = {
    "SESSIONS": ("applications of callers are unknown", "SECURITY_VIEWER"),
    "QUERY_ATTRIBUTION_HISTORY": ("credits are unknown", "GOVERNANCE_VIEWER"),
    "ACCESS_HISTORY": ("tables behind views are unknown; it is a part of the Enterprise Edition", "GOVERNANCE_VIEWER"),
}


class Counts(msgspec.Struct):
    """The calls of a statement on one day by one caller; absent fields have no value."""

    day: int
    calls: int
    total_ms: float
    rows: int
    since: int
    last_seen: int
    bytes: int
    errors: int
    user: str = ""
    type: str = ""
    tool: str = ""
    application: str = ""
    credits: float | UnsetType = UNSET

    @property
    def caller(self) -> callers.CallerKind:
        """The kind of the caller."""
        return callers.classify(self.user, f"{self.tool} {self.application}", is_service=self.type in SERVICE_TYPES)


@dataclass(frozen=True)
class Found:
    """Rows of a log, and what they lack."""

    log: CallLog
    rows: list[dict[str, Any]]
    warnings: list[str]
    # The tables of statements by their id, each after its day; None if they are unknown.
    accessed: dict[str, list[str]] | None = None


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the account within the window, else of those that the role sees."""
    with open_session(target) as session:
        version = session.query("SELECT CURRENT_VERSION() AS version")[0]["version"]
        metadata = Metadata(target.driver, str(version))
        try:
            found = _read_account(session, page)
        except BadRequestError as refused:
            if refused.code not in REFUSALS:
                raise
            recent = _read_recent(session, page)
            if recent is None:
                hint = GRANTS.format(role=session.role or "…")
                return HistoryPage(metadata, Unavailable("permission_denied", refused.detail, hint))
            found = recent
    warnings = found.warnings if page.cursor is None else []
    return HistoryPage(metadata, statements=_encode(found, page), log=found.log, warnings=warnings)


def _read_account(session: Session, page: PageRequest) -> Found:
    missing = [name for name in OPTIONAL_VIEWS if not _may_read(session, name)]
    joins = {
        "with_sessions": "SESSIONS" not in missing,
        "with_credits": "QUERY_ATTRIBUTION_HISTORY" not in missing,
    }
    # A history without a view is another log: days that were read with it have other counts.
    name = " ".join(["QUERY_HISTORY", *(name for name in OPTIONAL_VIEWS if name not in missing)])
    log = CallLog.of_window(name, page.window_days, page.first_day)
    begin = log.begin_seconds
    sql = statements_query(account_source(begin, **joins), begin, page.max_statements, page.cursor, **joins)
    rows = session.query(sql, "query_history_failed")
    accessed = None if "ACCESS_HISTORY" in missing else _read_accessed(session, begin, page.cursor)
    return Found(log, rows, [_warn(name, session) for name in missing], accessed)


def _read_accessed(session: Session, begin: int, after: str | None) -> dict[str, list[str]]:
    rows = session.iterate(accessed_query(begin, after), "query_history_failed")
    return {row["id"]: msgspec.json.decode(row["tables"], type=list[str]) for row in rows}


def _may_read(session: Session, view: str) -> bool:
    try:
        session.query(probe_query(view), "query_history_failed")
    except BadRequestError as error:
        if error.code not in REFUSALS:
            raise
        return False
    return True


def _warn(view: str, session: Session) -> str:
    lack, database_role = OPTIONAL_VIEWS[view]
    grant = f"GRANT DATABASE ROLE SNOWFLAKE.{database_role} TO ROLE {session.role or '…'}"
    return f"{ACCOUNT_USAGE}.{view} cannot be read, so that {lack}. Ask for: {grant}"


def _read_recent(session: Session, page: PageRequest) -> Found | None:
    """Return the statements that the role sees without rights to the account, None if that is refused, too.

    They are always read as a whole, as the server limits the number of calls.
    """
    database = session.account.database or session.database
    if not database:
        return None
    days = min(page.window_days or DEFAULT_WINDOW_DAYS, MAX_RECENT_DAYS - 1)
    log = CallLog.of_window("INFORMATION_SCHEMA.QUERY_HISTORY", days)
    begin = log.begin_seconds
    sql = statements_query(recent_source(database, begin), begin, page.max_statements, page.cursor)
    try:
        rows = session.query(sql, "query_history_failed")
    except BadRequestError as error:
        if error.code not in REFUSALS:
            raise
        return None
    return Found(log, rows, [])


def _encode(found: Found, page: PageRequest) -> StatementPage:
    statements = StatementPage(page.max_bytes)
    for row in found.rows:
        statements.truncated = int(row["total"]) > page.max_statements
        text = None
        if row["sql"]:
            decoded = msgspec.json.decode(row["counts"], type=list[Counts])
            counts = sorted(decoded, key=attrgetter("day", "user", "application", "tool", "type"))
            accessed = None if found.accessed is None else found.accessed.get(row["id"], [])
            days = [_describe(day, list(group), accessed) for day, group in groupby(counts, key=attrgetter("day"))]
            text = msgspec.json.encode(Statement.of_days(row["id"], row["sql"], days)).decode()
        if not statements.add(row["id"], text):
            break
    return statements


def _describe(day: int, group: list[Counts], accessed: list[str] | None) -> DayCounts:
    tables = (
        None
        if accessed is None
        else sorted(name.removeprefix(f"{day} ") for name in accessed if name.startswith(f"{day} "))
    )
    users = {hashlib.sha256(counts.user.encode()).hexdigest()[:16] for counts in group if counts.user}
    return DayCounts(
        day=day,
        calls=sum(counts.calls for counts in group),
        total_ms=sum(counts.total_ms for counts in group),
        rows=sum(counts.rows for counts in group),
        since_ms=min(counts.since for counts in group),
        last_seen_ms=max(counts.last_seen for counts in group),
        bytes=sum(counts.bytes for counts in group),
        errors=sum(counts.errors for counts in group),
        users=sorted(users)[:MAX_USERS],
        callers=callers.add((counts.caller, counts.calls) for counts in group),
        credits=add(counts.credits for counts in group),
        accessed_tables=UNSET if tables is None else tables,
    )
