"""The join graph: finds the join path between two nodes and detects ambiguity.

The plain name of a source includes its roles: `countries` means what it would mean if no join had an alias. An alias
therefore does not change the meaning of the plain name; an ambiguous name is an error.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container

from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.joins.adjacency import EdgeIndex
from semantic_layer.joins.edges import (
    Cardinality,
    Edge,
    Path,
    Reach,
    inner_nodes,
    is_chasm_trap,
    is_subsequence,
    reach_of,
)
from semantic_layer.joins.join_conditions import canonical_form, parse_join_condition
from semantic_layer.model.catalog import Node


class AmbiguousPathError(Exception):
    """Several join paths lead from `start` to `end` within `reach`; `prefix` is the path that leads to `start`."""

    def __init__(self, start: Node, end: Node, reach: Reach, *paths: Path, prefix: str = "") -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.reach = reach
        self.paths = paths
        self.prefix = prefix


class JoinGraph(EdgeIndex):
    """All edges of a model, and the paths over them."""

    def find_path(self, start: Node, end: Node) -> Path | None:
        """Return the join path, preferably without fan-out, or None; it may end in a role of `end`.

        Raises AmbiguousPathError if there are several paths and none is a subsequence of all others.
        """
        if start is end:
            return ()
        if end.base is not None and end.step is not None:
            return self._extend(self.find_path(start, end.base), end.base, end.step)
        if start.base is not None and start.step is not None:
            return self._find_path_from_step(start, start.base, start.step, end)
        path = self._find_path_unchecked(start, end)
        self._reject_start_with_roles(start, end, path)
        return path

    def _extend(self, path: Path | None, base: Node, step: Node) -> Path | None:
        """Return a path to `base`, extended by the joins from there to `step`; None if it is a chasm trap."""
        if path is None:
            return None
        try:
            rest = self._find_path_unchecked(path[-1].end if path else base.step or base, step)
        except AmbiguousPathError as error:
            raise AmbiguousPathError(error.start, step, error.reach, *error.paths, prefix=base.name) from None
        return None if rest is None or is_chasm_trap((*path, *rest)) else (*path, *rest)

    def _find_path_from_step(self, start: Node, base: Node, step: Node, end: Node) -> Path | None:
        """Return the path from the node of a path: over the joins of its source to one row, or back over `base`."""
        is_on_path, before = False, start.base
        while before is not None:
            is_on_path, before = is_on_path or before is end, before.base
        path = None if is_on_path else self._find_unambiguous(step, end, Reach.ONE_ROW)
        if path is not None:
            return path
        there, rest = self.find_path(base, start), self.find_path(base, end)
        if there is None or rest is None:
            return None
        back = (*self.reverse(there), *rest)
        return None if is_chasm_trap(back) else back

    def find_single_path(self, start: Node, end: Node) -> Path | None:
        """Return the join path, or None if there is none or it is ambiguous."""
        try:
            return self.find_path(start, end)
        except AmbiguousPathError:
            return None

    def _find_path_unchecked(self, start: Node, end: Node) -> Path | None:
        if start is end:
            return ()
        for reach in self._reaches:
            path = self._find_unambiguous(start, end, reach)
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
            reach = reach_of(self.reverse(path))
            other = self.search(end, reach).path(start.name, in_reverse=False)
            raise AmbiguousPathError(end, start, reach, back, *([other] if other is not None else []))

    def _reject_roles_declared_by_one_side(self, start: Node, end: Node, path: Path) -> None:
        """Raise AmbiguousPathError if the "one" side of a join on the path also declares a role of `start`."""
        for role in self.catalog.roles[start.name]:
            for first in self._edges[role]:
                defines_role = first.owner is first.end and first.cardinality is path[0].cardinality
                if not defines_role or first.end.source is start.source:
                    continue
                other = self._find_alternative_path(first, start, end, path)
                if other is not None:
                    paths = self.reverse(path), self.reverse(other)
                    raise AmbiguousPathError(end, start, reach_of(paths[0]), *paths)

    def _find_alternative_path(self, first: Edge, start: Node, end: Node, path: Path) -> Path | None:
        """Return a path that starts with an edge from a role and of which `path` is not a subsequence."""
        for avoided in (edge.end for edge in path[:-1] if edge.end is not first.end):
            if first.end is end:
                return (first,)
            detours = self.detours(first.end, Reach.ONE_ROW)
            for node in self.find_candidates(start, end):
                rest = detours.path(avoided.name, node.name, in_reverse=False)
                if rest is not None and all(edge.end.source is not start.source for edge in rest):
                    return (first, *rest)
        is_other = first.end is path[0].end and not self.is_same_join(first, path[0])
        return (first, *path[1:]) if is_other else None

    def is_same_join(self, role_edge: Edge, other: Edge) -> bool:
        """Return whether a join of a role compares the same columns as one of its source, or of another role."""

        def renamed(column: exp.Expr) -> exp.Expr:
            if isinstance(column, exp.Column) and column.table == role_edge.start.name:
                column.set("table", exp.to_identifier(other.start.name, quoted=True))
            return column

        try:
            conditions = [parse_join_condition(edge, self.dialect) for edge in (role_edge, other)]
        except SemanticError:
            return False  # reported by another check
        return canonical_form(conditions[0].transform(renamed)) == canonical_form(conditions[1])

    def find_candidates(self, start: Node, end: Node) -> list[Node]:
        """Return the nodes that a name may refer to, seen from `start`: a role itself, or a source and its roles.

        Seen from a role, the plain name of its source refers to the source only.
        """
        if end.is_role or start.source is end.source:
            return [end]
        return [end, *(self.catalog.nodes[role] for role in self.catalog.roles.get(end.name, ()))]

    def has_at_most_one(self, start: Node, end: Node) -> bool:
        """Return whether each row of `start` has at most one row of `end`."""
        if end.base is not None and end.step is not None and start is not end:
            return self.has_at_most_one(start, end.base) and self.has_at_most_one(end.base, end.step)
        states = self.search(start.step or start, Reach.ONE_ROW).states
        return start is end or any(node.name in states for node in self.find_candidates(start, end))

    def sources_without_fan_out(self, end: Node, within: Container[str] | None = None) -> dict[str, int]:
        """Return the lengths of paths without fan-out to `end` or its roles, by start node; only over `within`."""
        if end.base is not None and end.step is not None:
            added = len(self.find_path(end.base, end) or ())
            found = self.sources_without_fan_out(end.base) if self.has_at_most_one(end.base, end) else {}
            return {name: distance + added for name, distance in found.items()}
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
                is_known = edge.end.name in distances or (within is not None and edge.end.name not in within)
                if has_no_fan_out and not is_known:
                    distances[edge.end.name] = distances[name] + 1
                    queue.append(edge.end.name)
        return distances

    def _find_unambiguous(self, start: Node, end: Node, reach: Reach) -> Path | None:
        search = self.search(start, reach)
        named = [search.path(node.name, in_reverse=False) for node in self.find_candidates(start, end)]
        path = min((candidate for candidate in named if candidate is not None), key=len, default=None)
        other = search.path(end.name, in_reverse=True)
        if path is None or other is None:
            path = path or other
        elif not is_subsequence([name for name in _nodes(path) if name != end.source.name], _nodes(other)):
            raise AmbiguousPathError(start, end, reach, other, path)
        if path is not None:
            self._reject_other_paths(start, end, reach, path)
        return path

    def _reject_other_paths(self, start: Node, end: Node, reach: Reach, path: Path) -> None:
        """Raise AmbiguousPathError if another path exists of which `path` is not a subsequence.

        That is the case if a path avoids a node of `path`, or leads over the same nodes to another candidate.
        """
        candidates = self.find_candidates(start, end)
        detours = self.detours(start, reach)
        for edge in path[:-1]:
            for node in candidates:
                other = detours.path(edge.end.name, node.name, in_reverse=path[-1].enters_role_in_reverse)
                if other is not None:
                    raise AmbiguousPathError(start, end, reach, path, other)
        for node in candidates:
            other = self.search(start, reach).path(node.name, in_reverse=False)
            if other is not None and node is not path[-1].end and inner_nodes(other) == inner_nodes(path):
                raise AmbiguousPathError(start, end, reach, path, other)


def _nodes(path: Path) -> list[str]:
    return [edge.end.name for edge in path]
