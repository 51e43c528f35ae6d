"""Expressions of a query over the values of rows: filters, and dimensions that are expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.joins.graph import JoinGraph
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.models import Paths
from semantic_layer.model.references import METRIC_TIME, marker, model_column
from semantic_layer.model.types import require_condition
from semantic_layer.planning.existence import Existence, RowExists, entity_exists
from semantic_layer.rows.row_functions import RowFunctions
from semantic_layer.rows.row_lookups import grain_of
from semantic_layer.rows.row_nodes import DimensionValue
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import expression_error, is_not_null, name_parts, parenthesize


@dataclass
class RowExpressions:
    """Resolves names and functions; `dimensions` are the values of the dimensions by the name of their column.

    Filters have `functions` with a clock; `paths` are those of the query.
    """

    graph: JoinGraph
    functions: RowFunctions
    dimensions: Mapping[str, exp.Expr] = field(default_factory=dict)
    paths: Paths = field(default_factory=dict)

    @property
    def catalog(self) -> Catalog:
        """The model."""
        return self.graph.catalog

    @property
    def dialect(self) -> SqlDialect:
        """The dialect of the expressions."""
        return self.functions.dialect

    def resolve(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Return an expression over columns of the model. Raises SemanticError."""

        def visit(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return parenthesize(self._column(node, text), node)
            if isinstance(node, exp.Exists):
                return self._exists(node, text)
            return self.functions.write(node, lambda part: self.resolve(part, text), text) or node

        return tree.transform(visit)

    def _column(self, column: exp.Column, text: str) -> exp.Expr:
        qualifier, name = name_parts(column, text)
        if qualifier is not None:
            node = self.catalog.node(qualifier)
            return model_column(node.name, node.public_column(name).name)
        if name in self.dimensions:
            return self.dimensions[name].copy()
        if name == METRIC_TIME:
            return marker(METRIC_TIME)
        raise self.catalog.unqualified_name_error(name)

    def _exists(self, call: exp.Expr, text: str) -> exp.Expr:
        """Return whether rows exist for the row of a fact, or for the entity that the first of two arguments names."""
        if self.functions.clock is None:
            raise expression_error(text, "asks for the existence of rows; exists(…) is for filters")
        condition = self._any_row(call) or self.resolve(call.args.get("expression") or call.this, text)
        if condition.find(DimensionValue) or any(not column.table for column in condition.find_all(exp.Column)):
            message = "asks in exists(…) for metric_time or a dimension of the query; name a column of a source"
            raise expression_error(text, message)
        require_condition(condition, self.catalog, text)
        existence = Existence(condition, self.functions.clock, self.paths)
        if call.args.get("expression") is None:
            return RowExists(existence=existence)
        if not isinstance(call.this, exp.Column) or call.this.table:
            raise expression_error(text, "needs the name of a source first, as in exists(customers, orders.amount > 9)")
        return entity_exists(self.catalog.node(call.this.name), existence, self.graph, self.dialect)

    def _any_row(self, call: exp.Expr) -> exp.Expr | None:
        """Return the condition of `exists(orders)`, which every row of the source has, or None for another call."""
        last = call.args.get("expression") or call.this
        node = self.catalog.find(last.name) if isinstance(last, exp.Column) and not last.table else None
        if node is None:
            return None
        key = model_column(node.name, grain_of(node, "exists")[0])
        return is_not_null(key)
