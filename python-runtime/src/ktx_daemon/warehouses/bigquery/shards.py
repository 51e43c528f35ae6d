"""Tables that are sharded by day, such as `events_20240101`: one table `events_*`, which is a wildcard in SQL."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

NAME = re.compile(r"(?P<prefix>.*\D)(?P<day>\d{8})", re.DOTALL)
MIN_SHARDS = 2
# The column of a wildcard with the part of the name that `*` stands for.
SUFFIX = "_TABLE_SUFFIX"


@dataclass(frozen=True)
class Shards:
    """Tables with a prefix and different days; `names` are sorted by day."""

    prefix: str
    names: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The name of the wildcard table."""
        return f"{self.prefix}*"

    @property
    def newest(self) -> str:
        """The name of the table with the last day."""
        return self.names[-1]

    def describe(self, names: Iterable[str]) -> str:
        """Return a sentence about the tables, and about others of `names` that the wildcard stands for as well."""
        text = (
            f"{len(self.names)} tables by day, {self.names[0]} to {self.newest}: filter {SUFFIX} to read some of them"
        )
        others = sorted(name for name in names if name.startswith(self.prefix) and name not in self.names)
        return f"{text}, and to leave out {others[0]}, which has the prefix too" if others else text


def group_shards(names: Iterable[str]) -> list[Shards]:
    """Return the groups of at least two tables whose names differ in the day at their end only."""
    groups: dict[str, list[str]] = {}
    for name in names:
        match = NAME.fullmatch(name)
        if match and _is_day(match["day"]):
            groups.setdefault(match["prefix"], []).append(name)
    return [Shards(prefix, tuple(sorted(group))) for prefix, group in groups.items() if len(group) >= MIN_SHARDS]


def _is_day(digits: str) -> bool:
    try:
        datetime.datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return False
    return True
