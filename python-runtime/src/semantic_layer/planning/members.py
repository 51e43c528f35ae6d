"""Plans for the members of dimensions without facts, which `include_empty: true` requests.

Dimensions are combined if every fact reaches one of their sources through another one (regions through customers): then
the combinations in the rows of that source are listed. Other members (a region without customers, a store next to
customers) are listed with NULL for the other dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.edges import Cardinality, Path
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.joins import JoinTree
from semantic_layer.model.catalog import Node
from semantic_layer.planning.existence import reads_one_row
from semantic_layer.planning.filters import RowFilter
from semantic_layer.planning.plan import Fact, Plan, rows_of
from semantic_layer.rows.row_nodes import named_dimensions
from semantic_layer.sql.dialects import SqlDialect


def plan_members(plan: Plan, include_empty: bool | None, graph: JoinGraph, dialect: SqlDialect) -> tuple[Plan, ...]:
    """Return a plan without measures for the source of each dimension, nearest to the facts first, if requested.

    Raises SemanticError if the groups that not every fact has are omitted, and needed as periods.
    """
    if include_empty is False:
        _reject_omitted_periods(plan)
    is_listed = include_empty is True and plan.outputs and plan.dimensions
    return _MemberPlanner(plan, graph, dialect).plans() if is_listed else ()


def _reject_omitted_periods(plan: Plan) -> None:
    if plan.fill_gaps:
        message = "fill_gaps lists the periods without rows, which include_empty: false omits; leave one of them out"
        raise SemanticError(Problem.INVALID_QUERY, message)
    is_averaged = any(item.kind == "moving_average" for item in plan.calculations)
    if is_averaged and sum(fact.level == 0 for fact in plan.facts) > 1:
        message = "include_empty: false omits the periods that not every measure has, over which moving_average leads"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; leave it out, or ask for one measure at a time")


@dataclass(frozen=True)
class _MemberPlanner:
    plan: Plan
    graph: JoinGraph
    dialect: SqlDialect

    @cached_property
    def _facts(self) -> list[Fact]:
        return rows_of(self.plan.facts)

    @cached_property
    def _nodes(self) -> list[Node]:
        """The nodes of the dimensions, nearest to the facts first."""
        names = {name: None for item in self.plan.dimensions for name in item.nodes}
        nodes = (self.graph.catalog.node(name) for name in names)
        return sorted(nodes, key=lambda node: len(self._facts[0].tree.find_path(node) or ()))

    def plans(self) -> tuple[Plan, ...]:
        found = []
        for node in self._nodes:
            if not any(self._applies_to_other_dimensions(item, node) for item in self.plan.row_filters):
                members = self._plan_source(node)
                found += [members] if members.dimensions else []
        return tuple(found)

    def _applies_to_other_dimensions(self, item: RowFilter, node: Node) -> bool:
        """Return whether a filter applies to other dimensions only, whose values this source does not have."""
        roots = [fact.root for fact in self._facts]
        others = [other for other in self._nodes if other is not node and other not in roots]
        return not self._applies_to(item, node) and any(self._applies_to(item, other) for other in others)

    def _applies_to(self, item: RowFilter, node: Node) -> bool:
        """Return whether a filter reads only a source and sources with one row per row of it, not `metric_time`."""
        nodes = (self.graph.catalog.node(name) for name in item.nodes)
        if item.is_metric_time or any(self._path_through(node, other) is None for other in nodes):
            return False
        return all(reads_one_row(item.condition, fact.root, self.graph) for fact in self._facts)

    def _path_through(self, intermediate: Node, node: Node) -> Path | None:
        """Return the joins to one row that lead every fact on from `intermediate` to `node`.

        A fact may reach a role of `intermediate`: the rows of its source have the same joins.
        """
        paths = [self._rest_of_path(fact, intermediate, node) for fact in self._facts]
        first = paths[0]
        if first is None or any(edge.cardinality is Cardinality.TO_MANY for edge in first):
            return None
        return first if all(path is not None and self._are_same(first, path) for path in paths) else None

    @staticmethod
    def _rest_of_path(fact: Fact, intermediate: Node, node: Node) -> Path | None:
        """Return the joins after `intermediate` on the path of a fact; None if the path does not lead over it."""
        before, path = fact.tree.find_path(intermediate), fact.tree.find_path(node)
        if before is None or path is None or path[: len(before)] != before:
            return None
        return path[len(before) :]

    def _are_same(self, path: Path, other: Path) -> bool:
        return len(path) == len(other) and all(
            one.end is two.end and (one.join is two.join or self.graph.is_same_join(one, two))
            for one, two in zip(path, other, strict=True)
        )

    def _plan_source(self, node: Node) -> Plan:
        plan = self.plan
        covered = {name for name in (other.name for other in self._nodes) if self._covers(node, name)}
        dimensions = tuple(
            item
            for item in plan.dimensions
            if item.nodes and not item.is_metric_time and all(name in covered for name in item.nodes)
        )
        filters = tuple(item for item in plan.row_filters if self._applies_to(item, node))
        tree = JoinTree(node, self.graph, self.dialect, self._facts[0].tree.paths)
        read = [item.nodes for item in dimensions] + [item.nodes for item in filters]
        for name in {name: None for nodes in read for name in nodes}:
            other = self.graph.catalog.node(name)
            tree.follow(other, self._path_through(node, other) or (), is_required=False)
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

    def _covers(self, node: Node, name: str) -> bool:
        return self._path_through(node, self.graph.catalog.node(name)) is not None
