"""Plans for the members of dimensions without facts, which `include_empty: true` requests.

Dimensions are combined if every fact reaches one of their sources through another one (regions through customers): then
the combinations in the rows of that source are listed. Other members (a region without customers, a store next to
customers) are listed with NULL for the other dimensions.
"""

from __future__ import annotations

from semantic_layer.joins.edges import Cardinality, Path
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.joins import JoinTree
from semantic_layer.model.catalog import Node
from semantic_layer.planning.filters import RowFilter
from semantic_layer.planning.plan import Fact, Plan, rows_of
from semantic_layer.rows.row_nodes import named_dimensions
from semantic_layer.sql.dialects import SqlDialect


def plan_members(plan: Plan, graph: JoinGraph, dialect: SqlDialect) -> tuple[Plan, ...]:
    """Return a plan without measures for the source of each dimension, nearest to the facts first."""
    nodes = [graph.catalog.node(name) for name in {name: None for item in plan.dimensions for name in item.nodes}]
    facts = rows_of(plan.facts)
    nearest = sorted(nodes, key=lambda node: len(facts[0].tree.find_path(node) or ()))
    plans = []
    for node in nearest:
        covered = [other.name for other in nearest if other is node or _is_reached_through(other, node, plan, graph)]
        if not any(_applies_to_other_dimensions(item, node, nearest, plan, graph) for item in plan.row_filters):
            members = _plan_source(node, covered, plan, graph, dialect)
            plans += [members] if members.dimensions else []
    return tuple(plans)


def _applies_to_other_dimensions(item: RowFilter, node: Node, nodes: list[Node], plan: Plan, graph: JoinGraph) -> bool:
    """Return whether a filter applies to other dimensions only, whose values this source does not have."""
    roots = [fact.root for fact in rows_of(plan.facts)]
    others = [other for other in nodes if other is not node and other not in roots]
    return not _applies_to(item, node, plan, graph) and any(_applies_to(item, other, plan, graph) for other in others)


def _is_reached_through(node: Node, intermediate: Node, plan: Plan, graph: JoinGraph) -> bool:
    """Return whether every fact reaches `node` through `intermediate`, of which each row has one row of `node`."""
    facts = rows_of(plan.facts)
    rest = graph.find_single_path(facts[0].tree.resolve(intermediate), facts[0].tree.resolve(node))
    if rest is None or any(edge.cardinality is Cardinality.TO_MANY for edge in rest):
        return False
    return all(_concatenate(fact.tree.find_path(intermediate), rest) == fact.tree.find_path(node) for fact in facts)


def _concatenate(first: Path | None, rest: Path) -> Path | None:
    return None if first is None else (*first, *rest)


def _plan_source(node: Node, covered: list[str], plan: Plan, graph: JoinGraph, dialect: SqlDialect) -> Plan:
    dimensions = tuple(
        item
        for item in plan.dimensions
        if item.nodes and not item.is_metric_time and all(name in covered for name in item.nodes)
    )
    filters = tuple(item for item in plan.row_filters if _applies_to(item, node, plan, graph))
    tree = JoinTree(node, graph, dialect, rows_of(plan.facts)[0].tree.paths)
    for dimension in dimensions:
        for name, column in dimension.nodes.items():
            tree.reach(graph.catalog.node(name), column, is_required=False)
    for item in filters:
        for name, column in item.nodes.items():
            tree.reach(graph.catalog.node(name), column, is_required=False)
    mentioned = named_dimensions(item.condition for item in filters)
    named = tuple(item for item in plan.dimensions if item.name in mentioned)
    fact = Fact(tree, (), dimensions, filters, named)
    return Plan(
        facts=(fact,),
        dimensions=dimensions,
        outputs=(),
        clock=plan.clock,
        row_filters=filters,
        include_empty=plan.include_empty,
    )


def _applies_to(item: RowFilter, node: Node, plan: Plan, graph: JoinGraph) -> bool:
    """Return whether a filter reads only a source and sources with one row per row of it, not `metric_time`."""
    return not item.is_metric_time and all(
        _is_reached_through(graph.catalog.node(name), node, plan, graph) for name in item.nodes
    )
