"""The declared joins as a graph: which source reaches which, over which edges, and whether rows multiply on the way.

Every join can be walked both ways. A step *keeps* rows when each row finds at most one partner, and *multiplies* them
otherwise. A path that only keeps rows gives every row of the beginning one value of the end. A path that first
multiplies and then keeps (orders, seen from customers; or the products of their lines) relates a row to several
values. A path that multiplies after it has left the beginning's grain (orders to returns over their customer: a chasm)
relates rows that have nothing to do with each other, and is none.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
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


Path = tuple[Edge, ...]
# A node, and whether the path to it has already left the grain that it began with.
_State = tuple[str, bool]
_Arrivals = dict[_State, "tuple[_State, Edge]"]


class JoinGraph:
    """All edges of a model."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._edges: dict[str, list[Edge]] = {name: [] for name in catalog.nodes}
        self._searches: dict[tuple[str, bool, str | None], _Arrivals] = {}
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
        """Give every edge from one node to another."""
        return [edge for edge in self._edges[start.name] if edge.end is end]

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
            found = self._walk(start, end, keeps)
            if found is not None:
                self._refuse_other_paths(start, end, keeps, found)
                return found
        raise self._no_path(start, end)

    def keeps_rows(self, start: Node, end: Node) -> bool:
        """Say whether every row of the one has at most one row of the other."""
        return start is end or self._walk(start, end, keeps=True) is not None

    def keepers(self, end: Node) -> dict[str, int]:
        """Give every node from which a path that keeps rows leads to `end`, with its length."""
        distances = {end.name: 0}
        queue = deque([end.name])
        while queue:
            name = queue.popleft()
            for edge in self._edges[name]:
                if edge.step is not Step.TO_ONE and edge.end.name not in distances:
                    distances[edge.end.name] = distances[name] + 1
                    queue.append(edge.end.name)
        return distances

    def _walk(self, start: Node, end: Node, keeps: bool, without: str | None = None) -> Path | None:
        arrivals = self._search(start, keeps, without)
        states = dict.fromkeys(((end.name, keeps), (end.name, True)))
        paths = [self._trace((start.name, keeps), state, arrivals) for state in states if state in arrivals]
        return min(paths, key=len, default=None)

    def _search(self, start: Node, keeps: bool, without: str | None) -> _Arrivals:
        """Search breadth first, in the order of declaration; give for each state from where it was reached, and how."""
        key = (start.name, keeps, without)
        if key in self._searches:
            return self._searches[key]
        arrivals: _Arrivals = {}
        queue: deque[_State] = deque([(start.name, keeps)])
        while queue:
            before = queue.popleft()
            name, has_left = before
            for edge in self._edges[name]:
                if edge.end.name == without or edge.end is start or (edge.step is Step.TO_MANY and has_left):
                    continue
                state = (edge.end.name, has_left or edge.step is Step.TO_ONE)
                if state not in arrivals:
                    arrivals[state] = (before, edge)
                    queue.append(state)
        self._searches[key] = arrivals
        return arrivals

    @staticmethod
    def _trace(start: _State, state: _State, arrivals: _Arrivals) -> Path:
        """Follow the arrivals back to the beginning."""
        edges: list[Edge] = []
        while state != start:
            state, edge = arrivals[state]
            edges.append(edge)
        return tuple(reversed(edges))

    def _refuse_other_paths(self, start: Node, end: Node, keeps: bool, found: Path) -> None:
        """Refuse a path that another one avoids.

        A path that takes only some of the steps of every other one, in their order, is the plain one. That is so
        exactly if no node on it can be avoided.
        """
        for edge in found[:-1]:
            other = self._walk(start, end, keeps, without=edge.end.name)
            if other is not None:
                ways = f"{describe(found)}, and {describe(other)}"
                raise SemanticError(
                    Problem.AMBIGUOUS_JOIN_PATH,
                    f"There are several ways from {start.name} to {end.name}: {ways}; "
                    "give the joins an alias for each role and name the role instead",
                )

    def _no_path(self, start: Node, end: Node) -> SemanticError:
        message = f"No join path leads from {start.name} to {end.name}"
        shared = sorted(set(self._search(start, True, None)) & set(self._search(end, True, None)))
        roles = self._catalog.roles.get(end.name, [])
        dangling = [
            f"{node.name} joins '{join.to}', which does not exist"
            for node in (start, end)
            for join in node.source.joins
            if join.to not in self._catalog.sources
        ]
        if shared:
            message += (
                f": both only lead to {shared[0][0]}, and many rows of the one belong to many of the other; "
                f"use a dimension or filter of {shared[0][0]}, or a measure with a filter of its own"
            )
        elif roles:
            message += f"; {end.name} is joined under other names: {', '.join(roles)}"
        elif dangling:
            message += f"; {'; '.join(dangling)}"
        else:
            message += "; declare a join between them or with a source in between"
        return SemanticError(Problem.NO_JOIN_PATH, message)


def describe(path: Path) -> str:
    """Write a path for a person: `orders → customers → regions`."""
    return " → ".join([path[0].start.name, *(edge.end.name for edge in path)]) if path else ""
