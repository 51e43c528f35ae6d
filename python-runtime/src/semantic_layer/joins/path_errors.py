"""Errors for missing and ambiguous join paths, with advice.

Advice is verified on the model: a name or an alias is only proposed if it makes the path unambiguous.
"""

from __future__ import annotations

from collections import deque

import msgspec

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.bridges import is_bridge
from semantic_layer.joins.edges import (
    Cardinality,
    Edge,
    Path,
    Reach,
    State,
    describe_path,
    inner_nodes,
    is_subsequence,
    next_state,
)
from semantic_layer.joins.graph import AmbiguousPathError, JoinGraph
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Join, Source
from semantic_layer.sql.names import unique_name

_MAX_PATHS = 6
_MAX_STEPS = 5_000
# Names that are tried for one path.
_MAX_TRIED = 8


def require_path(graph: JoinGraph, start: Node, end: Node, field: str = "") -> Path:
    """Return the join path, preferably without fan-out; it may end in a role of `end`.

    Raises SemanticError for a missing or an ambiguous path; the error says how to write `field` for each path.
    """
    try:
        path = graph.find_path(start, end)
    except AmbiguousPathError as error:
        raise ambiguous_path_error(graph, error, _ending(error, start, end, field)) from None
    if path is None:
        raise no_path_error(graph, start, end)
    return path


def _ending(error: AmbiguousPathError, start: Node, end: Node, field: str) -> str:
    """Return what follows the name of an ambiguous source in the name of a field: `.region.r_name` after `nation`."""
    if error.start is not start and not error.prefix:
        return ""
    ambiguous = f"{error.prefix}.{error.end.name}" if error.prefix else error.end.name
    rest = end.name.removeprefix(ambiguous)
    return f"{rest}.{field}" if field else rest


def ambiguous_path_error(graph: JoinGraph, error: AmbiguousPathError, ending: str = "") -> SemanticError:
    """Return the error for an ambiguous join path: all paths, and what to write for each."""
    start, end = error.start, error.end
    paths = _distinct_paths(graph, start, end, error.reach, error.paths)
    names = [_advise(graph, error, path, ending) for path in paths]
    texts = [
        f"{describe_path(path)} ({name})" if name else describe_path(path)
        for path, name in zip(paths, names, strict=True)
    ]
    listed = f"{', '.join(texts[:-1])}, and {texts[-1]}"
    message = f"There are several join paths from {start.name} to {end.name}: {listed}"
    if not all(names):
        message += "; give the joins of the other paths aliases of their own"
    return SemanticError(Problem.AMBIGUOUS_JOIN_PATH, message)


def _distinct_paths(graph: JoinGraph, start: Node, end: Node, reach: Reach, initial: tuple[Path, ...]) -> list[Path]:
    """Return the paths with different meanings, the shortest first, up to `_MAX_PATHS`."""
    paths_by_nodes = {(*inner_nodes(path), path[-1].end.name): path for path in initial}
    for path in _enumerate_paths(graph, start, end, reach):
        paths_by_nodes.setdefault((*inner_nodes(path), path[-1].end.name), path)
    every = sorted(paths_by_nodes.values(), key=len)
    listed = [path for path in every if path in initial or not any(_is_detour(other, path) for other in every)]
    return listed[:_MAX_PATHS]


def _is_detour(shorter: Path, path: Path) -> bool:
    """Return whether a path is a longer one to the same node, or to a role that the shorter path does not need."""
    is_same = shorter[-1].end is path[-1].end or path[-1].end.is_role
    return is_same and len(shorter) < len(path) and is_subsequence(inner_nodes(shorter), inner_nodes(path))


def _enumerate_paths(graph: JoinGraph, start: Node, end: Node, reach: Reach) -> list[Path]:
    """Return all paths, the shortest first, within limits."""
    paths: list[Path] = []
    queue: deque[tuple[State, Path]] = deque([((start.name, reach is Reach.ONE_ROW, None), ())])
    ends = graph.find_candidates(start, end)
    reached = graph.search(start, reach).states
    reaching = graph.sources_without_fan_out(end, within=reached) if reach is Reach.ONE_ROW else reached
    for _ in range(_MAX_STEPS):
        if not queue or len(paths) >= _MAX_PATHS:
            break
        before, path = queue.popleft()
        visited = {start.name, *(edge.end.name for edge in path)}
        for edge in graph.edges_from(before[0]):
            state = next_state(before, edge, reach)
            if state is None or edge.end.name in visited:
                continue
            if edge.end in ends and not edge.enters_role_in_reverse:
                paths.append((*path, edge))
            elif edge.end.name in reaching:
                queue.append((state, (*path, edge)))
    return paths


def _advise(graph: JoinGraph, error: AmbiguousPathError, path: Path, ending: str) -> str | None:
    """Return how to refer to a path: by a name that means it, by a new alias of its last join, or None."""
    prefix = f"{error.prefix}." if error.prefix else ""
    name = path_name(graph, error.start, error.end, path)
    if name is not None:
        return f"write {prefix}{name}{ending}"
    last, end = path[-1], error.end
    if last.owner is not last.start or last.end is not end:
        return None
    joined = last.start.source
    alias = unique_name(f"{joined.name}_{last.end.name}", {name.lower() for name in graph.catalog.nodes})
    if not _is_resolved_by_alias(graph, error.start, alias, last, path):
        return None
    other = "another" if last.join.alias else "an"
    named = f"{other} alias, such as {alias}, and write {prefix}{alias}{ending}"
    return f"give the join of {joined.name} with {last.end.name} {named}"


def path_name(graph: JoinGraph, start: Node, end: Node, path: Path) -> str | None:
    """Return the shortest name that means a path: the role at its end, or the end after a node on the way."""
    way = inner_nodes(path)
    single = [[name] for name in reversed(way[-_MAX_TRIED:])]
    several = [way[index:] for index in range(len(way) - 2, -1, -1)]
    for before in [[], *single, *several[:_MAX_TRIED], way]:
        for last in dict.fromkeys([end.name, path[-1].end.name]):
            node = graph.catalog.find(".".join([*before, last]))
            if node is not None and node is not end and _is_resolved_by(graph, start, node, path):
                return node.name
    return None


def _is_resolved_by(graph: JoinGraph, start: Node, end: Node, path: Path) -> bool:
    resolved = graph.find_single_path(start, end)
    return resolved is not None and [edge.join for edge in resolved] == [edge.join for edge in path]


def _is_resolved_by_alias(graph: JoinGraph, start: Node, alias: str, last: Edge, path: Path) -> bool:
    """Return whether an alias on the last join of a path makes the path unambiguous."""

    def renamed(join: Join) -> Join:
        return msgspec.structs.replace(join, alias=alias) if join is last.join else join

    def changed(source: Source) -> Source:
        joins = [renamed(join) for join in source.joins]
        return msgspec.structs.replace(source, joins=joins) if source is last.owner.source else source

    catalog = Catalog([changed(node.source) for node in graph.catalog.sources.values()])
    resolved = JoinGraph(catalog, graph.dialect).find_single_path(catalog.nodes[start.name], catalog.nodes[alias])
    return resolved is not None and inner_nodes(resolved) == inner_nodes(path)


def no_path_error(graph: JoinGraph, start: Node, end: Node) -> SemanticError:
    """Return the error for a missing join path: the chasm trap that prevents it, or the missing joins."""
    if end.base is not None and end.step is not None:
        there = graph.find_single_path(start, end.base)
        if there is None:
            return no_path_error(graph, start, end.base)
        hop = there[-1].end if there else end.base.step or end.base
        rest = graph.find_single_path(hop, end.step)
        if rest is None:
            return no_path_error(graph, hop, end.step)
        return _no_path_error(graph, start, end, (*there, *rest))
    return _no_path_error(graph, start.step or start, end, None)


def _no_path_error(graph: JoinGraph, start: Node, end: Node, any_path: Path | None) -> SemanticError:
    message = f"No join path leads from {start.name} to {end.name}"
    any_path = any_path or _find_any_path(graph, start, graph.find_candidates(start, end))
    if any_path:
        return SemanticError(Problem.NO_JOIN_PATH, f"{message}: {_describe_chasm_trap(graph, start, any_path)}")
    missing = [
        f"{node.name} joins '{join.to}', which does not exist"
        for node in (start, end)
        for join in node.source.joins
        if join.to not in graph.catalog.sources
    ]
    initial = graph.find_single_path(start, graph.catalog.nodes[end.source.name]) if end.is_role else None
    if initial:
        missing.append(f"from {start.name}, {end.source.name} is reached as {initial[-1].end.name}")
    roles = graph.catalog.roles.get(start.name, ())
    named = [role for role in roles if graph.find_single_path(graph.catalog.nodes[role], end) is not None]
    if named:
        missing.append(
            f"{end.name} joins {start.name} as {' and '.join(named)}; write one of them in place of {start.name}"
        )
    advice = "; ".join(missing) or "declare a join between them or with a source in between"
    return SemanticError(Problem.NO_JOIN_PATH, f"{message}; {advice}")


def _find_any_path(graph: JoinGraph, start: Node, ends: list[Node]) -> Path | None:
    """Return the shortest path over declared joins, including chasm traps."""
    arrivals: dict[str, Path] = {start.name: ()}
    queue = deque([start.name])
    while queue:
        name = queue.popleft()
        for edge in graph.edges_from(name):
            if edge.end.name in arrivals or edge.enters_role_in_reverse:
                continue
            arrivals[edge.end.name] = (*arrivals[name], edge)
            if edge.end in ends:
                return arrivals[edge.end.name]
            queue.append(edge.end.name)
    return None


def _describe_chasm_trap(graph: JoinGraph, start: Node, any_path: Path) -> str:
    """Return the text of the joins that fan out after the path has left the grain of its start, with advice."""
    left = next((index for index, edge in enumerate(any_path) if edge.cardinality is Cardinality.TO_ONE), len(any_path))
    steps = [edge for edge in any_path[left:] if edge.cardinality is Cardinality.TO_MANY]
    if not steps:
        return f"{describe_path(any_path)} leads there only in a role"
    named = " and ".join(f"from {edge.start.name} to {edge.end.name}" for edge in steps)
    many, are = ("steps", "lead") if len(steps) > 1 else ("step", "leads")
    first = steps[0]
    undeclared = [step.end for step in steps if not step.end.source.bridge]
    bridge = ""
    if all(is_bridge(node, graph, graph.dialect) for node in undeclared):
        names = " and ".join(node.source.name for node in undeclared)
        bridge = f"declare `bridge: true` in {names} to count a row of {start.name} once in each group, or "
    return (
        f"on {describe_path(any_path)} the {many} {named} {are} to many rows, which belong to {first.start.name} and "
        f"not to one row of {start.name}; {bridge}use a dimension or filter of {first.start.name}, or declare the join "
        f"one_to_one if a row of {first.start.name} has at most one of {first.end.name}, or join both in the `sql` "
        "of a source"
    )
