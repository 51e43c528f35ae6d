"""Paths that avoid a node, which show that a join path is not the only one.

A search over the whole model for each node of a path would take the time of its length times the size of the model.
Only nodes that lead to the end of the path matter, and mostly there are few of them: they are found once, backwards
from the end, and the searches stay among them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from semantic_layer.joins.edges import BACKWARD, Edge, Path, Search, State


@dataclass(frozen=True)
class Detours:
    """Paths of a finished `search` that avoid a node; `step` returns the state after an edge, or None."""

    search: Search
    edges: Mapping[str, Sequence[Edge]]
    step: Callable[[State, Edge], State | None]
    _leading: dict[str, set[str]] = field(default_factory=dict)

    def path(self, avoided: str, end: str, *, in_reverse: bool) -> Path | None:
        """Return the path that a search without the node finds, as `Search.path` does."""
        if end not in self.search.states:
            return None
        if end not in self._leading:
            self._leading[end] = self._nodes_leading_to(end)
        leading = self._leading[end] - {avoided, self.search.start[0]}
        found = Search(self.search.start)
        queue: deque[State] = deque([found.start])
        while queue:
            before = queue.popleft()
            for edge in self.edges[before[0]]:
                if edge.end.name not in leading:
                    continue
                state = self.step(before, edge)
                if state is not None and found.add(state, before, edge):
                    if state[0] == end and (state[2] == end) == in_reverse:
                        return found.path(end, in_reverse=in_reverse)  # the first one is the shortest
                    queue.append(state)
        return None

    def _nodes_leading_to(self, end: str) -> set[str]:
        """Return the nodes of the search on any way to a node, and the node itself."""
        leading = {end}
        queue: deque[str] = deque([end])
        while queue:
            for back in self.edges[queue.popleft()]:
                name = back.end.name
                if name not in leading and self._can_follow(back):
                    leading.add(name)
                    queue.append(name)
        return leading

    def _can_follow(self, back: Edge) -> bool:
        """Return whether the search reaches the end of an edge and can follow the edge from there in reverse."""
        name = back.end.name
        states = [self.search.start] if name == self.search.start[0] else self.search.states.get(name, [])
        edge = Edge(back.end, back.start, BACKWARD[back.cardinality], back.join, back.owner)
        return any(self.step(state, edge) is not None for state in states)
