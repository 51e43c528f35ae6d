"""Variants of an aggregate: other rows of its source than those of the group's own period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.queries import TimeUnit
from semantic_layer.times.durations import Duration


@dataclass(frozen=True)
class Window:
    """The rows up to the end of a period: all of them, those of a duration, or those since the start of a `unit`."""

    kind: Literal["all", "rolling", "to_date"]
    duration: Duration | None = None
    unit: TimeUnit | None = None


@dataclass(frozen=True)
class Variant:
    """The rows of a source that an aggregate reads for a group.

    `time` is the field that `metric_time` means, such as `orders.shipped_on`; `paths` are join paths by the name of a
    source. With a `shift`, the rows are those of the period that long before; with a `window`, those up to its end.
    """

    time: str | None = None
    shift: Duration | None = None
    window: Window | None = None
    paths: tuple[tuple[str, str], ...] = ()

    def shifted(self, by: Duration) -> Variant:
        """Return the variant of an earlier period. Raises SemanticError for a second shift in another unit."""
        if self.shift is None:
            return replace(self, shift=by)
        if self.shift.unit != by.unit:
            message = f"An offset of {by} cannot be added to one of {self.shift}; write both in one unit"
            raise SemanticError(Problem.INVALID_EXPRESSION, message)
        return replace(self, shift=Duration(self.shift.count + by.count, by.unit))

    def windowed(self, window: Window) -> Variant:
        """Return the variant with a window. Raises SemanticError for a second one, and for one over a shift."""
        if self.window is not None or self.shift is not None:
            message = "cumulative, rolling and period_to_date apply to a measure without another of them or an offset"
            raise SemanticError(Problem.INVALID_EXPRESSION, f"{message}; write previous(…) around them")
        return replace(self, window=window)


PLAIN = Variant()
