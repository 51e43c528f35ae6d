"""Expressions of a query over the values of rows: filters, and dimensions that are expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.bins import is_bin, write_bin
from semantic_layer.catalog import Catalog
from semantic_layer.conditions import model_column
from semantic_layer.dialects import SqlDialect
from semantic_layer.expressions import name_parts, parenthesize
from semantic_layer.graph import JoinGraph


@dataclass
class RowExpressions:
    """Resolves names and functions; `dimensions` are the values of the dimensions by the name of their column."""

    catalog: Catalog
    graph: JoinGraph
    dialect: SqlDialect
    dimensions: Mapping[str, exp.Expr] = field(default_factory=dict)

    def resolve(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Return an expression over columns of the model. Raises SemanticError."""

        def visit(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return parenthesize(self._column(node, text), node)
            return self._function(node, text) or node

        return tree.transform(visit)

    def _column(self, column: exp.Column, text: str) -> exp.Expr:
        qualifier, name = name_parts(column, text)
        if qualifier is not None:
            node = self.catalog.node(qualifier)
            return model_column(node.name, node.public_column(name).name)
        if name in self.dimensions:
            return self.dimensions[name].copy()
        raise self.catalog.unqualified_name_error(name)

    def _function(self, node: exp.Expr, text: str) -> exp.Expr | None:
        """Return the expression for a call of a function of the semantic layer, or None."""
        if is_bin(node):
            value, width = node.expressions
            return write_bin(self.resolve(value, text), width, text)
        return None
