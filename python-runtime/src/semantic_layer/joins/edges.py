"""Edges of the join graph, and the search state that excludes chasm traps.

Each join is an edge in both directions; its relationship is the cardinality. An edge has no fan-out if each row matches
at most one row. A path without fan-out gives each row of its start one value of its end. A path that fans out first
(from customers to orders, or on to the products of their lines) relates a row to several values. A path that fans out
after it has left the grain of its start (from orders over their customer to returns) is a chasm trap: it relates
unrelated rows, and is not allowed.

A role (a role-playing dimension, such as the parent of an order) is a source under the alias of a join, and only that
join leads to the role. The role's own joins, walked in reverse, lead to any row of the source: the join of a parent
with its customer leads from customers to any order, not to parents. Such an edge may be followed to the children, and
may be the last one if no other path leads to the role.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Join


class Cardinality(Enum):
    """The cardinality of an edge: how many rows of its end match a row of its start."""

    TO_ONE = "to one"
    ONE_TO_ONE = "one to one"
    TO_MANY = "to many"


FORWARD = {
    "many_to_one": Cardinality.TO_ONE,
    "one_to_one": Cardinality.ONE_TO_ONE,
    "one_to_many": Cardinality.TO_MANY,
}
BACKWARD = {
    Cardinality.TO_ONE: Cardinality.TO_MANY,
    Cardinality.ONE_TO_ONE: Cardinality.ONE_TO_ONE,
    Cardinality.TO_MANY: Cardinality.TO_ONE,
}


@dataclass(frozen=True, eq=False)
class Edge:
    """A directed join between two nodes; `owner` is the node whose source declares it."""

    start: Node
    end: Node
    cardinality: Cardinality
    join: Join
    owner: Node

    @property
    def other(self) -> Node:
        """The target of the join as declared."""
        return self.end if self.owner is self.start else self.start

    @property
    def enters_role_in_reverse(self) -> bool:
        """Whether the edge is a join of the role's own source in reverse, which also leads to rows of no role."""
        return self.owner is self.end and self.end.is_role


Path = tuple[Edge, ...]


class Reach(Enum):
    """What the steps of a path may find."""

    ONE_ROW = "one row"
    MANY_ROWS = "many rows, then one"
    OVER_BRIDGES = "many rows, then one, and the links of bridges"


# Longer paths are abbreviated in texts.
_MAX_SHOWN_NODES = 8
# A node, whether the path to it has left the grain of its start, and the role that it entered in reverse, which it must
# leave by the role's join and not enter again.
State = tuple[str, bool, "str | None"]


@dataclass(frozen=True)
class Search:
    """The states that are reachable from a start, each with its predecessor and edge."""

    start: State
    arrivals: dict[State, tuple[State, Edge]] = field(default_factory=dict)
    states: dict[str, list[State]] = field(default_factory=dict)

    def add(self, state: State, before: State, edge: Edge) -> bool:
        """Record a reached state; return False if it was reached before."""
        name, has_left_grain, reverse_role = state
        was_reached = state in self.arrivals or (
            reverse_role not in (None, name) and (name, has_left_grain, None) in self.arrivals
        )
        if not was_reached:
            self.arrivals[state] = (before, edge)
            self.states.setdefault(name, []).append(state)
        return not was_reached

    def path(self, end: str, *, in_reverse: bool) -> Path | None:
        """Return the shortest path to a node; with `in_reverse` the shortest one that enters a role in reverse."""
        states = [state for state in self.states.get(end, []) if (state[2] == end) == in_reverse]
        return min((self._trace(state) for state in states), key=len, default=None)

    def _trace(self, state: State) -> Path:
        edges: list[Edge] = []
        while state != self.start:
            state, edge = self.arrivals[state]
            edges.append(edge)
        return tuple(reversed(edges))


def next_state(before: State, edge: Edge, reach: Reach) -> State | None:
    """Return the state after an edge, or None if the edge may not follow."""
    name, has_left_grain, reverse_role = before
    if (
        edge.cardinality is Cardinality.TO_MANY
        and has_left_grain
        and not (reach is Reach.OVER_BRIDGES and edge.end.source.bridge)
    ):
        return None
    if reverse_role is not None and (
        edge.end.name == reverse_role or (reverse_role == name and edge.owner is edge.start)
    ):
        return None
    return (
        edge.end.name,
        has_left_grain or edge.cardinality is Cardinality.TO_ONE,
        edge.end.name if edge.enters_role_in_reverse else reverse_role,
    )


def is_chasm_trap(path: Path) -> bool:
    """Return whether a path finds many rows after it has left the grain of its start, other than links of a bridge."""
    has_left_grain = False
    for edge in path:
        if edge.cardinality is Cardinality.TO_MANY and has_left_grain and not edge.end.source.bridge:
            return True
        has_left_grain = has_left_grain or edge.cardinality is Cardinality.TO_ONE
    return False


def reach_of(path: Path) -> Reach:
    """Return what the steps of a path find."""
    if all(edge.cardinality is not Cardinality.TO_MANY for edge in path):
        return Reach.ONE_ROW
    ones = [index for index, edge in enumerate(path) if edge.cardinality is Cardinality.TO_ONE]
    multiplies = any(edge.cardinality is Cardinality.TO_MANY for edge in path[ones[0] if ones else len(path) :])
    return Reach.OVER_BRIDGES if multiplies else Reach.MANY_ROWS


def inner_nodes(path: Path) -> list[str]:
    """Return the nodes between the ends of a path."""
    return [edge.end.name for edge in path[:-1]]


def is_subsequence(names: list[str], others: list[str]) -> bool:
    """Return whether `names` is a subsequence of `others`."""
    remaining = iter(others)
    return all(name in remaining for name in names)


def describe_path(path: Path) -> str:
    """Return the text of a path, abbreviated if long: `orders → customers → regions`."""
    names = [path[0].start.name, *(edge.end.name for edge in path)] if path else []
    if len(names) > _MAX_SHOWN_NODES:
        names = [*names[:3], f"… {len(names) - 5} more …", *names[-2:]]
    return " → ".join(names)
