"""Planning of queries: the selected fields, the facts, and the calculations over their aggregates."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError, format_suggestion
from semantic_layer.joins.default_paths import check_paths, resolve_default
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.measures.measures import Measures, Scope
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Model, Paths, Source
from semantic_layer.model.queries import ComposedMeasure, Direction, OrderBy, Query, Top
from semantic_layer.planning.dimensions import resolve_dimension
from semantic_layer.planning.fact_planner import FactPlanner
from semantic_layer.planning.filters import GroupFilter, RowFilter, read_filter
from semantic_layer.planning.members import plan_members
from semantic_layer.planning.paging import require_count, require_offset
from semantic_layer.planning.plan import AnyFact, Order, Plan, TopGroups
from semantic_layer.planning.related_facts import require_shared_sources
from semantic_layer.planning.row_expressions import RowExpressions
from semantic_layer.planning.selection import Selection, read_selection
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.local_time import localize
from semantic_layer.rows.parameters import Parameters
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name


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
        require_count("limit", query.limit, "or null for all rows")
        require_offset(query)
        check_paths(self.graph, query.paths)
        clock = Clock.of(query, self.catalog.model.calendar)
        measures = self._measures(query, clock)
        selection = read_selection(query, self.catalog, measures)
        local = tuple(self._localized(item, query.time_zone) for item in selection.dimensions)
        selection = replace(selection, dimensions=local)
        resolver = RowExpressions(self.graph, measures.functions, selection.values, query.paths)
        rows, groups = self._filters(query, measures, selection, resolver)
        measures.parameters.require_all_used()
        order = tuple(self._order(item, selection, measures) for item in query.order_by)
        planner = FactPlanner(
            measures, selection.dimensions, tuple(rows), query.fill_gaps, query.time_zone, query.paths
        )
        planner.omits_empty = query.include_empty is False
        for tree in [output.tree for output in selection.outputs] + [item.condition for item in groups]:
            planner.collect(tree)
        for item in order:
            if isinstance(item.by, exp.Expr):
                planner.collect(item.by)
        planner.name_time_axis()
        selection = replace(selection, dimensions=planner.dimensions)
        facts = self._facts(planner, selection)
        if not planner.rows.reads_time:
            require_shared_sources(facts, self.graph)
        plan = Plan(
            facts=tuple(facts),
            dimensions=selection.dimensions,
            outputs=selection.outputs,
            clock=clock,
            row_filters=tuple(rows),
            group_filters=tuple(groups),
            order=order,
            limit=query.limit,
            include_empty=query.include_empty is not False,
            levels=planner.levels,
            calculations=tuple(planner.calculations),
            axis=planner.axis(facts),
            fill_gaps=query.fill_gaps,
            periods=tuple(dict.fromkeys(measures.functions.periods)),
            offset=query.offset or None,
            top=_top(query.top, selection) if query.top is not None else None,
        )
        return replace(plan, members=plan_members(plan, query.include_empty, self.graph, self.dialect))

    def _measures(self, query: Query, clock: Clock) -> Measures:
        composed = {item.name: item.expr for item in query.measures if isinstance(item, ComposedMeasure)}
        for name in composed:
            if name in self.catalog.metrics:
                message = f"'{name}' is a metric of the model; give the measure of the query another name"
                raise SemanticError(Problem.INVALID_QUERY, message)
        measures = Measures(self.catalog, self.graph, self.dialect, Parameters(query.parameters, self.dialect), clock)
        dimensions = tuple(resolve_dimension(item, measures) for item in query.dimensions)
        measures.scope = Scope(
            composed, dimensions, lambda text: self._localized(resolve_dimension(text, measures), query.time_zone)
        )
        return measures

    def _localized(self, item: Dimension, zone: str | None) -> Dimension:
        """Return a dimension whose periods are those of a time zone. Raises SemanticError."""
        if zone is None or item.granularity is None:
            return item
        local = {column: self._local(column, zone) for column in item.tree.find_all(exp.Column) if column.table}
        if isinstance(item.tree, exp.Column) and item.tree in local:
            return replace(item, tree=local[item.tree])
        changed = next((column for column, time in local.items() if time is not column), None)
        if changed is not None:
            message = f"The dimension '{item.name}' is an expression over {changed.table}.{changed.name}, whose times"
            advice = f"cannot be converted to {zone} within it; make it a column of the source with a `time_zone`"
            raise SemanticError(Problem.INVALID_QUERY, f"{message} {advice}")
        return item

    def _local(self, time: exp.Column, zone: str) -> exp.Expr:
        """Return a column in a time zone, itself if it is no time or has no zone."""
        column = self.catalog.node(time.table).column(time.name)
        if column.type != "time":
            return time
        return localize(time, f"{time.table}.{time.name}", column, zone, self.dialect)

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
        node = self.catalog.find(source)
        if node and name in node.fields.measures:
            return Order(measures.resolve_declared(node, name), ref.direction, field)
        if field in self.catalog.metrics:
            return Order(measures.resolve_metric(field), ref.direction, field)
        selectable = [item.field for item in selection.dimensions] + [item.text for item in selection.outputs]
        message = f"'{field}' cannot be ordered by, because it is not selected{format_suggestion(field, selectable)}"
        raise SemanticError(Problem.INVALID_QUERY, message)

    def _facts(self, planner: FactPlanner, selection: Selection) -> list[AnyFact]:
        """Return the facts of the query.

        Without a selected measure the query lists members of dimensions: the source that combines them is a fact too,
        so that conditions on measures also apply to members without facts.
        """
        dimensions = selection.dimensions
        facts = planner.facts()
        if selection.outputs:
            return facts
        try:
            root = self._find_root(dimensions, planner.paths)
        except SemanticError:
            if not facts:
                raise
            return facts  # measures in filters combine the dimensions
        roots = {fact.root.name for fact in planner.plain(facts)}
        return facts if root.name in roots else [planner.rows.row_fact(root, (), dimensions), *facts]

    def _find_root(self, dimensions: tuple[Dimension, ...], paths: Paths) -> Node:
        """Return the source whose rows combine the dimensions of a query without measures. Raises SemanticError."""
        names = dict.fromkeys(name for dimension in dimensions for name in dimension.nodes)
        nodes = [resolve_default(self.catalog, None, self.catalog.node(name), paths) for name in names]
        if not nodes or any(dimension.is_metric_time for dimension in dimensions):
            message = "metric_time is the time of measures; add a measure, or name the time column of a source"
            raise SemanticError(Problem.INVALID_QUERY, message)
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


def _top(top: Top, selection: Selection) -> TopGroups:
    """Resolve the names of `top`. Raises SemanticError."""
    require_count("limit of top", top.limit, "the number of groups")
    by = [output.name for output in selection.outputs if top.by in (output.name, output.text)]
    if not by:
        outputs = [output.text for output in selection.outputs]
        message = f"The groups cannot be limited by '{top.by}', which is no selected measure"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}{format_suggestion(top.by, outputs)}")
    per = []
    for text in top.per:
        matches = [item.name for item in selection.dimensions if text in (item.name, item.field)]
        if len(matches) != 1:
            message = f"'{text}' in `per` of top is no single dimension of the query"
            known = [item.name for item in selection.dimensions]
            raise SemanticError(Problem.INVALID_QUERY, f"{message}{format_suggestion(text, known)}")
        per += matches
    if set(per) >= {item.name for item in selection.dimensions}:
        message = "top needs a dimension besides those of `per`, whose members it limits"
        raise SemanticError(Problem.INVALID_QUERY, message)
    used = {
        name.lower() for name in (*(item.name for item in selection.dimensions), *(o.name for o in selection.outputs))
    }
    others = unique_name("others", used) if top.others else None
    return TopGroups(by[0], top.limit, top.direction, tuple(per), others)


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
