"""Filters of a query: over rows, which apply to every measure, and over measures, which select groups."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.calculations import function_name
from semantic_layer.measures.measures import Measures
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.references import METRIC_TIME, has_marker
from semantic_layer.model.types import cast_time_literals, require_condition
from semantic_layer.planning.existence import all_nodes_of
from semantic_layer.planning.row_expressions import RowExpressions
from semantic_layer.rows.period_literals import write_period_literals
from semantic_layer.sql.expressions import expression_error, is_aggregate, map_columns, name_parts, split_conjunction
from semantic_layer.sql.functions import find_pseudo_aggregate, unknown_aggregate_error


@dataclass(frozen=True)
class RowFilter:
    """A condition over columns of the model; `text` is its text in the query."""

    text: str
    condition: exp.Expr

    @property
    def nodes(self) -> dict[str, str]:
        """The nodes that the condition reads, each with one of the columns."""
        return all_nodes_of(self.condition)

    @property
    def is_metric_time(self) -> bool:
        """Whether it restricts the time of each fact."""
        return has_marker(self.condition, METRIC_TIME)


@dataclass(frozen=True)
class GroupFilter:
    """A condition over measures, with placeholders for their aggregates."""

    text: str
    condition: exp.Expr


def read_filter(
    text: str, measures: Measures, selected: dict[str, exp.Expr], resolver: RowExpressions
) -> tuple[list[RowFilter], list[GroupFilter]]:
    """Parse a filter and split it at its top-level ANDs. Raises SemanticError.

    `selected` are the measures of the query by result name; filters may use these names unqualified, and those of the
    dimensions, which `resolver` knows.
    """
    rows: list[RowFilter] = []
    groups: list[GroupFilter] = []
    tree = measures.parameters.parse(text)
    parts = list(split_conjunction(tree))
    for part in parts:
        label = text if len(parts) == 1 else measures.dialect.write(_with_both_arguments(part), pretty=False)
        if _is_over_measures(part, measures.catalog, selected, text):
            if part.find(exp.Exists):
                raise expression_error(text, "asks for rows with a measure; declare a column with this `measure`")
            groups.append(GroupFilter(label, _group_condition(part, measures, selected, text)))
        else:
            call = find_pseudo_aggregate(part)
            if call is not None:
                raise unknown_aggregate_error(call, text, measures.dialect)
            rows.append(RowFilter(label, _row_condition(part, resolver, text)))
    return rows, groups


def _with_both_arguments(part: exp.Expr) -> exp.Expr:
    """Return a condition in which `exists(entity, condition)` is written with both arguments."""

    def write(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Exists) or node.args.get("expression") is None:
            return node
        return exp.Anonymous(this="exists", expressions=[node.this, node.args["expression"]])

    return part.transform(write)


def _is_over_measures(part: exp.Expr, catalog: Catalog, selected: dict[str, exp.Expr], text: str) -> bool:
    if any(function_name(node) for node in part.walk()):
        return True
    names = [column for column in part.find_all(exp.Column) if not _is_within_aggregate(column)]
    over_measures = [_is_measure(column, catalog, selected, text) for column in names]
    has_aggregate = part.find(exp.AggFunc) is not None
    if (has_aggregate or any(over_measures)) and not all(over_measures):
        message = f"The filter '{text}' mixes columns and measures in one condition; connect them with AND only"
        raise SemanticError(Problem.INVALID_QUERY, message)
    return has_aggregate or any(over_measures)


def _is_within_aggregate(column: exp.Column) -> bool:
    node = column.parent
    while node is not None and not is_aggregate(node):
        node = node.parent
    return node is not None


def _is_measure(column: exp.Column, catalog: Catalog, selected: dict[str, exp.Expr], text: str) -> bool:
    qualifier, name = name_parts(column, text)
    if qualifier is None:
        return name in selected or name in catalog.metrics
    fields = catalog.node(qualifier).fields
    return name in fields.measures and name not in fields.columns


def _group_condition(part: exp.Expr, measures: Measures, selected: dict[str, exp.Expr], text: str) -> exp.Expr:
    def name(column: exp.Column) -> exp.Expr:
        return selected[column.name].copy() if not column.table and column.name in selected else column

    condition = measures.resolve_calculation(map_columns(part, name), text)
    require_condition(condition, measures.catalog, text)
    return condition


def _row_condition(part: exp.Expr, resolver: RowExpressions, text: str) -> exp.Expr:
    condition = write_period_literals(resolver.resolve(part, text), text, resolver.dialect)
    require_condition(condition, resolver.catalog, text)
    return cast_time_literals(condition, resolver.catalog, resolver.dialect)
