"""Types of an execution, and the encoding of its rows within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

# The limit that truncated a result: `max_rows` or `max_bytes`.
TruncationReason = Literal["rows", "bytes"]
# The maximum size of a response without its columns and rows.
FRAME_BYTES = 128


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of a result; `type` is the database's own spelling, null where it has none."""

    name: str
    type: str | None


class QueryResult(msgspec.Struct, frozen=True):
    """The response of `/sql/execute`; `truncated_by` is the limit that the rows exceed if they are `truncated`."""

    columns: list[ResultColumn]
    rows: list[Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "array"})]]
    row_count: int
    truncated: bool
    truncated_by: TruncationReason | None


@dataclass(frozen=True)
class Query:
    """A checked statement with the maximum number of rows and bytes of its result."""

    sql: str
    rows: int
    bytes: int


class Rows:
    """Rows of a result, encoded as JSON one by one until a limit is reached."""

    def __init__(self, query: Query) -> None:
        self.limit = query
        self.encoded: list[msgspec.Raw] = []
        self.truncated_by: TruncationReason | None = None
        self._bytes = FRAME_BYTES
        self._encode = msgspec.json.Encoder().encode

    def add(self, values: Sequence[Any]) -> bool:
        """Add a row of JSON values; return False, without adding it, if a limit is reached."""
        if len(self.encoded) >= self.limit.rows:
            self.truncated_by = "rows"
            return False
        row = self._encode(values)
        if self._bytes + len(row) + 1 > self.limit.bytes:
            self.truncated_by = "bytes"
            return False
        self._bytes += len(row) + 1
        self.encoded.append(msgspec.Raw(row))
        return True

    def trim_to_fit(self, columns: list[ResultColumn]) -> None:
        """Remove the last rows that do not fit beside the names of the columns."""
        space = self.limit.bytes - len(self._encode(columns))
        while self.encoded and self._bytes > space:
            self._bytes -= len(bytes(self.encoded.pop())) + 1
            self.truncated_by = "bytes"

    def skip_oversized_row(self) -> None:
        """Record the truncation by a next row that alone exceeds the maximum size and is not read."""
        self.truncated_by = "rows" if len(self.encoded) >= self.limit.rows else "bytes"


@dataclass(frozen=True)
class ResultRows:
    """The columns of a result, and its rows within the limits."""

    columns: list[ResultColumn]
    rows: Rows
