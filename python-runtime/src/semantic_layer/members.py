"""The values of dimensions that are listed though no fact has them: what `include_empty` asks for when it is true.

Dimensions are taken together where one of their sources leads to the others on the way from every fact (customers and
their regions): then the combinations that its rows have are listed. Otherwise each one is listed for itself, without a
value for the others, and only those values that no fact has.
"""

from __future__ import annotations

from dataclasses import replace

from semantic_layer.catalog import Node
from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import Path, Step
from semantic_layer.filters import RowFilter
from semantic_layer.graph import JoinGraph
from semantic_layer.joins import JoinTree
from semantic_layer.plan import Fact, Plan


def members_of(plan: Plan, graph: JoinGraph, dialect: SqlDialect) -> tuple[Plan, ...]:
    """Give a plan without measures for each source that combines some of the dimensions."""
    return tuple(_plan(node, over, plan, graph, dialect) for node, over in _combined(plan, graph))


def _combined(plan: Plan, graph: JoinGraph) -> list[tuple[Node, list[str]]]:
    """Give the sources that no other one leads to, each with the names of those that it leads to, and its own."""
    nodes = {dimension.node.name: dimension.node for dimension in plan.dimensions}
    roots = [fact.root for fact in plan.facts]
    found: list[tuple[Node, list[str]]] = []
    placed: set[str] = set()
    by_distance = sorted(nodes.values(), key=lambda node: len(graph.leads(roots[0], node) or ()))
    for node in by_distance:
        if node.name not in placed:
            others = [other.name for other in by_distance if node not in roots and _is_behind(other, node, plan, graph)]
            over = list(dict.fromkeys([node.name, *(name for name in others if name not in placed)]))
            placed.update(over)
            found.append((node, over))
    return found


def _is_behind(node: Node, before: Node, plan: Plan, graph: JoinGraph) -> bool:
    """Say whether each row of a source has one row of another one, which the facts reach over it."""
    rest = graph.leads(before, node)
    if rest is None or any(edge.step is Step.TO_MANY for edge in rest):
        return False
    return all(_both(graph.leads(fact.root, before), rest) == graph.leads(fact.root, node) for fact in plan.facts)


def _both(first: Path | None, rest: Path) -> Path | None:
    return None if first is None else (*first, *rest)


def _plan(node: Node, over: list[str], plan: Plan, graph: JoinGraph, dialect: SqlDialect) -> Plan:
    dimensions = tuple(item for item in plan.dimensions if item.node.name in over)
    filters = tuple(item for item in plan.row_filters if _holds_for(item, node, plan, graph))
    tree = JoinTree(node, graph, dialect)
    for dimension in dimensions:
        tree.reach(dimension.node, dimension.column.name, is_required=False)
    for item in filters:
        for name, column in item.nodes.items():
            tree.reach(graph.catalog.node(name), column, is_required=False)
    return replace(plan, facts=(Fact(tree, ()),), dimensions=dimensions, outputs=(), row_filters=filters)


def _holds_for(item: RowFilter, node: Node, plan: Plan, graph: JoinGraph) -> bool:
    """Say whether a filter is about the members: other ones are about the facts, and remove no members."""
    return all(_is_behind(graph.catalog.node(name), node, plan, graph) for name in item.nodes)
