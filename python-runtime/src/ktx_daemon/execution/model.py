"""What an execution gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of a result; `type` is the database's own spelling, null where it has none."""

    name: str
    type: str | None


class QueryResult(msgspec.Struct, frozen=True):
    """The answer of `/sql/execute`; `truncated` says that the query has more rows than were asked for."""

    columns: list[ResultColumn]
    rows: list[list[Any]]
    row_count: int
    truncated: bool


@dataclass(frozen=True)
class Query:
    """A statement that was found to only read, and how many of its rows to fetch."""

    sql: str
    rows: int


@dataclass(frozen=True)
class Fetched:
    """What a driver gives: columns, and rows with the driver's own values."""

    columns: list[ResultColumn]
    rows: Sequence[Sequence[Any]]
