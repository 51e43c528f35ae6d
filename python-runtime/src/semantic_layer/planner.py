"""Planning of queries: the facts, their join trees, and the calculations over their aggregates."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import nodes_of
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError, format_suggestion
from semantic_layer.existence import nodes_of_rows, require_existences
from semantic_layer.filters import GroupFilter, RowFilter, read_filter
from semantic_layer.graph import JoinGraph
from semantic_layer.joins import JoinTree
from semantic_layer.measures import Aggregate, Measures
from semantic_layer.members import plan_members
from semantic_layer.models import Model, Source
from semantic_layer.paging import require_page
from semantic_layer.parameters import Parameters
from semantic_layer.periods.clock import Clock
from semantic_layer.plan import Dimension, Fact, Order, Plan
from semantic_layer.queries import Direction, OrderBy, Query
from semantic_layer.row_expressions import RowExpressions
from semantic_layer.selection import Selection, read_selection


class Planner:
    """Plans queries over one model."""

    def __init__(self, sources: list[Source], dialect: SqlDialect, model: Model | None = None) -> None:
        self.catalog = Catalog(sources, model)
        self.graph = JoinGraph(self.catalog, dialect)
        self.dialect = dialect

    def plan(self, query: Query) -> Plan:
        """Plan a query. Raises SemanticError, with advice, for a query that cannot be answered."""
        if not query.measures and not query.dimensions:
            raise SemanticError(Problem.INVALID_QUERY, "Select at least one measure or one dimension")
        require_page(query)
        parameters = Parameters(query.parameters, self.dialect)
        measures = Measures(self.catalog, self.graph, self.dialect, parameters)
        selection = read_selection(query, self.catalog, measures)
        clock = Clock.of(query, self.catalog.model.calendar)
        resolver = RowExpressions(self.catalog, self.graph, self.dialect, selection.values, clock)
        rows, groups = self._filters(query, measures, selection, resolver)
        parameters.require_all_used()
        order = tuple(self._order(item, selection, measures) for item in query.order_by)
        trees = [output.tree for output in selection.outputs] + [item.condition for item in groups]
        trees += [item.by for item in order if isinstance(item.by, exp.Expr)]
        plan = Plan(
            facts=tuple(self._facts(trees, measures, selection, rows)),
            dimensions=selection.dimensions,
            outputs=selection.outputs,
            row_filters=tuple(rows),
            group_filters=tuple(groups),
            order=order,
            limit=query.limit,
            include_empty=query.include_empty is not False,
            periods=tuple(resolver.periods),
            offset=query.offset or None,
        )
        has_members = query.include_empty is True and selection.outputs and selection.dimensions
        return replace(plan, members=plan_members(plan, self.graph, self.dialect)) if has_members else plan

    def _filters(
        self, query: Query, measures: Measures, selection: Selection, resolver: RowExpressions
    ) -> tuple[list[RowFilter], list[GroupFilter]]:
        rows: list[RowFilter] = []
        groups: list[GroupFilter] = []
        selected = {output.name: output.tree for output in selection.outputs}
        for text in query.filters:
            more_rows, more_groups = read_filter(text, measures, selected, resolver)
            rows += more_rows
            groups += more_groups
        for text in query.segments:
            node, name = self.catalog.split(text)
            rows.append(RowFilter(text, measures.resolve_segment(node, name)))
        return rows, groups

    def _order(self, item: str | OrderBy, selection: Selection, measures: Measures) -> Order:
        ref = _parse_order(item) if isinstance(item, str) else item
        field = ref.field.strip()
        for output in selection.outputs:
            if field in (output.name, output.text):
                return Order(output.name, ref.direction, field)
        matches = [dimension for dimension in selection.dimensions if field in (dimension.name, dimension.field)]
        exact = [dimension for dimension in matches if field == dimension.name]
        if len(exact or matches) == 1:
            return Order((exact or matches)[0].name, ref.direction, field)
        if matches:
            names = " or ".join(f"'{dimension.name}'" for dimension in matches)
            raise SemanticError(Problem.INVALID_QUERY, f"'{field}' is selected more than once; order by {names}")
        source, _, name = field.rpartition(".")
        node = self.catalog.nodes.get(source)
        if node and name in node.fields.measures:
            return Order(measures.resolve_declared(node, name), ref.direction, field)
        selectable = [item.field for item in selection.dimensions] + [item.text for item in selection.outputs]
        message = f"'{field}' cannot be ordered by, because it is not selected{format_suggestion(field, selectable)}"
        raise SemanticError(Problem.INVALID_QUERY, message)

    def _facts(
        self, trees: list[exp.Expr], measures: Measures, selection: Selection, rows: list[RowFilter]
    ) -> list[Fact]:
        """Return one fact for all aggregates over the same source.

        Without a selected measure the query lists members of dimensions: the source that combines them is a fact too,
        so that conditions on measures also apply to members without facts.
        """
        dimensions = selection.dimensions
        by_key = {aggregate.key: aggregate for aggregate in measures.aggregates.values()}
        used = dict.fromkeys(node.name for tree in trees for node in tree.find_all(exp.Placeholder))
        by_root: dict[str, list[Aggregate]] = {}
        for key in used:
            by_root.setdefault(by_key[key].root.name, []).append(by_key[key])
        facts = [self._fact(aggregates[0].root, aggregates, dimensions, rows) for aggregates in by_root.values()]
        if selection.outputs:
            return facts
        try:
            root = self._find_root(dimensions)
        except SemanticError:
            if not facts:
                raise
            return facts  # measures in filters combine the dimensions
        return facts if root.name in by_root else [self._fact(root, [], dimensions, rows), *facts]

    def _fact(
        self, root: Node, aggregates: list[Aggregate], dimensions: tuple[Dimension, ...], rows: list[RowFilter]
    ) -> Fact:
        tree = JoinTree(root, self.graph, self.dialect)
        for dimension in dimensions:
            for name, column in dimension.nodes.items():
                tree.reach(self.catalog.node(name), column, is_required=True)
        for item in rows:
            self._reach_filter(tree, item)
        for aggregate in aggregates:
            for name, column in nodes_of(aggregate.tree).items():
                tree.reach(self.catalog.node(name), column, is_required=False, requires_single_row=True)
        if tree.has_fan_out and aggregates and not root.source.grain:
            reads = ", ".join(instance.node.name for instance in tree.instances[1:])
            message = f"{root.name} is joined with many rows of {reads} but declares no grain"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; without one its rows would be double counted")
        return Fact(tree, tuple(aggregates))

    def _reach_filter(self, tree: JoinTree, item: RowFilter) -> None:
        try:
            require_existences(item.condition, tree.root, self.graph, self.dialect)
            for name, column in nodes_of_rows(item.condition, tree.root, self.graph).items():
                tree.reach(self.catalog.node(name), column, is_required=True)
        except SemanticError as error:
            message = f"The filter '{item.text}' cannot be applied to {tree.root.name}: {error}"
            raise SemanticError(error.problem, message) from None

    def _find_root(self, dimensions: tuple[Dimension, ...]) -> Node:
        """Return the source whose rows combine the dimensions of a query without measures. Raises SemanticError."""
        names = dict.fromkeys(name for dimension in dimensions for name in dimension.nodes)
        nodes = [self.catalog.node(name) for name in names]
        for node in nodes:
            if all(self.graph.has_at_most_one(node, other) for other in nodes) and (
                len(nodes) == 1 or not node.is_role
            ):
                return node
        distances_by_node = [self.graph.sources_without_fan_out(node) for node in nodes]
        # Roles combine the same dimensions as their sources.
        common = set(self.catalog.sources).intersection(*distances_by_node)
        if not common:
            raise SemanticError(
                Problem.NO_JOIN_PATH,
                f"No source combines {', '.join(node.name for node in nodes)}; add a measure of the source that should",
            )
        lengths = {name: sum(distances[name] for distances in distances_by_node) for name in common}
        nearest = [name for name in self.catalog.nodes if lengths.get(name) == min(lengths.values())]
        if len(nearest) > 1:
            message = f"Several sources combine {', '.join(node.name for node in nodes)}: {', '.join(nearest)}"
            raise SemanticError(Problem.AMBIGUOUS_JOIN_PATH, f"{message}; add a measure of the one that should")
        return self.catalog.node(nearest[0])


def _parse_order(text: str) -> OrderBy:
    """Parse `field`, `field:asc` or `field:desc`. Raises SemanticError."""
    field, colon, word = text.rpartition(":")
    if not colon:
        return OrderBy(text)
    directions: dict[str, Direction] = {"asc": "asc", "desc": "desc"}
    direction = directions.get(word.strip().lower())
    if direction is None:
        message = f"'{text}' orders in the direction '{word.strip()}'; write {field}:asc or {field}:desc"
        raise SemanticError(Problem.INVALID_QUERY, message)
    return OrderBy(field, direction)
