"""The offsets of a time zone as conditions, for databases without time zones.

The years are those in which the rules are known: before 1970 many zones have no record, and after 2037 the rules of
today may not hold. Other times have no local time: NULL. Zones without a change since 1900 have no such limits.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlglot import exp

FIRST_YEAR = 1970
"""First year with offsets."""
LAST_YEAR = 2037
"""Last year with offsets."""

_SCANNED_FROM = datetime(1900, 1, 1, tzinfo=timezone.utc)
_FROM = datetime(FIRST_YEAR, 1, 1, tzinfo=timezone.utc)
_UNTIL = datetime(LAST_YEAR + 1, 1, 1, tzinfo=timezone.utc)
_STEP = timedelta(days=1)  # no zone changes its offset twice within a day
_Steps = list[tuple[datetime, int]]


@lru_cache(maxsize=64)
def find_transitions(zone: str) -> tuple[tuple[datetime, int], ...]:
    """Return the times in UTC from which an offset holds, in seconds; the first is 1900."""
    place = ZoneInfo(zone)
    found = [(_SCANNED_FROM, _offset(_SCANNED_FROM, place))]
    day = _SCANNED_FROM
    while day < _UNTIL:
        after = day + _STEP
        if _offset(after, place) != found[-1][1]:
            found.append((_first_second(day, after, place), _offset(after, place)))
        day = after
    return tuple(found)


def _offset(time: datetime, place: ZoneInfo) -> int:
    offset = time.astimezone(place).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _first_second(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """Return the first time of the later offset between two times."""
    seconds = range(int((after - before).total_seconds()))
    old = _offset(before, place)
    low, high = 0, len(seconds)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _offset(before + timedelta(seconds=middle), place) == old else (low, middle)
    return before + timedelta(seconds=low)


def has_limits(zone: str) -> bool:
    """Return whether times before or after the years have no local time."""
    return len(find_transitions(zone)) > 1


def offset_between(time: exp.Expr, source: str, target: str, separator: str) -> exp.Expr:
    """Return the seconds between the local times of two zones, as conditions on the one of the source.

    A local time that daylight saving repeats is the later one, and one that it skips is moved on by an hour.
    `separator` is between the dates and the times of literals.
    """
    steps = _differences(source, target)
    if len(steps) == 1:
        return _number(steps[0][1])
    known = bisect_right([start for start, _ in steps], _FROM)
    limited = [(_SCANNED_FROM, None), (_FROM, steps[known - 1][1]), *steps[known:], (_UNTIL, None)]
    return _tree(time, limited, separator)


@lru_cache(maxsize=256)
def _differences(source: str, target: str) -> _Steps:
    """Return the local times of the source from which a difference holds, in seconds."""
    starts = [(start + timedelta(seconds=offset), offset) for start, offset in find_transitions(source)]
    ends = [start for start, _ in starts[1:]] + [_UNTIL + timedelta(days=1)]
    steps: _Steps = []
    for (start, offset), end in zip(starts, ends, strict=True):
        there = [(time + timedelta(seconds=offset), other - offset) for time, other in find_transitions(target)]
        first = max(bisect_right([time for time, _ in there], start) - 1, 0)
        steps.append((start, there[first][1]))
        steps += [(time, difference) for time, difference in there if start < time < end]
    return [step for index, step in enumerate(steps) if index == 0 or step[1] != steps[index - 1][1]]


def _tree(time: exp.Expr, steps: list[tuple[datetime, int | None]], separator: str) -> exp.Expr:
    """Return nested conditions, whose depth is the logarithm of their number."""
    if len(steps) == 1:
        return exp.Null() if steps[0][1] is None else _number(steps[0][1])
    middle = len(steps) // 2
    start = exp.Literal.string(steps[middle][0].replace(tzinfo=None).isoformat(sep=separator))
    is_before = exp.LT(this=time.copy(), expression=start)
    return (
        exp.Case()
        .when(is_before, _tree(time, steps[:middle], separator), copy=False)
        .else_(_tree(time, steps[middle:], separator), copy=False)
    )


def _number(seconds: int) -> exp.Expr:
    return exp.Literal.number(seconds)
