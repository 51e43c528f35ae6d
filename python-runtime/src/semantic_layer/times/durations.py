"""Durations such as `7 days`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import cast, get_args

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Granularity

_UNITS = get_args(Granularity)
_TEXT = re.compile(r"\s*(\d{1,12})\s+([A-Za-z]+)\s*")
_MAX_COUNT = 2_000_000_000  # databases have 32 bits for it
_MAX_YEARS = 1_000  # the years of databases end at 9999, in ClickHouse at 2299
_PER_YEAR = {
    "second": 31_536_000,
    "minute": 525_600,
    "hour": 8_760,
    "day": 365,
    "week": 52,
    "month": 12,
    "quarter": 4,
    "year": 1,
}
# Units that every database has, as multiples of which the others are written.
_MULTIPLES: dict[Granularity, tuple[int, Granularity]] = {"week": (7, "day"), "quarter": (3, "month")}


@dataclass(frozen=True)
class Duration:
    """A number of units; negative for the time before."""

    count: int
    unit: Granularity

    def __str__(self) -> str:
        """Return the text that a query has for it, such as `7 days`."""
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    def __neg__(self) -> Duration:
        return replace(self, count=-self.count)

    def in_common_units(self) -> Duration:
        """Return the same duration without weeks and quarters."""
        factor, unit = _MULTIPLES.get(self.unit, (1, self.unit))
        return Duration(self.count * factor, unit)


def parse_duration(text: str) -> Duration:
    """Return the duration of a text: a positive count and a unit, in singular or plural.

    Raises SemanticError for another text, and for more than a thousand years.
    """
    match = _TEXT.fullmatch(text)
    unit = match[2].lower() if match else ""
    unit = unit if unit in _UNITS else unit.removesuffix("s")
    count = int(match[1]) if match else 0
    if unit not in _UNITS or count < 1:
        units = ", ".join(_UNITS)
        message = f"'{text}' is not a duration; write a positive number and a unit, such as '7 days'; units: {units}"
        raise SemanticError(Problem.INVALID_EXPRESSION, message)
    if count > min(_MAX_COUNT, _MAX_YEARS * _PER_YEAR[unit]):
        message = f"The duration '{text}' is too long; write one of at most {_MAX_YEARS} years, or of a longer unit"
        raise SemanticError(Problem.INVALID_EXPRESSION, message)
    return Duration(count, cast(Granularity, unit))
