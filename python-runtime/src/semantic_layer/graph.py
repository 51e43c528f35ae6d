"""The declared joins as a graph: which source reaches which, and by which of several ways.

A role is one meaning of its source's plain name: `countries` means what it would mean if no join had an alias. What
it means is hence not changed by an alias, and where it could mean several things, that is an error.
"""

from __future__ import annotations

from collections import deque

from sqlglot import exp

from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import canonical, join_condition
from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import BACKWARD, FORWARD, Edge, Path, Search, State, Step, between, is_part, next_state
from semantic_layer.errors import SemanticError


class AmbiguousPathError(Exception):
    """Several paths lead from `start` to `end`; either all keep rows or none does."""

    def __init__(self, start: Node, end: Node, keeps: bool, *paths: Path) -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.keeps = keeps
        self.paths = paths


class JoinGraph:
    """All edges of a model."""

    def __init__(self, catalog: Catalog, dialect: SqlDialect) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self._edges: dict[str, list[Edge]] = {name: [] for name in catalog.nodes}
        self._searches: dict[tuple[str, bool, str | None], Search] = {}
        for node in catalog.nodes.values():
            for join in node.source.joins:
                target = catalog.nodes.get(join.alias or join.to)
                if target is not None and target is not node and join.to in catalog.sources:
                    step = FORWARD[join.relationship]
                    self._edges[node.name].append(Edge(node, target, step, join, node))
                    self._edges[target.name].append(Edge(target, node, BACKWARD[step], join, node))

    def steps(self, node: str) -> list[Edge]:
        """Return every step from a node, in the order of declaration."""
        return self._edges[node]

    def between(self, start: Node, end: Node) -> list[Edge]:
        """Return every edge from one node to another. Joins that make a role of one of them hide all others."""
        edges = [edge for edge in self._edges[start.name] if edge.end is end]
        naming = [edge for edge in edges if edge.join.alias in (start.name, end.name)]
        return naming or edges

    def declared(self, node: Node) -> list[Edge]:
        """Return the edges of the joins that the source of a node declares."""
        return [edge for edge in self._edges[node.name] if edge.owner is node]

    def path(self, start: Node, end: Node) -> Path | None:
        """Find the path, one that keeps rows before one that multiplies them; it may end in a role of `end`.

        None without any. Raises AmbiguousPathError where none of several is plainly the shorter one.
        """
        found = self._find(start, end)
        self._refuse_roles_of_start(start, end, found)
        return found

    def leads(self, start: Node, end: Node) -> Path | None:
        """Return the path, or None where there is not exactly one."""
        try:
            return self.path(start, end)
        except AmbiguousPathError:
            return None

    def _find(self, start: Node, end: Node) -> Path | None:
        if start is end:
            return ()
        for keeps in (True, False):
            found = self._one_path(start, end, keeps)
            if found is not None:
                return found
        return None

    def _refuse_roles_of_start(self, start: Node, end: Node, found: Path | None) -> None:
        """Refuse a path from a plain name that, seen from the path's end, means a role or may mean one."""
        has_roles = start.name in self.catalog.roles and not end.is_role and start.source is not end.source
        if found is None or not has_roles:
            return
        if all(edge.step is not Step.TO_MANY for edge in found):
            self._refuse_roles_given_by_one(start, end, found)
            return
        back = self._find(end, start)
        if back is not None and back[-1].end is not start:
            keeps = all(edge.step is not Step.TO_ONE for edge in found)
            other = self._search(end, keeps, None).path(start.name, misses_role=False)
            raise AmbiguousPathError(end, start, keeps, back, *([other] if other is not None else []))

    def _refuse_roles_given_by_one(self, start: Node, end: Node, found: Path) -> None:
        """Refuse a path on which each row has one partner that has given a role to others of its many rows."""
        for role in self.catalog.roles[start.name]:
            for first in self._edges[role]:
                is_given = first.owner is first.end and first.step is found[0].step
                if not is_given or first.end.source is start.source:
                    continue
                other = self._rival(first, start, end, found)
                if other is not None:
                    keeps = all(edge.step is not Step.TO_ONE for edge in found)
                    raise AmbiguousPathError(end, start, keeps, self._reversed(found), self._reversed(other))

    def _rival(self, first: Edge, start: Node, end: Node, found: Path) -> Path | None:
        """Return a path that begins with a step from a role and that the path found does not take a part of."""
        for avoided in (edge.end for edge in found[:-1] if edge.end is not first.end):
            if first.end is end:
                return (first,)
            search = self._search(first.end, True, avoided.name)
            for node in self.meanings(start, end):
                rest = search.path(node.name, misses_role=False)
                if rest is not None and all(edge.end.source is not start.source for edge in rest):
                    return (first, *rest)
        is_other = first.end is found[0].end and not self._is_same_join(first, found[0])
        return (first, *found[1:]) if is_other else None

    def _is_same_join(self, of_role: Edge, other: Edge) -> bool:
        """Return whether a join that makes a role compares the same columns as one without."""

        def renamed(column: exp.Expr) -> exp.Expr:
            if isinstance(column, exp.Column) and column.table == of_role.start.name:
                column.set("table", exp.to_identifier(other.start.name, quoted=True))
            return column

        try:
            conditions = [join_condition(edge, self.dialect) for edge in (of_role, other)]
        except SemanticError:
            return False  # which is an error of its own
        return canonical(conditions[0].transform(renamed)) == canonical(conditions[1])

    def _reversed(self, path: Path) -> Path:
        steps = [
            next(back for back in self._edges[edge.end.name] if back.join is edge.join and back.end is edge.start)
            for edge in path
        ]
        return tuple(reversed(steps))

    def meanings(self, start: Node, end: Node) -> list[Node]:
        """Return what a name may mean, seen from a node: a role itself; a source also its roles.

        Seen from one of its own roles, the plain name is its counterpart and not a further role.
        """
        if end.is_role or start.source is end.source:
            return [end]
        return [end, *(self.catalog.nodes[role] for role in self.catalog.roles.get(end.name, ()))]

    def keeps_rows(self, start: Node, end: Node) -> bool:
        """Return whether every row of the one has at most one row of the other."""
        states = self._search(start, True, None).states
        return start is end or any(node.name in states for node in self.meanings(start, end))

    def sources_without_fan_out(self, end: Node) -> dict[str, int]:
        """Return every node from which a path that keeps rows leads to what `end` means, with its length."""
        roles = () if end.is_role else self.catalog.roles.get(end.name, ())
        distances = {end.name: 0, **dict.fromkeys(roles, 0)}
        queue = deque(distances)
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
        named = [search.path(node.name, misses_role=False) for node in self.meanings(start, end)]
        found = min((path for path in named if path is not None), key=len, default=None)
        other = search.path(end.name, misses_role=True)
        if found is None or other is None:
            found = found or other
        elif not is_part([name for name in _nodes(found) if name != end.source.name], _nodes(other)):
            raise AmbiguousPathError(start, end, keeps, other, found)
        if found is not None:
            self._refuse_other_paths(start, end, keeps, found)
        return found

    def _search(self, start: Node, keeps: bool, without: str | None) -> Search:
        """Search breadth first, in the order of declaration."""
        key = (start.name, keeps, without)
        if key in self._searches:
            return self._searches[key]
        first: State = (start.name, keeps, None)
        found = self._searches[key] = Search(first)
        queue: deque[State] = deque([first])
        while queue:
            before = queue.popleft()
            for edge in self._edges[before[0]]:
                state = next_state(before, edge)
                if state is None or edge.end is start or edge.end.name == without:
                    continue
                if found.add(state, before, edge):
                    queue.append(state)
        return found

    def _refuse_other_paths(self, start: Node, end: Node, keeps: bool, found: Path) -> None:
        """Refuse a path that another one avoids.

        A path that takes only some of the steps of every other one, in their order, is the plain one. That is so
        exactly if no node on it can be avoided, and if it does not lead to another meaning over the same nodes.
        """
        meanings = self.meanings(start, end)
        for edge in found[:-1]:
            search = self._search(start, keeps, edge.end.name)
            for node in meanings:
                other = search.path(node.name, misses_role=found[-1].misses_role)
                if other is not None:
                    raise AmbiguousPathError(start, end, keeps, found, other)
        for node in meanings:
            other = self._search(start, keeps, None).path(node.name, misses_role=False)
            if other is not None and node is not found[-1].end and between(other) == between(found):
                raise AmbiguousPathError(start, end, keeps, found, other)


def _nodes(path: Path) -> list[str]:
    return [edge.end.name for edge in path]
