"""Aliases for joins of a generated model without which the sources behind them would be ambiguous.

From the lines of orders, the nations of customers and of suppliers are reached by two ways: `customer_nation` and
`supplier_nation` name them. An alias changes nothing of what the plain name means.
"""

from __future__ import annotations

from collections import deque

import msgspec

from semantic_layer.models import Join
from semantic_layer.names import free_name

# In a model in which most sources lead to most others, not all of them are looked at.
_MAX_STEPS = 2_000_000


def with_aliases(joins: dict[str, list[Join]]) -> dict[str, list[Join]]:
    """Add an alias to each join that is the last one of one of several ways to the same source."""
    needed = _Ways(joins).ambiguous()
    taken = {name.lower() for name in joins} | {
        join.alias.lower() for of in joins.values() for join in of if join.alias
    }
    return {owner: [_named(owner, join, needed, taken) for join in of] for owner, of in joins.items()}


def _named(owner: str, join: Join, needed: set[tuple[str, str]], taken: set[str]) -> Join:
    if join.alias or (owner, join.to) not in needed:
        return join
    alias = free_name(f"{owner}_{join.to}", taken)
    taken.add(alias.lower())
    return msgspec.structs.replace(join, alias=alias)


class _Ways:
    """Looks for sources of which each row has one row of another source, by several ways."""

    def __init__(self, joins: dict[str, list[Join]]) -> None:
        self._targets = {
            owner: list(dict.fromkeys(join.to for join in of if join.relationship != "one_to_many"))
            for owner, of in joins.items()
        }
        self._owners: dict[str, list[str]] = {}
        for owner, targets in self._targets.items():
            for target in targets:
                self._owners.setdefault(target, []).append(owner)
        self._steps = _MAX_STEPS
        self._needed: set[tuple[str, str]] = set()

    def ambiguous(self) -> set[tuple[str, str]]:
        """Return the last steps, as the names of both ends, of ways of which none is a part of all others."""
        for start in self._targets:
            if self._steps > 0:
                self._look_from(start)
        return self._needed

    def _look_from(self, start: str) -> None:
        arrivals = self._reach(start, None)
        avoiding: dict[str, dict[str, str]] = {}
        for end in arrivals:
            last = {(owner, end) for owner in self._owners[end] if owner in arrivals and owner != end}
            is_sure = len(last) <= 1 or start in self._owners[end]
            if is_sure or last <= self._needed:
                continue
            node = arrivals[end]
            while node != start and self._steps > 0:
                if node not in avoiding:
                    avoiding[node] = self._reach(start, node)
                if end in avoiding[node]:
                    self._needed |= last
                    break
                node = arrivals[node]

    def _reach(self, start: str, without: str | None) -> dict[str, str]:
        """Return everything that is reached, with the source before it on the shortest way."""
        arrivals: dict[str, str] = {}
        queue = deque([start])
        while queue:
            name = queue.popleft()
            self._steps -= len(self._targets[name])
            for target in self._targets[name]:
                if target not in arrivals and target not in (start, without):
                    arrivals[target] = name
                    queue.append(target)
        return arrivals
