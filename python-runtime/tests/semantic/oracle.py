"""The brute-force answer to a question: every path tried, every row joined by hand, every group added up in Python.

Nothing of the semantic layer is used here.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from typing import Any

from tests.semantic.world import MEASURES, Filter, Question, Row, World

Steps = tuple[tuple[str, str, str, str], ...]  # (kind, own column, node, its column)
Joined = dict[Steps, Row | None]


KINDS = {"many_to_one": ("one", "many"), "one_to_one": ("same", "same"), "one_to_many": ("many", "one")}


class NoPathError(Exception):
    """Nothing leads from one node to the other."""


class AmbiguousError(Exception):
    """Several ways lead there, and none is plainly the shorter one."""


class Oracle:
    """Answers questions about one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tables = {name: name for name in world}
        for table in world.values():
            self.tables.update({link.alias: link.to for link in table.links if link.alias})
        self.steps: dict[str, list[tuple[str, str, str, str]]] = {name: [] for name in self.tables}
        self.owners: dict[tuple[str, tuple[str, str, str, str]], str] = {}
        for node, table_name in self.tables.items():
            for link in world[table_name].links:
                target = link.alias or link.to
                if target == node:
                    continue
                kinds = KINDS[link.relationship]
                self._add(node, node, (kinds[0], link.column, target, link.key))
                self._add(node, target, (kinds[1], link.key, node, link.column))

    def _add(self, owner: str, start: str, step: tuple[str, str, str, str]) -> None:
        if (start, step) not in self.owners:  # else the same columns, joined from both sides or by a role of one
            self.steps[start].append(step)
            self.owners[start, step] = owner

    # --- paths ---

    def path(self, start: str, end: str) -> Steps:
        found = self._path(start, end)
        is_plain = start != end and start in self.world and end in self.world
        if is_plain and all(step[0] != "many" for step in found) and self._is_given(start, end, found):
            raise AmbiguousError(f"{end} gives a role to other rows of {start}")
        if is_plain and any(step[0] == "many" for step in found):
            with contextlib.suppress(NoPathError):
                if self._path(end, start)[-1][2] != start:
                    raise AmbiguousError(f"{start} is a role, seen from {end}")
        return found

    def _is_given(self, start: str, end: str, found: Steps) -> bool:
        """Say whether a role of the start, seen from the one end of its join, is another way to the end."""
        for role in (role for role, table in self.tables.items() if table == start and role != start):
            for node in self._meanings(start, end):
                for path in self._paths(role, node):
                    nodes = [step[2] for step in path]
                    is_given = self.owners[role, path[0]] == path[0][2] and path[0][0] == found[0][0]
                    if not is_given or any(self.tables[name] == start for name in nodes):
                        continue
                    if any(step[0] == "many" for step in path) or any(self._misses(role, path)):
                        continue
                    if nodes[:-1] == [step[2] for step in found[:-1]]:
                        if path[0][1::2] != found[0][1::2]:
                            return True
                    elif not _is_part(found[:-1], path[:-1]):
                        return True
        return False

    def _path(self, start: str, end: str) -> Steps:
        if start == end:
            return ()
        ends = self._meanings(start, end)
        found = [path for node in ends for path in self._paths(start, node) if _is_sound(path)]
        misses = [self._misses(start, path) for path in found]
        paths = [path for path, missed in zip(found, misses, strict=True) if not any(missed[:-1])]
        if end in self.world:  # what is no role is not what its plain name means
            paths = [path for path in paths if not self._misses(start, path)[-1]]
        keeping = [path for path in paths if all(step[0] != "many" for step in path)]
        candidates = keeping or paths
        if not candidates:
            raise NoPathError(f"{start} to {end}")
        named = [path for path in candidates if not self._misses(start, path)[-1]]
        others = [path for path in candidates if path not in named]
        if named and others:
            own = tuple(step for step in min(named, key=len) if step[2] != self.tables[end])
            if not _is_part(own, min(others, key=len)):
                raise AmbiguousError(f"{start} to {end}")
        candidates = named or others
        for path in candidates:
            rivals = [other for other in candidates if other != path]
            if all(_is_part(path[:-1], other[:-1]) and len(path) < len(other) for other in rivals):
                return path
        raise AmbiguousError(f"{start} to {end}")

    def _meanings(self, start: str, end: str) -> list[str]:
        """Give what a name may mean: the plain name of a table also the roles that the table plays."""
        if end not in self.world or self.tables[start] == end:
            return [end]
        return [end, *(role for role, table in self.tables.items() if table == end and role != end)]

    def reach(self, start: str) -> set[str]:
        """Give every node to which there is one way."""
        found = set()
        for end in self.tables:
            with contextlib.suppress(NoPathError, AmbiguousError):
                self.path(start, end)
                found.add(end)
        return found

    def _paths(self, start: str, end: str, visited: tuple[str, ...] = ()) -> Iterator[Steps]:
        for step in self.steps[start]:
            if step[2] == end:
                yield (step,)
            elif step[2] not in (*visited, start):
                for rest in self._paths(step[2], end, (*visited, start)):
                    yield (step, *rest)

    def _misses(self, start: str, path: Steps) -> list[bool]:
        """Say of each step whether it leads to a role that neither it nor the next one makes one."""
        before = [start, *(step[2] for step in path)]
        owners = [self.owners[node, step] for node, step in zip(before, path, strict=False)]
        return [
            step[2] not in self.world and owner == step[2] and follower in (None, step[2])
            for step, owner, follower in zip(path, owners, [*owners[1:], None], strict=True)
        ]

    # --- rows ---

    def joined(self, root: str, paths: list[Steps], keep_missing: bool) -> list[Joined]:
        """Join the root with everything on the paths: an outer join, or an inner one."""
        rows: list[Joined] = [{(): row} for row in self.world[self.tables[root]].rows]
        prefixes = sorted({path[:length] for path in paths for length in range(1, len(path) + 1)}, key=len)
        for prefix in prefixes:
            rows = [more for row in rows for more in self._extended(row, prefix, keep_missing)]
        return rows

    def _extended(self, joined: Joined, prefix: Steps, keep_missing: bool) -> Iterator[Joined]:
        _, own, node, other = prefix[-1]
        before = joined[prefix[:-1]]
        partners = [
            row
            for row in self.world[self.tables[node]].rows
            if before is not None and before[own] is not None and row[other] == before[own]
        ]
        if not partners and keep_missing:
            yield {**joined, prefix: None}
        for partner in partners:
            yield {**joined, prefix: partner}

    # --- answers ---

    def answer(self, question: Question) -> list[tuple[Any, ...]]:
        asked = [pair for measure in question.measures for pair in measure if pair]
        over_measures = [item for item in question.filters if item.measure]
        asked += [(node, name) for item in over_measures for node, name, _, _ in item.any_of]
        groups = {root: self._groups(root, question) for root in dict.fromkeys(root for root, _ in asked)}
        keys = list(dict.fromkeys(key for found in groups.values() for key in found))
        if question.include_empty is False and question.dimensions:
            keys = [key for key in keys if all(key in found for found in groups.values())]
        if question.include_empty and question.dimensions:
            keys = list(dict.fromkeys(self._members(question, list(groups), keys)))
        answers = []
        for key in keys:
            values = {pair: _measure(pair[1], groups[pair[0]].get(key, [])) for pair in asked}
            if all(_holds(item, lambda node, name, of=values: of[node, name]) for item in over_measures):
                answers.append((key, tuple(_ratio(values, *measure) for measure in question.measures)))
        return _ordered(answers, question)

    def _members(self, question: Question, roots: list[str], keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Give the values of the dimensions that no fact has: those of one source, or of those that it leads to."""
        nodes = list(dict.fromkeys(node for node, _, _ in question.dimensions))
        nodes.sort(key=lambda node: len(self.path(roots[0], node)))
        conditions = [item for item in question.filters if not item.measure]
        conditions += [Filter([(node, "n", ">", 1)]) for node in question.segments]
        about = {
            top: [item for item in conditions if all(self._is_behind(part[0], top, roots) for part in item.any_of)]
            for top in nodes
        }
        found = list(keys)
        for top in nodes:
            foreign = [item for other in nodes if other not in (top, *roots) for item in about[other]]
            if all(item in about[top] for item in foreign):
                over = [node for node in nodes if node == top or self._is_behind(node, top, roots)]
                places = [index for index, part in enumerate(question.dimensions) if part[0] in over]
                known = {tuple(key[index] for index in places) for key in found}
                for member in self._values(question, top, places, about[top]):
                    if member not in known:
                        by_place = dict(zip(places, member, strict=True))
                        found.append(tuple(by_place.get(index) for index in range(len(question.dimensions))))
        return found

    def _values(
        self, question: Question, top: str, places: list[int], conditions: list[Filter]
    ) -> Iterator[tuple[Any, ...]]:
        """Give the values that the rows of a source have for some dimensions."""
        read = [question.dimensions[index][0] for index in places]
        read += [part[0] for item in conditions for part in item.any_of]
        paths = {node: self.path(top, node) for node in read}
        for joined in self.joined(top, list(paths.values()), keep_missing=True):

            def value(node: str, column: str, joined: Joined = joined) -> Any:
                row = joined[paths[node]]
                return None if row is None else row[column]

            if all(_holds(item, value) for item in conditions):
                parts = [question.dimensions[index] for index in places]
                yield tuple(cut(value(node, column), unit) for node, column, unit in parts)

    def _is_behind(self, node: str, top: str, roots: list[str]) -> bool:
        """Say whether the facts reach a node over another one, of which each row has one of its rows."""
        try:
            rest = self.path(top, node)
            ways = [(self.path(root, top), self.path(root, node)) for root in roots]
        except (NoPathError, AmbiguousError):
            return False
        return all(step[0] != "many" for step in rest) and all((*first, *rest) == whole for first, whole in ways)

    def _groups(self, root: str, question: Question) -> dict[tuple[Any, ...], list[Row]]:
        """Give the rows of the root in every group, each row once in a group."""
        over_rows = [item for item in question.filters if not item.measure]
        over_rows += [Filter([(node, "n", ">", 1)]) for node in question.segments]
        needed = [node for node, _, _ in question.dimensions]
        needed += [part[0] for item in over_rows for part in item.any_of]
        paths = {node: self.path(root, node) for node in needed}
        groups: dict[tuple[Any, ...], dict[int, Row]] = {} if question.dimensions else {(): {}}
        for joined in self.joined(root, list(paths.values()), question.include_empty is not False):

            def value(node: str, column: str, joined: Joined = joined) -> Any:
                row = joined[paths[node]]
                return None if row is None else row[column]

            if all(_holds(item, value) for item in over_rows):
                key = tuple(cut(value(node, column), unit) for node, column, unit in question.dimensions)
                own = joined[()]
                assert own is not None
                groups.setdefault(key, {})[own["id"]] = own
        return {key: list(rows.values()) for key, rows in groups.items()}


def _is_sound(path: Steps) -> bool:
    """Say whether the path does not multiply any more once it has left the grain of its beginning."""
    kinds = [step[0] for step in path]
    return "many" not in kinds or "one" not in kinds[: len(kinds) - kinds[::-1].index("many")]


def _is_part(path: Steps, other: Steps) -> bool:
    """Say whether the one visits some of the nodes of the other, in the same order."""
    rest = iter(step[2] for step in other)
    return all(step[2] in rest for step in path)


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


def _holds(item: Filter, value: Any) -> bool:
    return any(_compare(value(node, name), operator, literal) for node, name, operator, literal in item.any_of)


def _compare(found: Any, operator: str, literal: Any) -> bool:
    if operator.startswith("is"):
        return (found is None) == (operator == "is null")
    if found is None:
        return False
    return {"=": found == literal, "<>": found != literal}.get(operator) or (
        operator in (">", "<=") and (found > literal) == (operator == ">")
    )


def cut(time: Any, unit: str | None) -> Any:
    """Give the beginning of the period; weeks begin on Monday."""
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


def _ordered(answers: list[tuple[tuple[Any, ...], tuple[Any, ...]]], question: Question) -> list[tuple[Any, ...]]:
    answers.sort(key=lambda answer: [(value is None, value) if value is not None else (True, 0) for value in answer[0]])
    if question.order:
        index, direction = question.order
        present = [answer for answer in answers if answer[1][index] is not None]
        present.sort(key=lambda answer: answer[1][index], reverse=direction == "desc")
        if direction == "desc":  # a stable sort in reverse keeps the order of equal ones
            present.sort(key=lambda answer: -answer[1][index])
        answers = present + [answer for answer in answers if answer[1][index] is None]
    return [(*key, *values) for key, values in answers[: question.limit]]
