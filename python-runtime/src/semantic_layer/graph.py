"""The declared joins as a graph: which source reaches which, over which edges, and whether rows multiply on the way.

Every join can be walked both ways. A step *keeps* rows when each row finds at most one partner, and *multiplies* them
otherwise. A path that only keeps rows gives every row of the beginning one value of the end. A path that first
multiplies and then keeps (orders, seen from customers; or the products of their lines) relates a row to several
values. A path that multiplies after it has left the beginning's grain (orders to returns over their customer: a chasm)
relates rows that have nothing to do with each other, and is none.

A role (the parent of an order) is a source under another name, and only the join that gives the name makes it one. The
join by which a parent, too, has a customer leads from the customers to any order and not to a parent. Such a step is
taken to go on to the children, and it may be the last one where no other path leads to the role.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from semantic_layer.catalog import Catalog, Node
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.models import Join


class Step(Enum):
    """What a step does to the rows it comes from."""

    TO_ONE = "to one"
    ONE_TO_ONE = "one to one"
    TO_MANY = "to many"


_FORWARD = {
    "many_to_one": Step.TO_ONE,
    "one_to_one": Step.ONE_TO_ONE,
    "one_to_many": Step.TO_MANY,
}
_BACKWARD = {Step.TO_ONE: Step.TO_MANY, Step.ONE_TO_ONE: Step.ONE_TO_ONE, Step.TO_MANY: Step.TO_ONE}


@dataclass(frozen=True, eq=False)
class Edge:
    """A step from one node to another; `owner` is the one of both whose source declares the join."""

    start: Node
    end: Node
    step: Step
    join: Join
    owner: Node

    @property
    def other(self) -> Node:
        """Give the node that the join leads to, as it is declared."""
        return self.end if self.owner is self.start else self.start

    @property
    def misses_role(self) -> bool:
        """Say whether the step leads to a role, but not by a join that makes it one."""
        return self.owner is self.end and self.end.is_role


Path = tuple[Edge, ...]
# A node, whether the path to it has already left the grain that it began with, and the role that it came to by a step
# that misses it: the path has yet to make it one if that is the node, and does not come back to it otherwise.
_State = tuple[str, bool, "str | None"]


@dataclass(frozen=True)
class _Search:
    """What can be reached from a state, and from where and how each state was reached."""

    start: _State
    arrivals: dict[_State, tuple[_State, Edge]] = field(default_factory=dict)
    states: dict[str, list[_State]] = field(default_factory=dict)

    def add(self, state: _State, before: _State, edge: Edge) -> bool:
        """Note that a state was reached; say whether that is news."""
        name, has_left, missed = state
        is_known = state in self.arrivals or (missed not in (None, name) and (name, has_left, None) in self.arrivals)
        if not is_known:
            self.arrivals[state] = (before, edge)
            self.states.setdefault(name, []).append(state)
        return not is_known

    def path(self, end: str, *, misses_role: bool) -> Path | None:
        """Give the shortest path to a node, as the role that it is or as one that it misses."""
        states = [state for state in self.states.get(end, []) if (state[2] == end) == misses_role]
        return min((self._trace(state) for state in states), key=len, default=None)

    def _trace(self, state: _State) -> Path:
        edges: list[Edge] = []
        while state != self.start:
            state, edge = self.arrivals[state]
            edges.append(edge)
        return tuple(reversed(edges))


class JoinGraph:
    """All edges of a model."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._edges: dict[str, list[Edge]] = {name: [] for name in catalog.nodes}
        self._searches: dict[tuple[str, bool, str | None], _Search] = {}
        for node in catalog.nodes.values():
            for join in node.source.joins:
                target = catalog.nodes.get(join.alias or join.to)
                if target is not None and target is not node and join.to in catalog.sources:
                    self._add(node, target, join)

    def _add(self, start: Node, end: Node, join: Join) -> None:
        step = _FORWARD[join.relationship]
        self._edges[start.name].append(Edge(start, end, step, join, start))
        self._edges[end.name].append(Edge(end, start, _BACKWARD[step], join, start))

    def between(self, start: Node, end: Node) -> list[Edge]:
        """Give every edge from one node to another. Joins that make a role of one of them hide all others."""
        edges = [edge for edge in self._edges[start.name] if edge.end is end]
        naming = [edge for edge in edges if edge.join.alias in (start.name, end.name)]
        return naming or edges

    def declared(self, node: Node) -> list[Edge]:
        """Give the edges of the joins that the source of a node declares."""
        return [edge for edge in self._edges[node.name] if edge.owner is node]

    def path(self, start: Node, end: Node) -> Path:
        """Find the path, one that keeps rows before one that multiplies them.

        Raises SemanticError when there is none, and when there are several of which none is plainly the shorter one.
        """
        if start is end:
            return ()
        for keeps in (True, False):
            found = self._one_path(start, end, keeps)
            if found is not None:
                return found
        raise self._no_path(start, end)

    def keeps_rows(self, start: Node, end: Node) -> bool:
        """Say whether every row of the one has at most one row of the other."""
        return start is end or end.name in self._search(start, True, None).states

    def keepers(self, end: Node) -> dict[str, int]:
        """Give every node from which a path that keeps rows leads to `end`, with its length."""
        distances = {end.name: 0}
        queue = deque([end.name])
        while queue:
            name = queue.popleft()
            for edge in self._edges[name]:
                misses_role = edge.owner is edge.start and edge.start.is_role  # seen from its other end
                is_keeping = edge.step is not Step.TO_ONE and not misses_role
                if is_keeping and edge.end.name not in distances:
                    distances[edge.end.name] = distances[name] + 1
                    queue.append(edge.end.name)
        return distances

    def _one_path(self, start: Node, end: Node, keeps: bool) -> Path | None:
        search = self._search(start, keeps, None)
        found = search.path(end.name, misses_role=False)
        other = search.path(end.name, misses_role=True)
        if found is None or other is None:
            found = found or other
        elif not _is_part([edge.end.name for edge in found if edge.end.name != end.source.name], other):
            raise _several(start, end, other, found)
        if found is not None:
            self._refuse_other_paths(start, end, keeps, found)
        return found

    def _search(self, start: Node, keeps: bool, without: str | None) -> _Search:
        """Search breadth first, in the order of declaration."""
        key = (start.name, keeps, without)
        if key in self._searches:
            return self._searches[key]
        first: _State = (start.name, keeps, None)
        found = self._searches[key] = _Search(first)
        queue: deque[_State] = deque([first])
        while queue:
            before = queue.popleft()
            for edge in self._edges[before[0]]:
                state = _next(before, edge)
                if state is None or edge.end is start or edge.end.name == without:
                    continue
                if found.add(state, before, edge):
                    queue.append(state)
        return found

    def _refuse_other_paths(self, start: Node, end: Node, keeps: bool, found: Path) -> None:
        """Refuse a path that another one avoids.

        A path that takes only some of the steps of every other one, in their order, is the plain one. That is so
        exactly if no node on it can be avoided.
        """
        for edge in found[:-1]:
            other = self._search(start, keeps, edge.end.name).path(end.name, misses_role=found[-1].misses_role)
            if other is not None:
                raise _several(start, end, found, other)

    def _no_path(self, start: Node, end: Node) -> SemanticError:
        message = f"No join path leads from {start.name} to {end.name}"
        shared = sorted(set(self._search(start, True, None).states) & set(self._search(end, True, None).states))
        roles = self._catalog.roles.get(end.name, [])
        dangling = [
            f"{node.name} joins '{join.to}', which does not exist"
            for node in (start, end)
            for join in node.source.joins
            if join.to not in self._catalog.sources
        ]
        if shared:
            message += (
                f": both only lead to {shared[0]}, and many rows of the one belong to many of the other; "
                f"use a dimension or filter of {shared[0]}, or a measure with a filter of its own"
            )
        elif roles:
            message += f"; {end.name} is joined under other names: {', '.join(roles)}"
        elif dangling:
            message += f"; {'; '.join(dangling)}"
        else:
            message += "; declare a join between them or with a source in between"
        return SemanticError(Problem.NO_JOIN_PATH, message)


def _next(before: _State, edge: Edge) -> _State | None:
    """Take a step; give None for one that may not follow what was walked before."""
    name, has_left, missed = before
    if edge.step is Step.TO_MANY and has_left:
        return None
    if missed is not None and (edge.end.name == missed or (missed == name and edge.owner is edge.start)):
        return None
    return edge.end.name, has_left or edge.step is Step.TO_ONE, edge.end.name if edge.misses_role else missed


def _is_part(names: list[str], path: Path) -> bool:
    """Say whether the path visits the nodes, in their order."""
    visited = (edge.end.name for edge in path)
    return all(name in visited for name in names)


def _several(start: Node, end: Node, *ways: Path) -> SemanticError:
    message = f"There are several ways from {start.name} to {end.name}: {', and '.join(describe(way) for way in ways)}"
    hint = "give the joins an alias for each role and name the role instead"
    return SemanticError(Problem.AMBIGUOUS_JOIN_PATH, f"{message}; {hint}")


def describe(path: Path) -> str:
    """Write a path for a person: `orders → customers → regions`."""
    return " → ".join([path[0].start.name, *(edge.end.name for edge in path)]) if path else ""
