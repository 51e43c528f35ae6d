"""Comparison of grains and of cardinalities of joins with the facts of profiles."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from semantic_layer.checks.drift import Scan
from semantic_layer.errors import SemanticError
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.join_conditions import parse_join_condition
from semantic_layer.joins.uniqueness import compared_columns, single_row_ends
from semantic_layer.model.catalog import Node
from semantic_layer.sql.dialects import SqlDialect


def contradictions(node: Node, graph: JoinGraph, scan: Scan, dialect: SqlDialect) -> Iterator[str]:
    """Yield warnings about a source whose declarations its data contradict, with the counts.

    Only a single column can be judged: a profile counts the values of columns, not their combinations.
    """
    if len(node.source.grain) == 1 and (counts := _repetition(node, node.source.grain[0], scan)):
        yield f"Its grain is {node.source.grain[0]}, but {counts}"
    for edge in graph.declared_edges(node):
        try:
            condition = parse_join_condition(edge, dialect)
        except SemanticError:
            continue  # another check reports it
        for target in single_row_ends(edge):
            columns = compared_columns(condition, target)
            if len(columns) == 1 and (counts := _repetition(target, next(iter(columns)), scan)):
                yield f"The join '{edge.join.on}' is declared {edge.join.relationship}, but {counts}"


def proves_unique(condition: exp.Expr, target: Node, scan: Scan) -> bool:
    """Return whether the newest profile shows that a column of the target, which a condition compares, is unique."""
    return any(_is_unique(target, name, scan) for name in compared_columns(condition, target))


def _is_unique(node: Node, name: str, scan: Scan) -> bool:
    counts = _counts(node, name, scan)
    return counts is not None and counts[0] == counts[1]


def _repetition(node: Node, name: str, scan: Scan) -> str | None:
    """Return the counts of a column that repeats in the newest profile, as a part of a sentence."""
    counts = _counts(node, name, scan)
    if counts is None or counts[0] >= counts[1]:
        return None
    return f"{node.source.name}.{name} has {counts[0]} distinct values in {counts[1]} rows"


def _counts(node: Node, name: str, scan: Scan) -> tuple[int, int] | None:
    """Return the exact numbers of distinct values and of rows with a value; None if they are not known."""
    found = scan.profiled_column(node, name)
    if found is None:
        return None
    table, column = found
    facts = column.facts
    if facts is None or not facts.distinct_exact or table.rows is None:
        return None
    return facts.distinct, table.rows - facts.nulls
