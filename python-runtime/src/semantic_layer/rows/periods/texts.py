"""Periods in words: `last 30 days`, `this quarter`, `year to date`, `2025-Q1`, `2025-01-01 to 2025-03-31`.

`last` and `next` with a number include the current unit, so that the last 30 days end today; `complete` leaves it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Calendar
from semantic_layer.rows.periods.units import SHORT_UNITS, UNITS, fiscal_year_start, shift, start_of

_EXAMPLES = (
    "today, yesterday, this month, last week, last 30 days, last 3 complete months, next 2 quarters, year to date, "
    "2025, 2025-Q1, 2025-03, 2025-03-07, 2025-01-01 to 2025-03-31, since 2025-01-01, before 2025-01-01"
)
_UNIT = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
_CURRENT = re.compile(rf"(?P<which>this|last|next) {_UNIT}")
_COUNTED = re.compile(rf"(?P<which>last|next) (?P<count>\d{{1,6}}) (?P<complete>complete )?{_UNIT}s?")
_TO_DATE = re.compile(rf"{_UNIT} to date")
_DATE = re.compile(r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d))?)?")
_QUARTER = re.compile(r"(?P<fiscal>fy)?(?P<year>\d{4})(-q(?P<quarter>[1-4]))?")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_WHICH = {"last": -1, "this": 0, "next": 1}


@dataclass(frozen=True)
class Period:
    """Local times from `start`, inclusive, to `end`, exclusive; None is unbounded."""

    start: datetime | None
    end: datetime | None

    @property
    def is_of_days(self) -> bool:
        """Whether both bounds are starts of days."""
        return all(bound is None or bound.time() == datetime.min.time() for bound in (self.start, self.end))


def parse_period(text: str, now: datetime, calendar: Calendar) -> Period:
    """Return the bounds of a period at the local time `now`. Raises SemanticError for an unknown text."""
    normal = re.sub(r"\bfiscal (?=month|quarter|year)", "fiscal_", " ".join(text.lower().split()))
    try:
        found = _relative(normal, now, calendar) or _absolute(normal, calendar) or _range(normal, calendar)
    except (ValueError, OverflowError):  # no such date
        found = None
    if found is None:
        message = f"'{text}' is not a period; write it as one of: {_EXAMPLES}"
        raise SemanticError(Problem.INVALID_EXPRESSION, message)
    if found.start is not None and found.end is not None and found.start >= found.end:
        raise SemanticError(Problem.INVALID_EXPRESSION, f"The period '{text}' ends before it starts")
    return found


def _relative(text: str, now: datetime, calendar: Calendar) -> Period | None:
    if text in _DAYS:
        return _units(now, "day", _DAYS[text], 1, calendar)
    if match := _CURRENT.fullmatch(text):
        return _units(now, match["unit"], _WHICH[match["which"]], 1, calendar)
    if match := _TO_DATE.fullmatch(text):
        if match["unit"] in (*SHORT_UNITS, "day"):
            return None
        return Period(start_of(now, match["unit"], calendar), _units(now, "day", 0, 1, calendar).end)
    match = _COUNTED.fullmatch(text)
    if match is None or int(match["count"]) == 0:
        return None
    count, without_current = int(match["count"]), 1 if match["complete"] else 0
    first = without_current if match["which"] == "next" else 1 - count - without_current
    return _units(now, match["unit"], first, count, calendar)


def _units(now: datetime, unit: str, first: int, count: int, calendar: Calendar) -> Period:
    """Return a number of units, of which the first one is `first` units after the current one."""
    current = start_of(now, unit, calendar)
    return Period(shift(current, first, unit, calendar), shift(current, first + count, unit, calendar))


def _absolute(text: str, calendar: Calendar) -> Period | None:
    if match := _DATE.fullmatch(text):
        unit = "day" if match["day"] else "month" if match["month"] else "year"
        start = datetime(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
        return Period(start, shift(start, 1, unit, calendar))
    match = _QUARTER.fullmatch(text)
    if match is None:
        return None
    prefix = "fiscal_" if match["fiscal"] else ""
    year = fiscal_year_start(int(match["year"]), calendar) if prefix else datetime(int(match["year"]), 1, 1)
    unit = prefix + ("quarter" if match["quarter"] else "year")
    start = shift(year, int(match["quarter"] or 1) - 1, unit, calendar)
    return Period(start, shift(start, 1, unit, calendar))


def _range(text: str, calendar: Calendar) -> Period | None:
    word, _, rest = text.partition(" ")
    if word in ("since", "before"):
        bound = _absolute(rest, calendar)
        if bound is None:
            return None
        return Period(bound.start, None) if word == "since" else Period(None, bound.start)
    first, to, last = text.partition(" to ")
    start, end = _absolute(first, calendar), _absolute(last, calendar) if to else None
    return Period(start.start, end.end) if start and end else None
