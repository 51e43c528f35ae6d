"""Validation of a model: errors, which prevent queries, and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import msgspec

from semantic_layer.checks import drift
from semantic_layer.checks.findings import Findings
from semantic_layer.checks.measured import contradictions, proves_unique
from semantic_layer.checks.plain_measures import Kind, plain_kind
from semantic_layer.errors import Problem, SemanticError, unknown_name_error
from semantic_layer.joins.ambiguities import ambiguous_names
from semantic_layer.joins.bridges import check_bridge
from semantic_layer.joins.default_paths import check_paths, default_paths
from semantic_layer.joins.edges import Edge
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.join_conditions import parse_join_condition
from semantic_layer.joins.joins import JoinTree, reject_parallel_joins
from semantic_layer.joins.uniqueness import check_uniqueness, single_row_ends
from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.measures.measures import Measures, Scope
from semantic_layer.model.answers import Validation
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Join, Model, Source
from semantic_layer.model.queries import Query
from semantic_layer.model.references import nodes_of
from semantic_layer.model.tables import Table
from semantic_layer.planning.dimensions import resolve_dimension
from semantic_layer.planning.measure_columns import MeasureColumns
from semantic_layer.planning.related_facts import require_relation
from semantic_layer.rows.calendar_source import read_calendar
from semantic_layer.rows.parameters import Parameters
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.physical import expand_column, source_relation
from semantic_layer.sql.dialects import SqlDialect


def validate(
    sources: list[Source],
    dialect: str,
    recently_touched: list[str] | None = None,
    tables: list[Table] | None = None,
    model: Model | None = None,
) -> Validation:
    """Validate all sources, and compare them with the `tables` of a scan, if given.

    Warnings are limited to the recently touched sources, if given. Errors are listed for all sources, because a change
    of one source can break others. Raises SemanticError for an unsupported dialect only.
    """
    target = SqlDialect(dialect)
    findings = Findings()
    consistent = _select_consistent(sources, findings)
    catalog = Catalog(consistent, model)
    graph = JoinGraph(catalog, target)
    scan = drift.Scan(tables, target) if tables is not None else None
    valid_kinds: set[Kind] = set()
    for source in consistent:
        node = catalog.sources[source.name]
        _SourceCheck(node, catalog, graph, _measures(graph, target), target, findings, scan, valid_kinds).run()
    names = catalog.sources if recently_touched is None else recently_touched
    for node, message in ambiguous_names(graph, names):
        findings.warn(node.source, message)
    _check_metrics(graph, target, findings)
    if catalog.model.calendar.table is not None:
        findings.attempt("calendar", read_calendar, catalog, target)
    if scan is not None:
        for node, difference in drift.differences(catalog.sources.values(), scan):
            findings.add_difference(node.source, difference)
        for node in catalog.sources.values():
            for message in contradictions(node, graph, scan, target):
                findings.warn(node.source, message)
    listed = [name for name in findings.warnings if recently_touched is None or name in recently_touched]
    warnings = [f"{name}: {message}" for name in listed for message in findings.warnings[name]]
    return Validation(not findings.errors, list(findings.errors), warnings, findings.warnings)


def _measures(graph: JoinGraph, dialect: SqlDialect) -> Measures:
    clock = Clock.of(Query(), graph.catalog.model.calendar)
    measures = Measures(graph.catalog, graph, dialect, Parameters({}, dialect), clock)
    measures.scope = Scope(read_dimension=partial(resolve_dimension, measures=measures))
    return measures


def _check_metrics(graph: JoinGraph, dialect: SqlDialect, findings: Findings) -> None:
    """Record the errors of metrics, such as names that no source has, and facts that no query can relate."""
    for name in graph.catalog.metrics:
        try:
            measures = _measures(graph, dialect)
            measures.resolve_metric(name)
            found = measures.aggregates.values()
            require_relation((item for item in found if isinstance(item, Aggregate)), graph)
        except SemanticError as error:
            where = f"metric '{name}'"
            findings.add(where, str(error).removeprefix(f"{where}: "))


def _select_consistent(sources: list[Source], findings: Findings) -> list[Source]:
    """Record duplicate and invalid names, and return the sources without them, so that the rest can be checked."""
    names = Counter(source.name for source in sources)
    for name, count in names.items():
        if count > 1:
            findings.add(name, f"There are {count} sources with this name")
        if not name.strip() or "." in name:
            findings.add(name or "(a source without a name)", "The name of a source cannot be empty or hold a dot")
    roles: dict[str, str] = {}
    consistent: dict[str, Source] = {}
    for source in sources:
        joins = [join for join in source.joins if _check_join(source, join, names, roles, findings)]
        consistent.setdefault(source.name, msgspec.structs.replace(source, joins=joins))
    return list(consistent.values())


def _check_join(source: Source, join: Join, names: Counter[str], roles: dict[str, str], findings: Findings) -> bool:
    where = f"{source.name}, join to '{join.to}'"
    if join.to not in names:
        findings.add(where, str(unknown_name_error("source", join.to, names)))
        return False
    if join.alias is None:
        if join.to == source.name:
            findings.add(where, "A join of a source with itself needs an alias, which names the role")
        return join.to != source.name
    if join.alias in names:
        findings.add(where, f"The alias '{join.alias}' is the name of a source; choose another one")
        return False
    if roles.setdefault(join.alias, join.to) != join.to:
        findings.add(where, f"The alias '{join.alias}' already stands for {roles[join.alias]}; choose another one")
        return False
    return True


@dataclass
class _SourceCheck:
    """The checks of one source; `valid_kinds` are kinds of plain measures of which one was found valid."""

    node: Node
    catalog: Catalog
    graph: JoinGraph
    measures: Measures
    dialect: SqlDialect
    findings: Findings
    scan: drift.Scan | None
    valid_kinds: set[Kind]

    def run(self) -> None:
        source = self.node.source
        self.findings.attempt(source.name, source_relation, source, source.name, self.dialect)
        self._check_names()
        self._check_grain()
        self.findings.attempt(f"{source.name}, paths", check_paths, self.graph, source.paths, self.node)
        self.findings.attempt(source.name, check_bridge, self.node, self.graph, self.dialect)
        for name, column in self.node.fields.columns.items():
            if column.expr is not None or column.measure is not None:  # others are columns of the table
                self._attempt("column", name, self._check_column, name)
        for segment in self.node.fields.segments:
            self._attempt("segment", segment, self.measures.resolve_segment, self.node, segment)
        for measure in self.node.fields.measures:
            self._attempt("measure", measure, self._check_measure, measure)
        for edge in self.graph.declared_edges(self.node):
            self._attempt("join to", edge.join.alias or edge.join.to, self._check_join_condition, edge)

    def _attempt(self, kind: str, name: str, check: Callable[..., object], *arguments: object) -> None:
        self.findings.attempt(f"{self.node.name}, {kind} '{name}'", check, *arguments)

    def _check_column(self, name: str) -> None:
        column = self.node.column(name)
        if column.measure is None:
            expand_column(self.node, name, self.node.source.name, self.dialect)
        elif column.expr is not None:
            message = "It has an `expr` and a `measure`; remove one of them"
            raise SemanticError(Problem.INVALID_MODEL, message)
        else:
            MeasureColumns(self.graph, self.dialect, self.measures.clock).check(self.node, column)

    def _check_names(self) -> None:
        source = self.node.source
        self._check_unique_names("column", (column.name for column in source.columns))
        self._check_unique_names("measure", (measure.name for measure in source.measures))
        self._check_unique_names("segment", (segment.name for segment in source.segments))
        self._check_unique_names("join to", (join.alias or f"{join.to} {join.on}" for join in source.joins))
        for measure in source.measures:
            if measure.name in self.node.fields.columns:
                name = f"{self.node.name}.{measure.name}"
                self.findings.warn(source, f"{name} is a column and a measure; in a filter it means the column")

    def _check_unique_names(self, kind: str, names: Iterable[str]) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                self.findings.add(f"{self.node.name}, {kind} '{name}'", f"It is declared {count} times")
            if not name.strip() or (kind != "join to" and "." in name):
                self.findings.add(f"{self.node.name}, {kind} '{name}'", "The name cannot be empty or hold a dot")

    def _check_grain(self) -> None:
        source = self.node.source
        if not source.grain:
            message = (
                "It has no grain; name the columns in which its rows are unique, so that joins cannot multiply them"
            )
            self.findings.warn(source, message)
        for name in source.grain:
            if name not in self.node.fields.columns:
                self.findings.attempt(f"{self.node.name}, grain", self.node.column, name)

    def _check_measure(self, name: str) -> None:
        """Resolve a measure, unless an equal kind of measure is valid, and the join paths that its aggregates need."""
        measure = self.node.fields.measures[name]
        kind = plain_kind(measure, self.node, self.dialect)
        if kind is not None and kind in self.valid_kinds:
            return
        check_paths(self.graph, measure.paths, self.node)
        paths = default_paths(self.catalog, self.node, {}, measure.paths)
        known = len(self.measures.aggregates)
        self.measures.resolve_declared(self.node, name)
        for aggregate in list(self.measures.aggregates.values())[known:]:
            if isinstance(aggregate, Aggregate):
                tree = JoinTree(aggregate.root, self.graph, self.dialect, paths)
                for node, column in nodes_of(aggregate.tree).items():
                    tree.reach(self.catalog.node(node), column, is_required=False, requires_single_row=True)
        if kind is not None:
            self.valid_kinds.add(kind)

    def _check_join_condition(self, edge: Edge) -> None:
        condition = parse_join_condition(edge, self.dialect)
        reject_parallel_joins(edge, self.graph, self.dialect)
        for target in single_row_ends(edge):
            message = check_uniqueness(edge, condition, target)
            if message is not None and not (self.scan and proves_unique(condition, target, self.scan)):
                self.findings.warn(self.node.source, message)
