"""Aliases for joins of a generated model whose targets would otherwise be ambiguous.

Order lines, for example, have two join paths to nations, over customers and over suppliers; the aliases are
`customer_nation` and `supplier_nation`. An alias does not change the meaning of the plain name.
"""

from __future__ import annotations

from collections import deque

import msgspec

from semantic_layer.model.models import Join
from semantic_layer.sql.names import unique_name

# Limits the search in densely connected models.
_MAX_STEPS = 2_000_000


def add_aliases(joins: dict[str, list[Join]]) -> dict[str, list[Join]]:
    """Add an alias to each last join of several join paths between the same sources."""
    ambiguous = _JoinPaths(joins).find_ambiguous()
    used_names = {name.lower() for name in joins} | {
        join.alias.lower() for owned in joins.values() for join in owned if join.alias
    }
    return {owner: [_add_alias(owner, join, ambiguous, used_names) for join in owned] for owner, owned in joins.items()}


def _add_alias(owner: str, join: Join, ambiguous: set[tuple[str, str]], used_names: set[str]) -> Join:
    if join.alias or (owner, join.to) not in ambiguous:
        return join
    alias = unique_name(f"{owner}_{join.to}", used_names)
    used_names.add(alias.lower())
    return msgspec.structs.replace(join, alias=alias)


class _JoinPaths:
    """Finds pairs of sources with several join paths without fan-out."""

    def __init__(self, joins: dict[str, list[Join]]) -> None:
        self._targets = {
            owner: list(dict.fromkeys(join.to for join in owned if join.relationship != "one_to_many"))
            for owner, owned in joins.items()
        }
        self._owners: dict[str, list[str]] = {}
        for owner, targets in self._targets.items():
            for target in targets:
                self._owners.setdefault(target, []).append(owner)
        self._steps = _MAX_STEPS
        self._ambiguous: set[tuple[str, str]] = set()

    def find_ambiguous(self) -> set[tuple[str, str]]:
        """Return the last joins, as names of both ends, of ambiguous paths: none is a subsequence of all others."""
        for start in self._targets:
            if self._steps > 0:
                self._search_from(start)
        return self._ambiguous

    def _search_from(self, start: str) -> None:
        arrivals = self._reach(start, None)
        detours: dict[str, dict[str, str]] = {}
        for end in arrivals:
            last = {(owner, end) for owner in self._owners[end] if owner in arrivals and owner != end}
            is_unambiguous = len(last) <= 1 or start in self._owners[end]
            if is_unambiguous or last <= self._ambiguous:
                continue
            node = arrivals[end]
            while node != start and self._steps > 0:
                if node not in detours:
                    detours[node] = self._reach(start, node)
                if end in detours[node]:
                    self._ambiguous |= last
                    break
                node = arrivals[node]

    def _reach(self, start: str, excluded: str | None) -> dict[str, str]:
        """Return all reachable sources, each with its predecessor on the shortest path."""
        arrivals: dict[str, str] = {}
        queue = deque([start])
        while queue:
            name = queue.popleft()
            self._steps -= len(self._targets[name])
            for target in self._targets[name]:
                if target not in arrivals and target not in (start, excluded):
                    arrivals[target] = name
                    queue.append(target)
        return arrivals
