"""Steps between sources, and what walking them one after the other does to rows.

Every join can be walked both ways; its relationship is the cardinality. A step *keeps* rows when each row finds at most
one partner, and multiplies them otherwise (fan-out). A path that only keeps rows gives every row of the beginning one
value of the end. A path that first multiplies and then keeps (orders, seen from customers; or the products of their
lines) relates a row to several values. A path that multiplies after it has left the beginning's grain (orders to
returns over their customer: a chasm trap) relates rows that have nothing to do with each other, and is none.

A role (a role-playing dimension, such as the parent of an order) is a source under another name, and only the join that
gives the name makes it one. The join by which a parent, too, has a customer leads from the customers to any order and
not to a parent. Such a step is taken to go on to the children, and it may be the last one where no other path leads to
the role.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from semantic_layer.catalog import Node
from semantic_layer.models import Join


class Step(Enum):
    """What a step does to the rows it comes from."""

    TO_ONE = "to one"
    ONE_TO_ONE = "one to one"
    TO_MANY = "to many"


FORWARD = {
    "many_to_one": Step.TO_ONE,
    "one_to_one": Step.ONE_TO_ONE,
    "one_to_many": Step.TO_MANY,
}
BACKWARD = {Step.TO_ONE: Step.TO_MANY, Step.ONE_TO_ONE: Step.ONE_TO_ONE, Step.TO_MANY: Step.TO_ONE}


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
        """The node that the join leads to, as it is declared."""
        return self.end if self.owner is self.start else self.start

    @property
    def misses_role(self) -> bool:
        """Whether the step leads to a role, but not by a join that makes it one."""
        return self.owner is self.end and self.end.is_role


Path = tuple[Edge, ...]
# More nodes of a path than these are not written out.
_MAX_NODES = 8
# A node, whether the path to it has already left the grain that it began with, and the role that it came to by a step
# that misses it: the path has yet to make it one if that is the node, and does not come back to it otherwise.
State = tuple[str, bool, "str | None"]


@dataclass(frozen=True)
class Search:
    """What can be reached from a state, and from where and how each state was reached."""

    start: State
    arrivals: dict[State, tuple[State, Edge]] = field(default_factory=dict)
    states: dict[str, list[State]] = field(default_factory=dict)

    def add(self, state: State, before: State, edge: Edge) -> bool:
        """Note that a state was reached; say whether that is news."""
        name, has_left, missed = state
        is_known = state in self.arrivals or (missed not in (None, name) and (name, has_left, None) in self.arrivals)
        if not is_known:
            self.arrivals[state] = (before, edge)
            self.states.setdefault(name, []).append(state)
        return not is_known

    def path(self, end: str, *, misses_role: bool) -> Path | None:
        """Return the shortest path to a node, as the role that it is or as one that it misses."""
        states = [state for state in self.states.get(end, []) if (state[2] == end) == misses_role]
        return min((self._trace(state) for state in states), key=len, default=None)

    def _trace(self, state: State) -> Path:
        edges: list[Edge] = []
        while state != self.start:
            state, edge = self.arrivals[state]
            edges.append(edge)
        return tuple(reversed(edges))


def next_state(before: State, edge: Edge) -> State | None:
    """Take a step; give None for one that may not follow what was walked before."""
    name, has_left, missed = before
    if edge.step is Step.TO_MANY and has_left:
        return None
    if missed is not None and (edge.end.name == missed or (missed == name and edge.owner is edge.start)):
        return None
    return edge.end.name, has_left or edge.step is Step.TO_ONE, edge.end.name if edge.misses_role else missed


def between(path: Path) -> list[str]:
    """Return the nodes between the ends of a path."""
    return [edge.end.name for edge in path[:-1]]


def is_part(names: list[str], others: list[str]) -> bool:
    """Return whether the one list is found in the other, in its order."""
    visited = iter(others)
    return all(name in visited for name in names)


def describe(path: Path) -> str:
    """Write a path for a person, a long one without its middle: `orders → customers → regions`."""
    names = [path[0].start.name, *(edge.end.name for edge in path)] if path else []
    if len(names) > _MAX_NODES:
        names = [*names[:3], f"… {len(names) - 5} more …", *names[-2:]]
    return " → ".join(names)
