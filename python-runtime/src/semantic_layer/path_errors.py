"""Why there is no one way from a source to another, and what to write instead.

What an error advises is tried out on the model first: an alias is only proposed where it leads to one way.
"""

from __future__ import annotations

from collections import deque

import msgspec

from semantic_layer.catalog import Catalog, Node
from semantic_layer.edges import Edge, Path, State, Step, between, describe, is_part, next_state
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.graph import AmbiguousPathError, JoinGraph
from semantic_layer.models import Join, Source
from semantic_layer.names import free_name

_MAX_WAYS = 6
_MAX_STEPS = 5_000


def find_path(graph: JoinGraph, start: Node, end: Node, field: str = "") -> Path:
    """Find the path, one that keeps rows before one that multiplies them; it may end in a role of `end`.

    Raises SemanticError when there is none, and when there are several of which none is plainly the shorter one; the
    error says how to write `field` for each of them.
    """
    try:
        found = graph.path(start, end)
    except AmbiguousPathError as error:
        named = field if error.start is start else ""
        raise several_ways(graph, error.start, error.end, named, error.keeps, error.paths) from None
    if found is None:
        raise no_way(graph, start, end)
    return found


def several_ways(
    graph: JoinGraph, start: Node, end: Node, field: str, keeps: bool, known: tuple[Path, ...]
) -> SemanticError:
    """Make the error for a name that can be reached by several ways: each of them, and what to write for it."""
    ways = _ways(graph, start, end, keeps, known)
    names = [_name(graph, start, end, way, field) for way in ways]
    texts = [f"{describe(way)} ({name})" if name else describe(way) for way, name in zip(ways, names, strict=True)]
    listed = f"{', '.join(texts[:-1])}, and {texts[-1]}"
    message = f"There are several ways from {start.name} to {end.name}: {listed}"
    nameless = [way for way, name in zip(ways, names, strict=True) if not name]
    if nameless:
        message += f"; {_separate(nameless[-1], ways)}"
    return SemanticError(Problem.AMBIGUOUS_JOIN_PATH, message)


def _ways(graph: JoinGraph, start: Node, end: Node, keeps: bool, known: tuple[Path, ...]) -> list[Path]:
    """Give the ways that mean something else, the shortest first; not all if there are very many."""
    found = {(*between(way), way[-1].end.name): way for way in known}
    for way in _search(graph, start, graph.meanings(start, end), keeps):
        found.setdefault((*between(way), way[-1].end.name), way)
    every = sorted(found.values(), key=len)
    listed = [way for way in every if way in known or not any(_hides(other, way) for other in every)]
    return listed[:_MAX_WAYS]


def _hides(shorter: Path, way: Path) -> bool:
    """Say whether a way is but a longer one to the same; what an alias hides is still worth to be listed."""
    is_same = shorter[-1].end is way[-1].end or way[-1].end.is_role
    return is_same and len(shorter) < len(way) and is_part(between(shorter), between(way))


def _search(graph: JoinGraph, start: Node, ends: list[Node], keeps: bool) -> list[Path]:
    """Walk every way, the shortest first, within limits."""
    ways: list[Path] = []
    queue: deque[tuple[State, Path]] = deque([((start.name, keeps, None), ())])
    reaching = set().union(*(graph.sources_without_fan_out(end) for end in ends)) if keeps else None
    for _ in range(_MAX_STEPS):
        if not queue or len(ways) >= _MAX_WAYS:
            break
        before, path = queue.popleft()
        visited = {start.name, *(edge.end.name for edge in path)}
        for edge in graph.steps(before[0]):
            state = next_state(before, edge)
            if state is None or edge.end.name in visited:
                continue
            if edge.end in ends and not edge.misses_role:
                ways.append((*path, edge))
            elif reaching is None or edge.end.name in reaching:
                queue.append((state, (*path, edge)))
    return ways


def _name(graph: JoinGraph, start: Node, end: Node, way: Path, field: str) -> str | None:
    """Say how to name a way: by the role in which it ends, or by an alias that its last join can be given."""
    ending = f".{field}" if field else ""
    last = way[-1]
    if last.end is not end and _leads(graph, start, last.end, way):
        return f"write {last.end.name}{ending}"
    if last.owner is not last.start or last.end is not end:
        return None
    joined = last.start.source
    alias = free_name(f"{joined.name}_{last.end.name}", {name.lower() for name in graph.catalog.nodes})
    if not _leads_with(graph, start, alias, last, way):
        return None
    other = "another" if last.join.alias else "an"
    named = f"{other} alias, such as {alias}, and write {alias}{ending}"
    return f"give the join of {joined.name} with {last.end.name} {named}"


def _leads(graph: JoinGraph, start: Node, end: Node, way: Path) -> bool:
    found = graph.leads(start, end)
    return found is not None and [edge.join for edge in found] == [edge.join for edge in way]


def _leads_with(graph: JoinGraph, start: Node, alias: str, last: Edge, way: Path) -> bool:
    """Try out whether the last join of a way with an alias is reached by that way and by no other."""

    def renamed(join: Join) -> Join:
        return msgspec.structs.replace(join, alias=alias) if join is last.join else join

    def changed(source: Source) -> Source:
        joins = [renamed(join) for join in source.joins]
        return msgspec.structs.replace(source, joins=joins) if source is last.owner.source else source

    catalog = Catalog([changed(node.source) for node in graph.catalog.sources.values()])
    found = JoinGraph(catalog, graph.dialect).leads(catalog.nodes[start.name], catalog.nodes[alias])
    return found is not None and between(found) == between(way)


def _separate(way: Path, ways: list[Path]) -> str:
    """Say how to resolve an ambiguity that no alias can resolve."""
    last = way[-1]
    if last.owner is not last.start:
        joined = f"with that join to {last.start.name} only"
        return f"for {describe(way)}, declare a second source on the table of {last.end.source.name} {joined}"
    shared = max(_shared(way, other) for other in ways if other is not way)
    copied = [edge.start for edge in way[len(way) - max(shared, 1) :]]
    tables = " and ".join(dict.fromkeys(node.source.name for node in copied))
    places = " and ".join(dict.fromkeys(node.name for node in copied))
    return (
        f"no alias tells ways apart that share the join of {last.start.source.name} with {last.end.name}: for "
        f"{describe(way)}, declare a second source on the table of {tables}, join it in place of {places}, and give "
        f"its join to {last.end.source.name} an alias of its own"
    )


def _shared(way: Path, other: Path) -> int:
    """Count the joins in which two ways end alike."""
    count = 0
    for own, its in zip(reversed(way), reversed(other), strict=False):
        if own.join is not its.join:
            break
        count += 1
    return count


def no_way(graph: JoinGraph, start: Node, end: Node) -> SemanticError:
    """Make the error for a source that cannot be reached: the steps that stand in the way, or what is not declared."""
    message = f"No join path leads from {start.name} to {end.name}"
    walk = _any_walk(graph, start, graph.meanings(start, end))
    if walk:
        return SemanticError(Problem.NO_JOIN_PATH, f"{message}: {_chasm(start, walk)}")
    missing = [
        f"{node.name} joins '{join.to}', which does not exist"
        for node in (start, end)
        for join in node.source.joins
        if join.to not in graph.catalog.sources
    ]
    known = graph.leads(start, graph.catalog.nodes[end.source.name]) if end.is_role else None
    if known:
        missing.append(f"from {start.name}, {end.source.name} is reached as {known[-1].end.name}")
    roles = graph.catalog.roles.get(start.name, ())
    named = [role for role in roles if graph.leads(graph.catalog.nodes[role], end) is not None]
    if named:
        missing.append(f"{end.name} knows {start.name} as {' and '.join(named)}: write that in place of {start.name}")
    advice = "; ".join(missing) or "declare a join between them or with a source in between"
    return SemanticError(Problem.NO_JOIN_PATH, f"{message}; {advice}")


def _any_walk(graph: JoinGraph, start: Node, ends: list[Node]) -> Path | None:
    """Give the shortest walk over declared joins, with or without fan-out."""
    arrivals: dict[str, Path] = {start.name: ()}
    queue = deque([start.name])
    while queue:
        name = queue.popleft()
        for edge in graph.steps(name):
            if edge.end.name in arrivals or edge.misses_role:
                continue
            arrivals[edge.end.name] = (*arrivals[name], edge)
            if edge.end in ends:
                return arrivals[edge.end.name]
            queue.append(edge.end.name)
    return None


def _chasm(start: Node, walk: Path) -> str:
    """Name the steps that multiply rows after the grain of the beginning was left, and what can be done."""
    left = next((index for index, edge in enumerate(walk) if edge.step is Step.TO_ONE), len(walk))
    steps = [edge for edge in walk[left:] if edge.step is Step.TO_MANY]
    if not steps:
        return f"{describe(walk)} leads there only in a role"
    named = " and ".join(f"from {edge.start.name} to {edge.end.name}" for edge in steps)
    many, are = ("steps", "lead") if len(steps) > 1 else ("step", "leads")
    first = steps[0]
    return (
        f"on {describe(walk)} the {many} {named} {are} to many rows, which belong to {first.start.name} and not to one "
        f"row of {start.name}; use a dimension or filter of {first.start.name}, or declare the join one_to_one if a "
        f"row of {first.start.name} has at most one of {first.end.name}, or join both in the `sql` of a source"
    )
