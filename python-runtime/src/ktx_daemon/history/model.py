"""What a query history is asked for, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

# What an answer has beside its statements.
FRAME_BYTES = 1024

Reason = Literal["extension_missing", "extension_not_loaded", "permission_denied", "server_too_old"]


class Unavailable(msgspec.Struct, frozen=True):
    """Why a database that can be reached has no history for this user: a sentence, and what has to be done."""

    code: Reason
    detail: str
    hint: str


class Metadata(msgspec.Struct, frozen=True):
    """Which database was read; `server_version` is the database's own spelling."""

    driver: str
    server_version: str


class Statistics(msgspec.Struct, frozen=True):
    """What the database says of its own counting, null where it says nothing.

    `reset_at_ms` is when it began, in milliseconds since 1970; `dealloc` is how often statements were dropped to make
    room for others.
    """

    reset_at_ms: int | None = None
    dealloc: int | None = None


class Statement(msgspec.Struct, frozen=True):
    """A statement with the counts of all users together, as the database writes it.

    `since_ms` is when counting it began (milliseconds since 1970, null where that is not known), and `nested` says that
    it only ever ran inside of functions.
    """

    query_id: str
    sql: str
    calls: int
    total_ms: float
    rows: int
    since_ms: int | None
    nested: bool


class QueryHistory(msgspec.Struct, frozen=True):
    """The answer of `/database/query-history`, or one page of it; statements are sorted by their id.

    `without_text` counts those of this page that are left out because the
    database has no text of them, or one of more than 100,000 characters. `truncated` says that there are more
    statements than were asked for, and `next_cursor` that more of those that were asked for follow.
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
class Page:
    """Which statements are wanted: so many of the most time, those behind the cursor, and in so many bytes."""

    cursor: str | None
    max_statements: int
    max_bytes: int


@dataclass(frozen=True)
class Found:
    """What a driver gives."""

    metadata: Metadata
    unavailable: Unavailable | None = None
    statistics: Statistics = field(default_factory=Statistics)
    statements: Statements | None = None


class Statements:
    """The statements of a page as JSON, taken one by one until there is no room for another."""

    def __init__(self, max_bytes: int) -> None:
        self.encoded: list[msgspec.Raw] = []
        self.without_text = 0
        self.truncated = False
        self.next_cursor: str | None = None
        self._last_id: str | None = None
        self._room = max_bytes - FRAME_BYTES

    def add(self, query_id: str, statement: str | None) -> bool:
        """Take a statement, or count one without text; say whether there was room for it."""
        if statement is None:
            self.without_text += 1
        else:
            encoded = statement.encode()
            self._room -= len(encoded) + 1
            if self._room < 0:
                self.next_cursor = self._last_id
                return False
            self.encoded.append(msgspec.Raw(encoded))
        self._last_id = query_id
        return True
