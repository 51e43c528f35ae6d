"""The edges of a model by node, and searches over them."""

from __future__ import annotations

from collections import deque

from semantic_layer.joins.detours import Detours
from semantic_layer.joins.edges import BACKWARD, FORWARD, Edge, Path, Reach, Search, State, next_state
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.sql.dialects import SqlDialect

# The states of all cached searches; one takes 300 bytes.
_MAX_CACHED_STATES = 30_000


class EdgeIndex:
    """The edges of a model by their start."""

    def __init__(self, catalog: Catalog, dialect: SqlDialect) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self._edges: dict[str, list[Edge]] = {name: [] for name in catalog.nodes}
        self._searches: dict[tuple[str, Reach], Detours] = {}
        self._cached_states = 0
        has_bridges = any(node.source.bridge for node in catalog.sources.values())
        self._reaches = [reach for reach in Reach if has_bridges or reach is not Reach.OVER_BRIDGES]
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

    def reverse(self, path: Path) -> Path:
        """Return the path from the end of a path to its start."""
        steps = [
            next(back for back in self._edges[edge.end.name] if back.join is edge.join and back.end is edge.start)
            for edge in path
        ]
        return tuple(reversed(steps))

    def reachable_sources(self, start: Node) -> set[str]:
        """Return the names of the sources to which any path leads from a node, its own included."""
        names = self.search(start.step or start, self._reaches[-1]).states
        found = {start.source.name, *(self.catalog.nodes[name].source.name for name in names)}
        return found if start.base is None else found | self.reachable_sources(start.base)

    def search(self, start: Node, reach: Reach) -> Search:
        """Search breadth-first, in the order of declaration."""
        return self.detours(start, reach).search

    def detours(self, start: Node, reach: Reach) -> Detours:
        """Return a search and its detours; the latest searches are cached."""
        key = (start.name, reach)
        if key in self._searches:
            return self._searches[key]

        def step(before: State, edge: Edge) -> State | None:
            return next_state(before, edge, reach)

        search = Search((start.name, reach is Reach.ONE_ROW, None))
        queue: deque[State] = deque([search.start])
        while queue:
            before = queue.popleft()
            for edge in self._edges[before[0]]:
                state = step(before, edge)
                if state is not None and edge.end is not start and search.add(state, before, edge):
                    queue.append(state)
        self._cached_states += len(search.arrivals)
        if self._cached_states > _MAX_CACHED_STATES:
            self._searches.clear()
            self._cached_states = len(search.arrivals)
        detours = self._searches[key] = Detours(search, self._edges, step)
        return detours
