"""Names that are ambiguous for a source: several join paths without fan-out lead to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from semantic_layer.joins.edges import Cardinality, Edge
from semantic_layer.joins.graph import AmbiguousPathError, JoinGraph
from semantic_layer.joins.path_errors import ambiguous_path_error
from semantic_layer.model.catalog import Node

MAX_LISTED = 10
# Limits the time of large models, which is otherwise quadratic in the number of sources.
_MAX_STEPS = 100_000


def ambiguous_names(graph: JoinGraph, names: Iterable[str]) -> list[tuple[Node, str]]:
    """Return the sources among `names` from which paths part, each with a name where they meet and what to write.

    Sources that only lead to such a source, and those behind the place where paths meet, are not listed separately.
    """
    listed: list[tuple[Node, str]] = []
    steps = _MAX_STEPS
    for name in names:
        start = graph.catalog.sources.get(name)
        if start is None or len({edge.end.source.name for edge in _joins_to_one(graph, start.name)}) <= 1:
            continue
        ends, visited = _meeting_places(graph, start)
        steps -= visited
        for end in ends:
            message = _describe(graph, start, end)
            if message is not None:
                listed.append((start, message))
            if len(listed) > MAX_LISTED or steps <= 0:
                return [*listed[:MAX_LISTED], (start, "Further ambiguous names are not listed")]
    return listed


def _joins_to_one(graph: JoinGraph, name: str) -> list[Edge]:
    return [
        edge
        for edge in graph.edges_from(name)
        if edge.cardinality is not Cardinality.TO_MANY and not edge.enters_role_in_reverse
    ]


def _meeting_places(graph: JoinGraph, start: Node) -> tuple[list[Node], int]:
    """Return the sources that several joins lead to, seen from a source, and the number of joins that were followed."""
    reached, arrivals = {start.name}, dict[str, list[Edge]]()
    queue, steps = deque([start.name]), 0
    while queue:
        for edge in _joins_to_one(graph, queue.popleft()):
            steps += 1
            arrivals.setdefault(edge.end.source.name, []).append(edge)
            if edge.end.name not in reached:
                reached.add(edge.end.name)
                queue.append(edge.end.name)
    ends = [name for name, edges in arrivals.items() if len(edges) > 1 and not _are_roles(start, edges)]
    return [graph.catalog.sources[name] for name in ends], steps


def _are_roles(start: Node, edges: list[Edge]) -> bool:
    """Return whether a source itself declares all joins as roles, whose names say which one is meant."""
    return all(edge.start is start and edge.end.is_role for edge in edges)


def _describe(graph: JoinGraph, start: Node, end: Node) -> str | None:
    if end is start or end.name in start.source.paths:
        return None
    try:
        graph.find_path(start, end)
    except AmbiguousPathError as error:
        return f"{ambiguous_path_error(graph, error)}; `paths` of the source chooses one of them"
    return None
