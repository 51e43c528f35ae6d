"""The join graph: finds the join path between two nodes and detects ambiguity.

The plain name of a source includes its roles: `countries` means what it would mean if no join had an alias. An alias
therefore does not change the meaning of the plain name; an ambiguous name is an error.
"""

from __future__ import annotations

from collections import deque

from sqlglot import exp

from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import canonical_form, parse_join_condition
from semantic_layer.detours import Detours
from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import (
    BACKWARD,
    FORWARD,
    Cardinality,
    Edge,
    Path,
    Search,
    State,
    inner_nodes,
    is_subsequence,
    next_state,
)
from semantic_layer.errors import SemanticError

# The states of all cached searches; one takes 300 bytes.
_MAX_CACHED_STATES = 30_000


class AmbiguousPathError(Exception):
    """Several join paths lead from `start` to `end`, either all with or all without fan-out."""

    def __init__(self, start: Node, end: Node, without_fan_out: bool, *paths: Path) -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.without_fan_out = without_fan_out
        self.paths = paths


class JoinGraph:
    """All edges of a model."""

    def __init__(self, catalog: Catalog, dialect: SqlDialect) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self._edges: dict[str, list[Edge]] = {name: [] for name in catalog.nodes}
        self._searches: dict[tuple[str, bool], Detours] = {}
        self._cached_states = 0
        for node in catalog.nodes.values():
            for join in node.source.joins:
                target = catalog.nodes.get(join.alias or join.to)
                if target is not None and target is not node and join.to in catalog.sources:
                    cardinality = FORWARD[join.relationship]
                    self._edges[node.name].append(Edge(node, target, cardinality, join, node))
                    self._edges[target.name].append(Edge(target, node, BACKWARD[cardinality], join, node))

    def edges_from(self, node: str) -> list[Edge]:
        """Return the edges from a node, in the order of declaration."""
        return self._edges[node]

    def edges_between(self, start: Node, end: Node) -> list[Edge]:
        """Return the edges from one node to another. Joins whose alias is one of the nodes hide all others."""
        edges = [edge for edge in self._edges[start.name] if edge.end is end]
        role_edges = [edge for edge in edges if edge.join.alias in (start.name, end.name)]
        return role_edges or edges

    def declared_edges(self, node: Node) -> list[Edge]:
        """Return the edges of the joins that the source of a node declares."""
        return [edge for edge in self._edges[node.name] if edge.owner is node]

    def find_path(self, start: Node, end: Node) -> Path | None:
        """Return the join path, preferably without fan-out, or None; it may end in a role of `end`.

        Raises AmbiguousPathError if there are several paths and none is a subsequence of all others.
        """
        path = self._find_path_unchecked(start, end)
        self._reject_start_with_roles(start, end, path)
        return path

    def find_single_path(self, start: Node, end: Node) -> Path | None:
        """Return the join path, or None if there is none or it is ambiguous."""
        try:
            return self.find_path(start, end)
        except AmbiguousPathError:
            return None

    def _find_path_unchecked(self, start: Node, end: Node) -> Path | None:
        if start is end:
            return ()
        for without_fan_out in (True, False):
            path = self._find_unambiguous(start, end, without_fan_out)
            if path is not None:
                return path
        return None

    def _reject_start_with_roles(self, start: Node, end: Node, path: Path | None) -> None:
        """Raise AmbiguousPathError if the plain name of `start` may mean a role when seen from `end`."""
        has_roles = start.name in self.catalog.roles and not end.is_role and start.source is not end.source
        if path is None or not has_roles:
            return
        if all(edge.cardinality is not Cardinality.TO_MANY for edge in path):
            self._reject_roles_declared_by_one_side(start, end, path)
            return
        back = self._find_path_unchecked(end, start)
        if back is not None and back[-1].end is not start:
            without_fan_out = all(edge.cardinality is not Cardinality.TO_ONE for edge in path)
            other = self._search(end, without_fan_out).path(start.name, in_reverse=False)
            raise AmbiguousPathError(end, start, without_fan_out, back, *([other] if other is not None else []))

    def _reject_roles_declared_by_one_side(self, start: Node, end: Node, path: Path) -> None:
        """Raise AmbiguousPathError if the "one" side of a join on the path also declares a role of `start`."""
        for role in self.catalog.roles[start.name]:
            for first in self._edges[role]:
                defines_role = first.owner is first.end and first.cardinality is path[0].cardinality
                if not defines_role or first.end.source is start.source:
                    continue
                other = self._find_alternative_path(first, start, end, path)
                if other is not None:
                    without_fan_out = all(edge.cardinality is not Cardinality.TO_ONE for edge in path)
                    raise AmbiguousPathError(end, start, without_fan_out, self._reverse(path), self._reverse(other))

    def _find_alternative_path(self, first: Edge, start: Node, end: Node, path: Path) -> Path | None:
        """Return a path that starts with an edge from a role and of which `path` is not a subsequence."""
        for avoided in (edge.end for edge in path[:-1] if edge.end is not first.end):
            if first.end is end:
                return (first,)
            detours = self._detours(first.end, without_fan_out=True)
            for node in self.find_candidates(start, end):
                rest = detours.path(avoided.name, node.name, in_reverse=False)
                if rest is not None and all(edge.end.source is not start.source for edge in rest):
                    return (first, *rest)
        is_other = first.end is path[0].end and not self._is_same_join(first, path[0])
        return (first, *path[1:]) if is_other else None

    def _is_same_join(self, role_edge: Edge, other: Edge) -> bool:
        """Return whether a join with an alias compares the same columns as one without."""

        def renamed(column: exp.Expr) -> exp.Expr:
            if isinstance(column, exp.Column) and column.table == role_edge.start.name:
                column.set("table", exp.to_identifier(other.start.name, quoted=True))
            return column

        try:
            conditions = [parse_join_condition(edge, self.dialect) for edge in (role_edge, other)]
        except SemanticError:
            return False  # reported by another check
        return canonical_form(conditions[0].transform(renamed)) == canonical_form(conditions[1])

    def _reverse(self, path: Path) -> Path:
        steps = [
            next(back for back in self._edges[edge.end.name] if back.join is edge.join and back.end is edge.start)
            for edge in path
        ]
        return tuple(reversed(steps))

    def find_candidates(self, start: Node, end: Node) -> list[Node]:
        """Return the nodes that a name may refer to, seen from `start`: a role itself, or a source and its roles.

        Seen from a role, the plain name of its source refers to the source only.
        """
        if end.is_role or start.source is end.source:
            return [end]
        return [end, *(self.catalog.nodes[role] for role in self.catalog.roles.get(end.name, ()))]

    def has_at_most_one(self, start: Node, end: Node) -> bool:
        """Return whether each row of `start` has at most one row of `end`."""
        states = self._search(start, True).states
        return start is end or any(node.name in states for node in self.find_candidates(start, end))

    def sources_without_fan_out(self, end: Node) -> dict[str, int]:
        """Return the lengths of paths without fan-out to `end` or its roles, by start node."""
        roles = () if end.is_role else self.catalog.roles.get(end.name, ())
        distances = {end.name: 0, **dict.fromkeys(roles, 0)}
        queue = deque(distances)
        while queue:
            name = queue.popleft()
            for edge in self._edges[name]:
                enters_role_in_reverse = (
                    edge.owner is edge.start and edge.start.is_role
                )  # walked in the other direction
                has_no_fan_out = edge.cardinality is not Cardinality.TO_ONE and not enters_role_in_reverse
                if has_no_fan_out and edge.end.name not in distances:
                    distances[edge.end.name] = distances[name] + 1
                    queue.append(edge.end.name)
        return distances

    def _find_unambiguous(self, start: Node, end: Node, without_fan_out: bool) -> Path | None:
        search = self._search(start, without_fan_out)
        named = [search.path(node.name, in_reverse=False) for node in self.find_candidates(start, end)]
        path = min((candidate for candidate in named if candidate is not None), key=len, default=None)
        other = search.path(end.name, in_reverse=True)
        if path is None or other is None:
            path = path or other
        elif not is_subsequence([name for name in _nodes(path) if name != end.source.name], _nodes(other)):
            raise AmbiguousPathError(start, end, without_fan_out, other, path)
        if path is not None:
            self._reject_other_paths(start, end, without_fan_out, path)
        return path

    def _search(self, start: Node, without_fan_out: bool) -> Search:
        """Search breadth-first, in the order of declaration."""
        return self._detours(start, without_fan_out).search

    def _detours(self, start: Node, without_fan_out: bool) -> Detours:
        """Return a search and its detours; the latest searches are cached."""
        key = (start.name, without_fan_out)
        if key in self._searches:
            return self._searches[key]
        search = Search((start.name, without_fan_out, None))
        queue: deque[State] = deque([search.start])
        while queue:
            before = queue.popleft()
            for edge in self._edges[before[0]]:
                state = next_state(before, edge)
                if state is not None and edge.end is not start and search.add(state, before, edge):
                    queue.append(state)
        self._cached_states += len(search.arrivals)
        if self._cached_states > _MAX_CACHED_STATES:
            self._searches.clear()
            self._cached_states = len(search.arrivals)
        detours = self._searches[key] = Detours(search, self._edges, next_state)
        return detours

    def _reject_other_paths(self, start: Node, end: Node, without_fan_out: bool, path: Path) -> None:
        """Raise AmbiguousPathError if another path exists of which `path` is not a subsequence.

        That is the case if a path avoids a node of `path`, or leads over the same nodes to another candidate.
        """
        candidates = self.find_candidates(start, end)
        detours = self._detours(start, without_fan_out)
        for edge in path[:-1]:
            for node in candidates:
                other = detours.path(edge.end.name, node.name, in_reverse=path[-1].enters_role_in_reverse)
                if other is not None:
                    raise AmbiguousPathError(start, end, without_fan_out, path, other)
        for node in candidates:
            other = self._search(start, without_fan_out).path(node.name, in_reverse=False)
            if other is not None and node is not path[-1].end and inner_nodes(other) == inner_nodes(path):
                raise AmbiguousPathError(start, end, without_fan_out, path, other)


def _nodes(path: Path) -> list[str]:
    return [edge.end.name for edge in path]
