"""Rows of two engines compared, and what their differences consist of."""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Key = tuple[Any, ...]
Rows = list[tuple[Key, Key]]
"""Groups with their measures."""
DAYS_OF_EVERY_MONTH = 28


def split(rows: list[dict[str, Any]], keys: list[str], values: list[str]) -> Rows:
    """Return rows as groups and measures, normalised and in order."""
    pairs = [
        (tuple(_normalize(row[name]) for name in keys), tuple(_normalize(row[name]) for name in values)) for row in rows
    ]
    return _sort(pairs)


def _normalize(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return float(f"{float(value):.9g}") if isinstance(value, (int, float, Decimal)) else value


def _sort(rows: Rows) -> Rows:
    return sorted(rows, key=repr)


def _zero_for_null(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    def fill(rows: Rows) -> Rows:
        return [(key, tuple(0.0 if value is None else value for value in values)) for key, values in rows]

    return fill(ours), fill(theirs)


def _without_null_groups(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    def keep(rows: Rows) -> Rows:
        return [(key, values) for key, values in rows if None not in key]

    return keep(ours), keep(theirs)


def _without_empty_groups(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    def keep(rows: Rows) -> Rows:
        return [(key, values) for key, values in rows if any(values)]

    return keep(ours), keep(theirs)


def _without_thousandths(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    def cut(rows: Rows) -> Rows:
        return [(key, tuple(_cut(value) for value in values)) for key, values in rows]

    return cut(ours), cut(theirs)


def _cut(value: Any) -> Any:
    # An engine that keeps the type of a column rounds the half of a hundredth, such as the median of two amounts.
    return math.floor(value * 100 + 1e-6) / 100 if isinstance(value, float) else value


def _without_ends_of_months(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    def keep(rows: Rows) -> Rows:
        return [(key, values) for key, values in rows if not any(map(_is_end_of_month, key))]

    return keep(ours), keep(theirs)


def _is_end_of_month(value: Any) -> bool:
    """Return whether a day is one of those that not every month has, or the last one."""
    try:
        day = datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return day.day > DAYS_OF_EVERY_MONTH or (day + datetime.timedelta(1)).day == 1


def _common_groups(ours: Rows, theirs: Rows) -> tuple[Rows, Rows]:
    common = {key for key, _ in ours} & {key for key, _ in theirs}
    return [row for row in ours if row[0] in common], [row for row in theirs if row[0] in common]


REASONS: dict[str, Callable[[Rows, Rows], tuple[Rows, Rows]]] = {
    "0 or NULL": _zero_for_null,
    "groups without rows": _without_empty_groups,
    "rounded medians": _without_thousandths,
    "ends of months": _without_ends_of_months,
    "groups of NULL": _without_null_groups,
    "groups that only one has": _common_groups,
}


def find_reason(ours: Rows, theirs: Rows) -> str | None:
    """Return the fewest reasons without which the rows are equal: none if they are, None if they still differ."""
    for count in range(len(REASONS) + 1):
        for names in itertools.combinations(REASONS, count):
            left, right = ours, theirs
            for name in names:
                left, right = REASONS[name](left, right)
            if _sort(left) == _sort(right) and (left or not names):
                return ", ".join(names)
    return None
