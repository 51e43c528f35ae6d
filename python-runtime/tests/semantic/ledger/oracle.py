"""Answers of questions about a ledger, row by row in Python. It does not use the semantic layer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.semantic.ledger.aggregates import aggregate
from tests.semantic.ledger.groups import Dimensions, Key, LedgerGroups
from tests.semantic.ledger.members import Members
from tests.semantic.ledger.questions import Condition, Tree
from tests.semantic.ledger.rows import compare
from tests.semantic.ledger.times import add, period_of, read_time
from tests.semantic.ledger.trees import PLAIN, Variant, combine, parts_of
from tests.semantic.ledger.world import MEASURES, METRICS

GROUP_FUNCTIONS = ("percent_of_total", "fixed", "rank", "running_share", "moving_average")


class LedgerOracle(LedgerGroups):
    """Answers one question."""

    # --- values ---

    def keys(self, dimensions: Dimensions) -> list[Key]:
        """Return the groups that the measures have."""
        if not dimensions:
            return [()]
        trees = self.trees()
        facts = [keys for tree in trees for keys in self._keys_of(tree, dimensions, PLAIN)]
        if not facts:
            facts = [keys for tree in trees for keys in self._keys_of(tree, dimensions, PLAIN, True)]
        found = list(dict.fromkeys(key for keys in facts for key in keys))
        if self.question.include_empty is False:
            found = [key for key in found if all(key in keys for keys in facts)]
        return found

    def _keys_of(self, tree: Tree, dimensions: Dimensions, variant: Variant, is_fixed: bool = False) -> list[list[Key]]:
        """Return the groups that each measure of the model has."""
        kind = tree[0]
        if kind == "base":
            return [list(self.groups(tree[1], dimensions, variant))]
        if kind == "per":
            inner = self._keys_of(tree[2], _with(dimensions, tree[3]), variant)
            return [list(dict.fromkeys(key[: len(dimensions)] for keys in inner for key in keys))]
        if kind == "fixed" and not is_fixed and set(tree[2]) != set(dimensions):
            return []
        if kind == "metric":
            return self._keys_of(METRICS[tree[1]][1], dimensions, variant)
        return [
            keys for part, other in parts_of(tree, variant) for keys in self._keys_of(part, dimensions, other, is_fixed)
        ]

    def leaf(self, name: str, key: Key, dimensions: Dimensions, variant: Variant) -> Any:
        """Return the value of a measure of the model in a group."""
        rows = self.groups(name, dimensions, variant).get(key, {})
        leaf = MEASURES[name]
        if leaf.is_parameter:
            leaf = replace(leaf, least=self.question.least)
        if leaf.later is not None:
            rows = {key: of for key, of in rows.items() if self.reader.is_followed(of[0][0], leaf)}
        has_weights = self.ledger.is_weighted and any(item.field == "tags.label" for item in dimensions)
        shares = [(part[0][0], sum(share for _, share in part) if has_weights else 1.0) for part in rows.values()]
        return aggregate(leaf, shares)

    def value(self, tree: Tree, key: Key, dimensions: Dimensions, variant: Variant = PLAIN) -> Any:
        """Return the value of a tree in a group."""
        kind = tree[0]
        if kind == "base":
            found = self.leaf(tree[1], key, dimensions, variant)
            return MEASURES[tree[1]].fill if found is None else found
        if kind == "metric":
            _, inner, fill = METRICS[tree[1]]
            found = self.value(inner, key, dimensions, variant)
            return fill if found is None else found
        if kind == "per":
            return self._nested(tree, key, dimensions, variant)
        if kind in GROUP_FUNCTIONS:
            return self._of_groups(tree, key)
        values = [self.value(part, key, dimensions, other) for part, other in parts_of(tree, variant)]
        return combine(kind, values)

    def _nested(self, tree: Tree, key: Key, dimensions: Dimensions, variant: Variant) -> Any:
        inner = _with(dimensions, tree[3])
        facts = self._keys_of(tree[2], inner, variant)
        keys = dict.fromkeys(found for keys in facts for found in keys if found[: len(key)] == key)
        values = [self.value(tree[2], found, inner, variant) for found in keys]
        present = [value for value in values if value is not None]
        if tree[1] == "count":
            return len(present)
        if not present:
            return None
        return {"avg": sum(present) / len(present), "max": max(present), "sum": sum(present)}[tree[1]]

    # --- groups ---

    @cached_property
    def result_keys(self) -> list[Key]:
        found = self.keys(self.dimensions)
        if self.question.fill_gaps:
            found = list(dict.fromkeys([*found, *self.grid]))
        if self.question.include_empty and self.dimensions:
            found += Members(self.filters).missing(self.keys(self.dimensions))
        return found

    @cached_property
    def grid(self) -> list[Key]:
        """Return all periods for each combination of the other dimensions."""
        others = [index for index, item in enumerate(self.dimensions) if not item.is_time]
        combinations = dict.fromkeys(tuple(key[index] for index in others) for key in self.keys(self.dimensions))
        if not others:
            combinations = {(): None}
        found = []
        for combination in combinations:
            for period in self.periods:
                values = dict(zip(others, combination, strict=True))
                key = tuple(
                    values[index] if index in values else period_of(period, item.unit or "")
                    for index, item in enumerate(self.dimensions)
                )
                if all(self._key_holds(key, item) for item in self.question.conditions if item.kind == "dimension"):
                    found.append(key)
        return found

    def _key_holds(self, key: Key, item: Condition) -> bool:
        value = next(value for value, part in zip(key, self.dimensions, strict=True) if part.name == item.what)
        return compare(value, item.operator, read_time(item.value) if isinstance(value, datetime) else item.value)

    def _of_groups(self, tree: Tree, key: Key) -> Any:
        kind, inner, option = tree
        if kind in ("fixed", "percent_of_total"):
            kept = tuple(item for item in self.dimensions if item in option)
            total = self.value(inner, _part(key, self.dimensions, kept), kept)
            return total if kind == "fixed" else combine("/", [self.value(inner, key, self.dimensions), total])
        if kind == "moving_average":
            return self._moving_average(inner, option, key)
        own = self.value(inner, key, self.dimensions)
        kept = tuple(item for item in self.dimensions if item in option)
        rivals = [
            (self.value(inner, other, self.dimensions), other)
            for other in self.result_keys
            if _part(other, self.dimensions, kept) == _part(key, self.dimensions, kept)
        ]
        if kind == "rank":
            return None if own is None else 1 + sum(value is not None and value > own for value, _ in rivals)
        rivals.sort(key=lambda item: [(item[0] is None, 0 if item[0] is None else -item[0]), *order_of(item[1])])
        before = [value for value, _ in rivals[: 1 + [other for _, other in rivals].index(key)] if value is not None]
        present = [value for value, _ in rivals if value is not None]
        return combine("/", [sum(before) if before else None, sum(present) if present else None])

    def _moving_average(self, inner: Tree, size: int, key: Key) -> Any:
        index = next(place for place, item in enumerate(self.dimensions) if item.is_time and item.unit == self.unit)
        if key[index] is None:
            return None
        assert self.unit is not None
        known = {*self.keys(self.dimensions), *self.grid}
        values = []
        for back in range(size):
            period = add(key[index], (back, self.unit), -1)
            other = tuple(
                period_of(period, item.unit or "") if item.is_time else value
                for value, item in zip(key, self.dimensions, strict=True)
            )
            values.append(self.value(inner, other, self.dimensions) if other in known else None)
        present = [value for value in values if value is not None]
        return sum(present) / len(present) if present else None

    # --- answers ---

    def evaluate(self) -> list[Key]:
        """Return the rows of the result."""
        trees = self.trees()
        rows = [(key, [self.value(tree, key, self.dimensions) for tree in trees]) for key in self.result_keys]
        for item in self.question.conditions:
            if item.kind == "measure":
                rows = [row for row in rows if compare(row[1][int(item.what[1:])], item.operator, item.value)]
        found = self._limited(rows)
        found.sort(key=lambda row: (order_of(row[0]), row[1]))
        if self.question.order:
            index, direction = self.question.order
            sign = -1 if direction == "desc" else 1
            found.sort(key=lambda row: (row[2][index] is None, sign * (row[2][index] or 0)))
        first = self.question.offset or 0
        last = None if self.question.limit is None else first + self.question.limit
        return [(*key, *flag, *values) for key, flag, values in found[first:last]]

    def _limited(self, rows: list[tuple[Key, list[Any]]]) -> list[tuple[Key, tuple[int, ...], list[Any]]]:
        """Return the first groups, and the others as one row."""
        top = self.question.top
        if top is None:
            return [(key, (), values) for key, values in rows]
        sign = -1 if top.direction == "desc" else 1
        by: dict[Key, list[tuple[Key, list[Any]]]] = {}
        for row in rows:
            by.setdefault(_part(row[0], self.dimensions, top.per), []).append(row)
        found: list[tuple[Key, tuple[int, ...], list[Any]]] = []
        for part, group in by.items():
            group.sort(key=lambda row: [(row[1][top.by] is None, sign * (row[1][top.by] or 0)), *order_of(row[0])])
            found += [(key, (0,) if top.others else (), values) for key, values in group[: top.limit]]
            rest = [key for key, _ in group[top.limit :]]
            if top.others and rest:
                values = dict(zip(top.per, part, strict=True))
                key = tuple(values.get(item) for item in self.dimensions)
                found.append((key, (1,), [self._folded(tree, rest, PLAIN) for tree in self.trees()]))
        return found

    def _folded(self, tree: Tree, keys: list[Key], variant: Variant) -> Any:
        """Return the value of several groups, from those of each."""
        kind = tree[0]
        if kind == "base":
            leaf = MEASURES[tree[1]]
            values = [self.leaf(tree[1], key, self.dimensions, variant) for key in keys]
            present = [value for value in values if value is not None]
            fold = {"min": min, "max": max}.get(leaf.aggregate, sum)
            return fold(present) if present else leaf.fill
        if kind == "metric":
            _, inner, fill = METRICS[tree[1]]
            found = self._folded(inner, keys, variant)
            return fill if found is None else found
        if kind in ("fixed", "percent_of_total"):
            kept = tuple(item for item in self.dimensions if item in tree[2])
            total = self.value(tree[1], _part(keys[0], self.dimensions, kept), kept)
            return total if kind == "fixed" else combine("/", [self._folded(tree[1], keys, variant), total])
        return combine(kind, [self._folded(part, keys, other) for part, other in parts_of(tree, variant)])


def order_of(key: Key) -> list[tuple[bool, Any]]:
    """Return the key by which a group is sorted: NULL is last."""
    return [(value is None, 0 if value is None else value) for value in key]


def _with(dimensions: Dimensions, more: Dimensions) -> Dimensions:
    return (*dimensions, *(item for item in more if item not in dimensions))


def _part(key: Key, dimensions: Dimensions, kept: Dimensions) -> Key:
    return tuple(value for value, item in zip(key, dimensions, strict=True) if item in kept)
