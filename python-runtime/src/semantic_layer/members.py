"""The values of dimensions that are listed though no fact has them: what `include_empty` asks for when it is true.

Dimensions are taken together where one of their sources leads to the others on the way from every fact (customers and
their regions): then the combinations that its rows have are listed. What is in none of them (a region without
customers, a store beside the customers) is listed for itself, without a value for the other dimensions.
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
    """Return a plan without measures for the source of each dimension, those nearest to the facts first."""
    nodes = {dimension.node.name: dimension.node for dimension in plan.dimensions}
    nearest = sorted(nodes.values(), key=lambda node: len(graph.leads(plan.facts[0].root, node) or ()))
    found = []
    for node in nearest:
        over = [other.name for other in nearest if other is node or _is_behind(other, node, plan, graph)]
        if not any(_is_about_others(item, node, nearest, plan, graph) for item in plan.row_filters):
            found.append(_plan(node, over, plan, graph, dialect))
    return tuple(found)


def _is_about_others(item: RowFilter, node: Node, nodes: list[Node], plan: Plan, graph: JoinGraph) -> bool:
    """Return whether a filter chooses values of other dimensions, which the rows of this one do not have."""
    roots = [fact.root for fact in plan.facts]
    others = [other for other in nodes if other is not node and other not in roots]
    return not _holds_for(item, node, plan, graph) and any(_holds_for(item, of, plan, graph) for of in others)


def _is_behind(node: Node, before: Node, plan: Plan, graph: JoinGraph) -> bool:
    """Return whether each row of a source has one row of another one, which the facts reach over it."""
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
    """Return whether a filter is about the rows of a source: it reads them, or what each of them has one of."""
    return all(_is_behind(graph.catalog.node(name), node, plan, graph) for name in item.nodes)
