"""Types of the logs that have a row for each call: the days that were read, and the counts of each day.

A call belongs to the day in which it ended, so that a later read does not find more calls of a day that is over, apart
from rows that the server writes late. Days are counted in UTC since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.callers import CallerKind

DEFAULT_WINDOW_DAYS = 30
# Hashes of users that are kept of a statement: the first in their order, so that the days together have the same ones.
MAX_USERS = 20
DAY_SECONDS = 24 * 60 * 60

Number = TypeVar("Number", int, float)


class CallLog(msgspec.Struct, frozen=True):
    """The log that was read: its name, the day in which the window begins, and the first day that was read.

    The window is `window_days` whole days and the current one. `first_day` is later if only newer days were asked for.
    """

    name: str
    window_begin_day: int
    first_day: int

    @classmethod
    def of_window(cls, name: str, window_days: int | None, first_day: int | None = None) -> CallLog:
        """Return the part of a log from `first_day` on, at most the days of the window."""
        begin = int(time.time()) // DAY_SECONDS - (window_days or DEFAULT_WINDOW_DAYS)
        return cls(name, begin, max(begin, first_day or begin))

    @property
    def begin_seconds(self) -> int:
        """The time at which the first day begins, in seconds since 1970."""
        return self.first_day * DAY_SECONDS


class DayCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of a statement that ended on one day. The counts are those of a statement."""

    day: int
    calls: int
    total_ms: float
    rows: int
    since_ms: int
    last_seen_ms: int
    bytes: int | UnsetType = UNSET
    errors: int | UnsetType = UNSET
    users: list[str] | UnsetType = UNSET
    callers: dict[CallerKind, int] | UnsetType = UNSET
    bytes_billed: int | UnsetType = UNSET
    slot_ms: int | UnsetType = UNSET
    credits: float | UnsetType = UNSET
    accessed_tables: list[str] | UnsetType = UNSET


def add(values: Iterable[Number | UnsetType]) -> Number | UnsetType:
    """Return the sum of the values that are set, UNSET if none is."""
    known = [value for value in values if value is not UNSET]
    return sum(known[1:], known[0]) if known else UNSET


def unite(lists: Iterable[list[str] | UnsetType], limit: int | None = None) -> list[str] | UnsetType:
    """Return what is in any of the lists that are set, in order, UNSET if none is."""
    known = [each for each in lists if each is not UNSET]
    return sorted({item for each in known for item in each})[:limit] if known else UNSET


def add_callers(days: Sequence[DayCounts]) -> dict[CallerKind, int] | UnsetType:
    """Return the calls of all days by the kind of caller, UNSET if they are unknown."""
    known = [day.callers for day in days if day.callers is not UNSET]
    return callers.add(pair for counts in known for pair in counts.items()) if known else UNSET
