"""A brute-force oracle: enumerates all paths, joins rows by nested loops and aggregates in Python.

It does not use the semantic layer.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

from tests.semantic.world import MEASURES, Filter, Question, Row
from tests.semantic.world_paths import AmbiguousError, NoPathError, Steps, UnrelatedError, WorldPaths

Joined = dict[Steps, Row | None]


class Oracle(WorldPaths):
    """Evaluates questions about one world."""

    # --- rows ---

    def join_rows(self, root: str, paths: list[Steps], keep_missing: bool) -> list[Joined]:
        """Join the root with the nodes of the paths, by outer joins with `keep_missing`, otherwise inner joins."""
        rows: list[Joined] = [{(): row} for row in self.world[self.tables[root]].rows]
        prefixes = sorted({path[:length] for path in paths for length in range(1, len(path) + 1)}, key=len)
        for prefix in prefixes:
            rows = [more for row in rows for more in self._join_next(row, prefix, keep_missing)]
        return rows

    def _join_next(self, joined: Joined, prefix: Steps, keep_missing: bool) -> Iterator[Joined]:
        _, own_row, node, other = prefix[-1]
        before = joined[prefix[:-1]]
        partners = [
            row
            for row in self.world[self.tables[node]].rows
            if before is not None and before[own_row] is not None and row[other] == before[own_row]
        ]
        if not partners and keep_missing:
            yield {**joined, prefix: None}
        for partner in partners:
            yield {**joined, prefix: partner}

    # --- answers ---

    def evaluate(self, question: Question) -> list[tuple[Any, ...]]:
        measures = [pair for measure in question.measures for pair in measure if pair]
        over_measures = [item for item in question.filters if item.measure]
        measures += [(node, name) for item in over_measures for node, name, _, _ in item.any_of]
        groups = {root: self._groups(root, question) for root in dict.fromkeys(root for root, _ in measures)}
        for root, other in itertools.combinations(groups, 2):
            if not self.reached_tables(root) & self.reached_tables(other):
                raise UnrelatedError(f"{root} and {other}")
        keys = list(dict.fromkeys(key for found in groups.values() for key in found))
        if question.include_empty is False and question.dimensions:
            keys = [key for key in keys if all(key in found for found in groups.values())]
        if question.include_empty and question.dimensions:
            keys = list(dict.fromkeys(self._members(question, list(groups), keys)))
        answers = []
        for key in keys:
            values = {pair: _measure(pair[1], groups[pair[0]].get(key, [])) for pair in measures}
            if all(_matches(item, lambda node, name, of=values: of[node, name]) for item in over_measures):
                answers.append((key, tuple(_ratio(values, *measure) for measure in question.measures)))
        return _sort(answers, question)

    def _members(self, question: Question, roots: list[str], keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return the members of dimensions without facts, combined by sources as `include_empty` requires."""
        nodes = list(dict.fromkeys(node for node, _, _ in question.dimensions))
        nodes.sort(key=lambda node: len(self.path(roots[0], node)))
        conditions = [item for item in question.filters if not item.measure]
        conditions += [Filter([(node, "n", ">", 1)]) for node in question.segments]
        about = {
            top: [
                item
                for item in conditions
                if all(self._is_reached_through(part[0], top, roots) for part in item.any_of)
            ]
            for top in nodes
        }
        width = len(question.dimensions)
        listed = [(range(width), keys)]  # the dimensions that each list has values of; NULL elsewhere is no member
        for top in nodes:
            foreign = [item for other in nodes if other not in (top, *roots) for item in about[other]]
            if all(item in about[top] for item in foreign):
                covered = [node for node in nodes if node == top or self._is_reached_through(node, top, roots)]
                places = [index for index, part in enumerate(question.dimensions) if part[0] in covered]
                wider = [rows for others, rows in listed if set(places) <= set(others)]
                known = {tuple(row[index] for index in places) for rows in wider for row in rows}
                missing = [row for row in self._values(question, top, places, about[top]) if row not in known]
                padded = [dict(zip(places, row, strict=True)) for row in missing]
                listed.append((places, [tuple(row.get(index) for index in range(width)) for row in padded]))
        return [row for _, rows in listed for row in rows]

    def _values(
        self, question: Question, top: str, places: list[int], conditions: list[Filter]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the values of dimensions in the rows of a source."""
        read = [question.dimensions[index][0] for index in places]
        read += [part[0] for item in conditions for part in item.any_of]
        paths = {node: self.path(top, node) for node in read}
        for joined in self.join_rows(top, list(paths.values()), keep_missing=True):

            def value(node: str, column: str, joined: Joined = joined) -> Any:
                row = joined[paths[node]]
                return None if row is None else row[column]

            if all(_matches(item, value) for item in conditions):
                parts = [question.dimensions[index] for index in places]
                yield tuple(truncate_time(value(node, column), unit) for node, column, unit in parts)

    def _is_reached_through(self, node: str, top: str, roots: list[str]) -> bool:
        """Return whether all facts reach a node through another one without fan-out."""
        try:
            rest = self.path(top, node)
            paths = [(self.path(root, top), self.path(root, node)) for root in roots]
        except (NoPathError, AmbiguousError):
            return False
        return all(step[0] != "many" for step in rest) and all(
            (*first, *rest) == full_path for first, full_path in paths
        )

    def _groups(self, root: str, question: Question) -> dict[tuple[Any, ...], list[Row]]:
        """Return the distinct rows of the root by group."""
        over_rows = [item for item in question.filters if not item.measure]
        over_rows += [Filter([(node, "n", ">", 1)]) for node in question.segments]
        required = [node for node, _, _ in question.dimensions]
        required += [part[0] for item in over_rows for part in item.any_of]
        paths = {node: self.path(root, node) for node in required}
        groups: dict[tuple[Any, ...], dict[int, Row]] = {} if question.dimensions else {(): {}}
        for joined in self.join_rows(root, list(paths.values()), question.include_empty is not False):

            def value(node: str, column: str, joined: Joined = joined) -> Any:
                row = joined[paths[node]]
                return None if row is None else row[column]

            if all(_matches(item, value) for item in over_rows):
                key = tuple(truncate_time(value(node, column), unit) for node, column, unit in question.dimensions)
                own_row = joined[()]
                assert own_row is not None
                groups.setdefault(key, {})[own_row["id"]] = own_row
        return {key: list(rows.values()) for key, rows in groups.items()}


def _measure(name: str, rows: list[Row]) -> Any:
    if MEASURES[name][1]:
        rows = [row for row in rows if row["s"] == "a"]
    numbers = [row["n"] for row in rows if row["n"] is not None]
    total = sum(numbers) if numbers else None
    values = {
        "total": total,
        "rows": len(rows),
        "known": len(numbers),
        "kinds": len({row["s"] for row in rows if row["s"] is not None}),
        "mean": sum(numbers) / len(numbers) if numbers else None,
        "least": min(numbers, default=None),
        "most": max(numbers, default=None),
        "ratio": None if total is None or not rows else total / len(rows),
    }
    return values[name.removesuffix("_a")]


def _ratio(values: dict[tuple[str, str], Any], top: tuple[str, str], bottom: tuple[str, str] | None) -> Any:
    if bottom is None:
        return values[top]
    if values[top] is None or not values[bottom]:
        return None
    return values[top] / values[bottom]


def _matches(item: Filter, value: Any) -> bool:
    return any(_compare(value(node, name), operator, literal) for node, name, operator, literal in item.any_of)


def _compare(found: Any, operator: str, literal: Any) -> bool:
    if operator.startswith("is"):
        return (found is None) == (operator == "is null")
    if found is None:
        return False
    return {"=": found == literal, "<>": found != literal}.get(operator) or (
        operator in (">", "<=") and (found > literal) == (operator == ">")
    )


def truncate_time(time: Any, unit: str | None) -> Any:
    """Return the start of the period; weeks start on Monday."""
    if time is None or unit is None:
        return time
    value = datetime.datetime.fromisoformat(time)
    if unit in ("minute", "hour"):
        value = value.replace(second=0, minute=value.minute if unit == "minute" else 0)
    else:
        value = value.replace(second=0, minute=0, hour=0)
    if unit == "week":
        value -= datetime.timedelta(days=value.weekday())
    if unit in ("month", "quarter", "year"):
        value = value.replace(day=1)
    if unit == "quarter":
        value = value.replace(month=(value.month - 1) // 3 * 3 + 1)
    if unit == "year":
        value = value.replace(month=1)
    return value.isoformat(sep=" ")


def _sort(answers: list[tuple[tuple[Any, ...], tuple[Any, ...]]], question: Question) -> list[tuple[Any, ...]]:
    answers.sort(key=lambda answer: [(value is None, value) if value is not None else (True, 0) for value in answer[0]])
    if question.order:
        index, direction = question.order
        present = [answer for answer in answers if answer[1][index] is not None]
        present.sort(key=lambda answer: answer[1][index], reverse=direction == "desc")
        if direction == "desc":  # a stable sort in reverse keeps the order of equal ones
            present.sort(key=lambda answer: -answer[1][index])
        answers = present + [answer for answer in answers if answer[1][index] is None]
    return [(*key, *values) for key, values in answers[: question.limit]]
