"""Expressions of a query over the values of rows: filters, and dimensions that are expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.answers import PlanPeriod
from semantic_layer.bins import is_bin, write_bin
from semantic_layer.catalog import Catalog
from semantic_layer.conditions import METRIC_TIME, marker, model_column
from semantic_layer.dialects import SqlDialect
from semantic_layer.existence import Existence, RowExists, entity_exists
from semantic_layer.expressions import expression_error, name_parts, parenthesize
from semantic_layer.graph import JoinGraph
from semantic_layer.periods.clock import Clock
from semantic_layer.periods.functions import is_in_period, read_period, write_condition
from semantic_layer.types import require_condition


@dataclass
class RowExpressions:
    """Resolves names and functions; `dimensions` are the values of the dimensions by the name of their column.

    Filters have a `clock`; `periods` are the bounds of the periods that were resolved.
    """

    catalog: Catalog
    graph: JoinGraph
    dialect: SqlDialect
    dimensions: Mapping[str, exp.Expr] = field(default_factory=dict)
    clock: Clock | None = None
    periods: list[PlanPeriod] = field(default_factory=list)

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
        if name == METRIC_TIME:
            return marker(METRIC_TIME)
        raise self.catalog.unqualified_name_error(name)

    def _function(self, node: exp.Expr, text: str) -> exp.Expr | None:
        """Return the expression for a call of a function of the semantic layer, or None."""
        if is_bin(node):
            value, width = node.expressions
            return write_bin(self.resolve(value, text), width, text)
        if is_in_period(node):
            return self._in_period(node, text)
        return self._exists(node, text) if isinstance(node, exp.Exists) else None

    def _exists(self, call: exp.Expr, text: str) -> exp.Expr:
        """Return whether rows exist for the row of a fact, or for the entity that the first of two arguments names."""
        if self.clock is None:
            raise expression_error(text, "asks for the existence of rows; exists(…) is for filters")
        condition = self.resolve(call.args.get("expression") or call.this, text)
        require_condition(condition, self.catalog, text)
        existence = Existence(condition)
        if call.args.get("expression") is None:
            return RowExists(existence=existence)
        if not isinstance(call.this, exp.Column) or call.this.table:
            raise expression_error(text, "needs the name of a source first, as in exists(customers, orders.amount > 9)")
        return entity_exists(self.catalog.node(call.this.name), existence, self.graph, self.dialect)

    def _in_period(self, call: exp.Expr, text: str) -> exp.Expr:
        if self.clock is None:
            raise expression_error(text, "names a period; periods are for filters")
        time, words, period = read_period(call, self.clock, text)
        resolved = self.resolve(time, text)
        condition = write_condition(resolved, period, self.clock, self.catalog, self.dialect)
        start, end = (bound.isoformat() if bound else None for bound in (period.start, period.end))
        field_text = self.dialect.write(time, pretty=False)
        self.periods.append(PlanPeriod(field_text, words, self.clock.zone, start, end))
        return condition
