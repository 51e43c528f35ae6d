"""Functions of the semantic layer in expressions over rows, which no database has: `bin` and `in_period`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.model.answers import PlanPeriod
from semantic_layer.model.catalog import Catalog
from semantic_layer.rows.bins import is_bin, write_bin
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.periods.functions import is_in_period, read_period, write_condition
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import expression_error

Resolve = Callable[[exp.Expr], exp.Expr]
"""Resolves the names and functions in an argument."""


@dataclass
class RowFunctions:
    """Writes calls of these functions; `periods` are the bounds of those read. There are none without a `clock`."""

    catalog: Catalog
    dialect: SqlDialect
    clock: Clock | None = None
    periods: list[PlanPeriod] = field(default_factory=list)

    def write(self, node: exp.Expr, resolve: Resolve, text: str) -> exp.Expr | None:
        """Return the expression for a call, or None for any other node. Raises SemanticError."""
        if is_bin(node):
            value, width = node.expressions
            return write_bin(resolve(value), width, text)
        return self._in_period(node, resolve, text) if is_in_period(node) else None

    def _in_period(self, call: exp.Expr, resolve: Resolve, text: str) -> exp.Expr:
        if self.clock is None:
            raise expression_error(text, "names a period; periods are for filters, segments and measures")
        time, words, period = read_period(call, self.clock, text)
        resolved = resolve(time)
        condition = write_condition(resolved, period, self.clock, self.catalog, self.dialect)
        start, end = (bound.isoformat() if bound else None for bound in (period.start, period.end))
        name = f"{resolved.text('table')}.{resolved.name}" if resolved.text("table") else self.dialect.write(time)
        self.periods.append(PlanPeriod(name, words, self.clock.zone, start, end))
        return condition


def is_row_existence(node: exp.Expr) -> bool:
    """Return whether a node is `exists(condition)`; with a lambda it is a function over arrays of some databases."""
    return isinstance(node, exp.Exists) and not isinstance(node.args.get("expression"), exp.Lambda)


def reject_row_functions(tree: exp.Expr, text: str) -> None:
    """Raise SemanticError for functions of the semantic layer in an expression that cannot have them."""
    for node in tree.find_all(exp.Anonymous, exp.Exists):
        if is_in_period(node) or is_row_existence(node):
            name = "in_period" if is_in_period(node) else "exists"
            raise expression_error(
                text, f"calls {name}(…), which columns and `followed_by` cannot use; write it in a filter or a segment"
            )
