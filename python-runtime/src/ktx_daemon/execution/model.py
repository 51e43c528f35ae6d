"""The types of an execution, and the counting of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

# Why rows are missing: more of them than were asked for, or more bytes than an answer may have.
Cut = Literal["rows", "bytes"]
# What an answer has beside its columns and rows.
FRAME_BYTES = 128


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of a result; `type` is the database's own spelling, null where it has none."""

    name: str
    type: str | None


class QueryResult(msgspec.Struct, frozen=True):
    """The answer of `/sql/execute`; `truncated` says that the query has rows that are not here, and the cut why."""

    columns: list[ResultColumn]
    rows: list[Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "array"})]]
    row_count: int
    truncated: bool
    truncated_by: Cut | None


@dataclass(frozen=True)
class Query:
    """A statement that was found to only read, how many rows are wanted, and how many bytes they may have."""

    sql: str
    rows: int
    bytes: int


class Rows:
    """The rows of an answer as JSON: encoded one by one as they come, until a limit is reached."""

    def __init__(self, query: Query) -> None:
        self.limit = query
        self.encoded: list[msgspec.Raw] = []
        self.cut: Cut | None = None
        self._bytes = FRAME_BYTES
        self._encode = msgspec.json.Encoder().encode

    def add(self, values: Sequence[Any]) -> bool:
        """Take a row of JSON values, and say whether another one may follow; a row beyond a limit is not taken."""
        if len(self.encoded) >= self.limit.rows:
            self.cut = "rows"
            return False
        row = self._encode(values)
        if self._bytes + len(row) + 1 > self.limit.bytes:
            self.cut = "bytes"
            return False
        self._bytes += len(row) + 1
        self.encoded.append(msgspec.Raw(row))
        return True

    def make_room_for(self, columns: list[ResultColumn]) -> None:
        """Leave out the last rows where they do not fit beside the names of the columns."""
        space = self.limit.bytes - len(self._encode(columns))
        while self.encoded and self._bytes > space:
            self._bytes -= len(bytes(self.encoded.pop())) + 1
            self.cut = "bytes"

    def stop(self) -> None:
        """Leave out the row that comes next: it alone is larger than an answer may be."""
        self.cut = "rows" if len(self.encoded) >= self.limit.rows else "bytes"


@dataclass(frozen=True)
class Fetched:
    """What a driver gives: columns, and the rows within the limits."""

    columns: list[ResultColumn]
    rows: Rows
