"""Types of the query history, and the encoding of its statements within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.model.call_log import MAX_USERS, CallLog, DayCounts, add, add_callers, unite
from ktx_daemon.warehouses.model.callers import CallerKind

# The maximum size of a response without its statements.
FRAME_BYTES = 1024

UnavailableReason = Literal[
    "extension_missing", "extension_not_loaded", "log_missing", "permission_denied", "server_too_old"
]


class Unavailable(msgspec.Struct, frozen=True):
    """The reason why a reachable database has no history for this user, and the next step."""

    code: UnavailableReason
    detail: str
    hint: str


class Metadata(msgspec.Struct, frozen=True):
    """The database that was read; `server_version` is the database's own spelling."""

    driver: str
    server_version: str


class Statistics(msgspec.Struct, frozen=True):
    """Metadata of the database's statistics, null where it has none.

    `reset_at_ms` is the time of the last reset in milliseconds since 1970; `dealloc` is how often statements were
    evicted.
    """

    reset_at_ms: int | None = None
    dealloc: int | None = None


class Statement(msgspec.Struct, frozen=True):
    """A statement with the counts of all users together, normalised by the database.

    `since_ms` is when its counting began (milliseconds since 1970, null if unknown); `nested` statements only ran
    inside of functions. The last fields are omitted where the database does not count them: bytes read, calls that
    failed, hashes of the names of users (at most 20), the time of the last call in milliseconds since 1970, calls by
    the kind of caller, bytes that were billed, milliseconds of the database's computing units, credits, the names of
    the tables that the calls read, through views, too, and the counts of each day of a log, whose sums are those of the
    statement.
    """

    query_id: str
    sql: str
    calls: int
    total_ms: float
    rows: int
    since_ms: int | None
    nested: bool
    bytes: int | UnsetType = UNSET
    errors: int | UnsetType = UNSET
    users: list[str] | UnsetType = UNSET
    last_seen_ms: int | UnsetType = UNSET
    callers: dict[CallerKind, int] | UnsetType = UNSET
    bytes_billed: int | UnsetType = UNSET
    slot_ms: int | UnsetType = UNSET
    credits: float | UnsetType = UNSET
    accessed_tables: list[str] | UnsetType = UNSET
    days: list[DayCounts] | UnsetType = UNSET

    @classmethod
    def of_days(cls, query_id: str, sql: str, counts: Sequence[DayCounts]) -> Statement:
        """Return a statement with the counts of its days, of which there is at least one."""
        days = sorted(counts, key=lambda day: day.day)
        return cls(
            query_id=query_id,
            sql=sql,
            calls=sum(day.calls for day in days),
            total_ms=sum(day.total_ms for day in days),
            rows=sum(day.rows for day in days),
            since_ms=min(day.since_ms for day in days),
            nested=False,
            bytes=add(day.bytes for day in days),
            errors=add(day.errors for day in days),
            users=unite((day.users for day in days), MAX_USERS),
            last_seen_ms=max(day.last_seen_ms for day in days),
            callers=add_callers(days),
            bytes_billed=add(day.bytes_billed for day in days),
            slot_ms=add(day.slot_ms for day in days),
            credits=add(day.credits for day in days),
            accessed_tables=unite(day.accessed_tables for day in days),
            days=days,
        )


class QueryHistory(msgspec.Struct, frozen=True):
    """The response of `/database/query-history`: one page of statements, sorted by their id.

    `log` is null for a database that counts calls without logging them. `without_text` counts the statements of
    this page that are omitted because the database has no text of them, or one of more than 100,000 characters.
    `truncated` says that there are more statements than `max_statements`; `next_cursor` is null on the last page.
    `warnings` are sentences without a full stop about what the history lacks.
    """

    extracted_at: str
    metadata: Metadata
    unavailable: Unavailable | None
    statistics: Statistics
    statements: list[Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"$ref": "#/$defs/Statement"})]]
    without_text: int
    truncated: bool
    next_cursor: str | None
    log: CallLog | None = None
    warnings: list[str] = []


@dataclass(frozen=True)
class PageRequest:
    """The requested page: of the `max_statements` with the most total time those after the cursor, in `max_bytes`.

    `window_days`, `first_day` and `cluster` are for databases that log each call: the days that are read (None: the
    default), the first day of them (in days since 1970, in UTC), and the cluster whose servers are all read.
    """

    cursor: str | None
    max_statements: int
    max_bytes: int
    window_days: int | None = None
    cluster: str | None = None
    first_day: int | None = None


@dataclass(frozen=True)
class HistoryPage:
    """One page of a query history, or the reason why there is none."""

    metadata: Metadata
    unavailable: Unavailable | None = None
    statistics: Statistics = field(default_factory=Statistics)
    statements: StatementPage | None = None
    log: CallLog | None = None
    warnings: Sequence[str] = ()


class StatementPage:
    """Statements of a page, encoded as JSON, until the next one does not fit."""

    def __init__(self, max_bytes: int) -> None:
        self.encoded: list[msgspec.Raw] = []
        self.without_text = 0
        self.truncated = False
        self.next_cursor: str | None = None
        self._last_id: str | None = None
        self._remaining_bytes = max_bytes - FRAME_BYTES

    def add(self, query_id: str, statement: str | None) -> bool:
        """Add a statement, or count one without text; return False if it does not fit. Raises 400 if none would."""
        if statement is None:
            self.without_text += 1
        else:
            encoded = statement.encode()
            self._remaining_bytes -= len(encoded) + 1
            if self._remaining_bytes < 0:
                if not self.encoded:
                    detail = f"A statement of the query history has {len(encoded):,} bytes with its days"
                    raise BadRequestError("invalid_value", detail, "Raise max_bytes, or read fewer days")
                self.next_cursor = self._last_id
                return False
            self.encoded.append(msgspec.Raw(encoded))
        self._last_id = query_id
        return True
