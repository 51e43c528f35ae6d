"""Types of the query history, and the encoding of its statements within limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

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
    failed, hashes of the names of users (at most 20), the time of the last call in milliseconds since 1970, bytes that
    were billed, and milliseconds of the database's computing units. The hash of an account of a program begins with
    `service:` or `schedule:` where the database tells it apart.
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
    bytes_billed: int | UnsetType = UNSET
    slot_ms: int | UnsetType = UNSET


class QueryHistory(msgspec.Struct, frozen=True):
    """The response of `/database/query-history`: one page of statements, sorted by their id.

    `without_text` counts the statements of this page that are omitted because the database has no text of them, or one
    of more than 100,000 characters. `truncated` says that there are more statements than `max_statements`;
    `next_cursor` is null on the last page.
    """

    extracted_at: str
    metadata: Metadata
    unavailable: Unavailable | None
    statistics: Statistics
    statements: list[Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"$ref": "#/$defs/Statement"})]]
    without_text: int
    truncated: bool
    next_cursor: str | None


@dataclass(frozen=True)
class PageRequest:
    """The requested page: of the `max_statements` with the most total time those after the cursor, in `max_bytes`.

    `window_days` and `cluster` are for databases that log each call: the days that are read (None: the default of the
    database), and the cluster whose servers are all read.
    """

    cursor: str | None
    max_statements: int
    max_bytes: int
    window_days: int | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class HistoryPage:
    """One page of a query history, or the reason why there is none."""

    metadata: Metadata
    unavailable: Unavailable | None = None
    statistics: Statistics = field(default_factory=Statistics)
    statements: StatementPage | None = None


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
        """Add a statement, or count one without text; return False if it does not fit."""
        if statement is None:
            self.without_text += 1
        else:
            encoded = statement.encode()
            self._remaining_bytes -= len(encoded) + 1
            if self._remaining_bytes < 0:
                self.next_cursor = self._last_id
                return False
            self.encoded.append(msgspec.Raw(encoded))
        self._last_id = query_id
        return True
