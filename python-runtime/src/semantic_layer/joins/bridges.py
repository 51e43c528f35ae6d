"""Bridges: sources whose rows are links, each of one row of two other sources (products, tags, and product_tags).

A fact may enter a bridge after a join to one row, as its rows are made distinct in each group.
"""

from __future__ import annotations

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.edges import Cardinality, Edge
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.join_conditions import parse_join_condition
from semantic_layer.joins.uniqueness import compared_columns
from semantic_layer.model.catalog import Node
from semantic_layer.sql.dialects import SqlDialect

_LINKED_SOURCES = 2


def check_bridge(node: Node, graph: JoinGraph, dialect: SqlDialect) -> None:
    """Raise SemanticError if a source that is declared as a bridge, or with a weight, is none."""
    source = node.source
    if source.bridge:
        _require_grain_of_keys(node, graph, dialect)
    if source.weight is None:
        return
    if not source.bridge:
        raise _invalid(f"{source.name} has a `weight` and is no bridge; declare `bridge: true`, or remove the weight")
    column = node.column(source.weight)
    if column.type != "number":
        raise _invalid(f"The weight {source.name}.{column.name} is of type {column.type}; a share is a number")
    if column.name in source.grain:
        raise _invalid(f"The weight {source.name}.{column.name} is a part of the grain; a share is another column")


def is_bridge(node: Node, graph: JoinGraph, dialect: SqlDialect) -> bool:
    """Return whether a source, declared as a bridge or not, has the joins and the grain of one."""
    try:
        _require_grain_of_keys(node, graph, dialect)
    except SemanticError:
        return False
    return True


def _require_grain_of_keys(node: Node, graph: JoinGraph, dialect: SqlDialect) -> None:
    name, edges = node.source.name, _links(node, graph)
    if len(edges) != _LINKED_SOURCES:
        joined = ", ".join(edge.end.name for edge in edges) or "no source"
        raise _invalid(f"The bridge {name} joins {joined}; it needs exactly two joins to one row, of a source each")
    keys = {column for edge in edges for column in compared_columns(parse_join_condition(edge, dialect), node)}
    if keys != set(node.source.grain):
        grain, compared = (", ".join(sorted(names)) or "no column" for names in (node.source.grain, keys))
        message = f"The grain of the bridge {name} is {grain}, but its joins compare {compared}"
        raise _invalid(f"{message}; the grain of a bridge is the columns of both joins")


def _links(node: Node, graph: JoinGraph) -> list[Edge]:
    """Return the joins of a bridge to one row, also those that the other source declares, one for each source."""
    edges = [
        edge
        for edge in graph.edges_from(node.name)
        if edge.cardinality is Cardinality.TO_ONE and not edge.enters_role_in_reverse
    ]
    return list({edge.end.name: edge for edge in edges}.values())


def _invalid(message: str) -> SemanticError:
    return SemanticError(Problem.INVALID_MODEL, message)
