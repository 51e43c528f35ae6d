"""Paths that a plain name means by default: those of a query before those of a measure and of a source."""

from __future__ import annotations

from semantic_layer.errors import Problem, SemanticError, unknown_name_error
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.path_errors import require_path
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Paths


def default_paths(catalog: Catalog, root: Node, query: Paths, measure: Paths | None = None) -> Paths:
    """Return the paths of a fact; those of the query take precedence, then those of its measure, then of its source.

    In paths of the source and of its measure, the name of the source means `root`, which may be a role.
    """
    own = {**root.source.paths, **(measure or {})}
    return {**{name: catalog.node_for(root, path).name for name, path in own.items()}, **query}


def resolve_default(catalog: Catalog, root: Node | None, node: Node, paths: Paths) -> Node:
    """Return the node that a name means for a fact over `root`, whose own name is never replaced."""
    replaced: set[str] = set()
    while True:
        first, dot, rest = node.name.partition(".")
        if first not in paths or first in replaced or (root is not None and first == root.name):
            return node
        replaced.add(first)
        node = catalog.node(f"{paths[first]}{dot}{rest}")


def check_paths(graph: JoinGraph, paths: Paths, root: Node | None = None) -> None:
    """Raise SemanticError for unknown names, and for paths that do not lead from `root` to the source that they name.

    Without a `root`, for the paths of a query, only the way from the first name of each path is checked.
    """
    catalog = graph.catalog
    for name, path in paths.items():
        named = catalog.nodes.get(name)
        if named is None or named is root:
            raise unknown_name_error("source to choose a path for,", name, list(catalog.nodes))
        end = catalog.node(path)
        if end.source is not named.source:
            message = f"The path '{path}' of '{name}' leads to {end.source.name}, not to {named.source.name}"
            raise SemanticError(Problem.INVALID_MODEL, message)
        _reject_cycle(name, paths)
        start = catalog.nodes[path.partition(".")[0]]
        require_path(graph, root or start, resolve_default(catalog, root, named, paths) if root else end)


def _reject_cycle(name: str, paths: Paths) -> None:
    names, first = [name], paths[name].partition(".")[0]
    while first in paths and first not in names:
        names.append(first)
        first = paths[first].partition(".")[0]
    if first in names:
        cycle = " → ".join([*names[names.index(first) :], first])
        raise SemanticError(Problem.CYCLE, f"The paths refer to each other in a cycle: {cycle}")
