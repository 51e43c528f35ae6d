"""The rows of a ledger by group: the periods of a question, and the rows that count for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.semantic.ledger.filters import RowFilters
from tests.semantic.ledger.questions import Condition, Dimension, Question, Tree, is_tree, length_of
from tests.semantic.ledger.rows import PERIOD_BOUNDS, Reader
from tests.semantic.ledger.times import UNITS, Length, add, read_time, start_of
from tests.semantic.ledger.trees import Variant, uses_of
from tests.semantic.ledger.world import MEASURES, Leaf, Ledger, Row

Key = tuple[Any, ...]
Dimensions = tuple[Dimension, ...]
Groups = dict[Key, dict[int, list[tuple[Row, float]]]]
"""The rows of each group by id, each as often as it has links that belong to the group, with their shares."""


class LedgerGroups:
    """Finds the rows of the groups of one question."""

    def __init__(self, ledger: Ledger, question: Question) -> None:
        self.ledger = ledger
        self.question = question
        self.reader = Reader(ledger)
        self.filters = RowFilters(self.reader, question)
        self.dimensions = question.dimensions
        times = [item for item in question.conditions if item.kind == "time"]
        self.needs_time = any(item.operator == "is not null" for item in times) or bool(times)
        bounds = [_bounds(item) for item in times]
        self.low = next((low for low, _ in bounds if low is not None), None)
        self.high = next((high for _, high in bounds if high is not None), None)
        self._groups: dict[tuple[str, Dimensions, Variant], Groups] = {}

    # --- time ---

    @cached_property
    def unit(self) -> str | None:
        return _finest(self.dimensions)

    @cached_property
    def periods(self) -> list[datetime]:
        """Return all periods of the range of the query."""
        used = list(uses_of(self.trees()))
        has_window = any(variant.window for _, variant in used)
        low = None if has_window else self.low
        times = [
            time
            for source, column in {(MEASURES[name].source, MEASURES[name].time) for name, _ in used}
            for row in self.reader.rows[source]
            if (time := self.time(source, row, column)) is not None
            and (low is None or time >= low)
            and (self.high is None or time < self.high)
            and any(
                self.filters.holds(source, row, link, time, is_axis=True)
                and not self.filters.is_omitted(source, row, link)
                for link in self.reader.links(source, row)
            )
        ]
        assert self.unit is not None
        first = self.low or min(times, default=None)
        last = max(times, default=None) if self.high is None else self.high - timedelta(seconds=1)
        found = []
        if first is not None and last is not None:
            period = start_of(first, self.unit)
            while period <= last:
                found.append(period)
                period = add(period, (1, self.unit))
        return found

    def time(self, source: str, row: Row, column: str | None) -> datetime | None:
        """Return the time of a row, in the zone of the query if it is in another one."""
        zone, own = self.question.zone, self.ledger.zone if source == "visits" else None
        time = read_time(row[column]) if column else None
        if time is None or zone is None or own is None:
            return time
        return time.replace(tzinfo=ZoneInfo(own)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    def trees(self) -> list[Tree]:
        """Return the measures, without names of each other."""
        return [self._expand(tree) for tree in self.question.measures]

    def _expand(self, tree: Tree) -> Tree:
        """Return a tree without names of other measures."""
        if tree[0] == "name":
            return self._expand(self.question.measures[int(tree[1][1:])])
        if tree[0] in ("base", "metric"):
            return tree
        return tuple(self._expand(part) if is_tree(part) else part for part in tree)

    # --- rows ---

    def groups(self, name: str, dimensions: Dimensions, variant: Variant) -> Groups:
        """Return the rows of a measure by group, with the share of each that belongs to it."""
        leaf = MEASURES[name]
        key = (f"{leaf.source} {leaf.time}", dimensions, variant)
        if key not in self._groups:
            self._groups[key] = self._find_groups(leaf, dimensions, variant)
        return self._groups[key]

    def _find_groups(self, leaf: Leaf, dimensions: Dimensions, variant: Variant) -> Groups:
        found: Groups = {}
        divides = self.ledger.is_weighted and any(item.field == "tags.label" for item in dimensions)
        conditions = self.question.conditions
        reads = [item.field for item in dimensions] + [item.what for item in conditions]
        reads_link = "tags.label" in reads or any(item.kind == "dimension" for item in conditions)
        reads_link = reads_link or "tags" in self.filters.required(dimensions)
        for row in self.reader.rows[leaf.source]:
            for link in self.reader.links(leaf.source, row) if reads_link else [None]:
                if self.filters.is_omitted(leaf.source, row, link, dimensions):
                    continue
                for time in self._times(self.time(leaf.source, row, leaf.time), dimensions, variant):
                    if not self.filters.holds(leaf.source, row, link, time):
                        continue
                    group = tuple(self.filters.value(item, leaf.source, row, link, time) for item in dimensions)
                    share = 1.0 if link is None or not divides else float(link["share"])
                    found.setdefault(group, {}).setdefault(row["id"], []).append((row, share))
        return found

    def _times(self, time: datetime | None, dimensions: Dimensions, variant: Variant) -> Iterator[datetime | None]:
        """Yield the times, or periods, that a row counts for."""
        if variant.window is not None:
            yield from self._windows(time, variant) if time is not None else ()
        elif variant.shift is None:
            if self._is_in_range(time):
                yield time
        elif time is not None:
            yield from self._shifted(time, variant.shift, _finest(dimensions))

    def _is_in_range(self, time: datetime | None) -> bool:
        if time is None:
            return not self.needs_time
        return (self.low is None or time >= self.low) and (self.high is None or time < self.high)

    def _shifted(self, time: datetime, shift: Length, unit: str | None) -> Iterator[datetime]:
        if unit == "day" and shift[1] not in ("day", "week"):
            first = add(time.replace(hour=0, minute=0, second=0), shift)
            days = [first + timedelta(days=count) for count in range(-4, 5)]
            found = [(day, day) for day in days if add(day, shift, -1).date() == time.date()]
        elif unit is not None and shift[1] not in ("day", "week"):
            found = [(add(time, shift), add(start_of(time, unit), shift))]
        else:
            found = [(add(time, shift), add(time, shift))]
        for moved, period in found:
            if not self._is_in_range(moved):
                continue
            is_past = (
                unit is not None
                and self.high is None
                and (not self.periods or start_of(period, unit) > self.periods[-1])
            )
            if not is_past:
                yield period

    def _windows(self, time: datetime, variant: Variant) -> Iterator[datetime]:
        assert variant.window is not None
        assert self.unit is not None
        kind, option = variant.window
        moved = time if variant.shift is None else add(time, variant.shift)
        if self.high is not None and moved >= self.high:
            return
        for period in self.periods:
            own = period if variant.shift is None else start_of(add(period, variant.shift, -1), self.unit)
            end = add(own, (1, self.unit))
            start = None
            if kind == "rolling":
                start = add(end, option, -1)
            elif kind == "period_to_date":
                start = start_of(own, option)
            if time < end and (start is None or time >= start):
                yield period


def _finest(dimensions: Dimensions) -> str | None:
    units = [item.unit for item in dimensions if item.is_time and item.unit in UNITS]
    return min(units, key=length_of, default=None)  # type: ignore[arg-type]


def _bounds(item: Condition) -> tuple[datetime | None, datetime | None]:
    if item.operator == "in":
        low, high = PERIOD_BOUNDS[item.value]
        return read_time(low), read_time(high)
    value = read_time(item.value)
    return (value, None) if item.operator == ">=" else (None, value)
