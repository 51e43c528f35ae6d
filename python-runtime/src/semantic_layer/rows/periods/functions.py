"""The function `in_period(time, 'last 30 days')` of filters."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Catalog
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.periods.conditions import write_period
from semantic_layer.rows.periods.texts import Period
from semantic_layer.rows.row_nodes import DimensionValue, InPeriod
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import expression_error

NAME = "in_period"
_ARGUMENTS = 2
_SHORT_GRANULARITIES = (None, "second", "minute", "hour")


def is_in_period(node: exp.Expr) -> bool:
    """Return whether a node calls `in_period`."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == NAME


def read_period(call: exp.Expr, clock: Clock, text: str) -> tuple[exp.Expr, str, Period]:
    """Return the time, the text and the bounds of a call. Raises SemanticError."""
    arguments = call.expressions
    if len(arguments) != _ARGUMENTS or not isinstance(arguments[1], exp.Literal) or not arguments[1].is_string:
        raise expression_error(text, "needs a time and a period, as in in_period(orders.placed, 'last 30 days')")
    return arguments[0], arguments[1].name, clock.period(arguments[1].name)


def write_condition(time: exp.Expr, period: Period, clock: Clock, catalog: Catalog, dialect: SqlDialect) -> exp.Expr:
    """Return the condition that a resolved time is in a period. Raises SemanticError for what is not a time."""
    time = time.unnest()
    if isinstance(time, DimensionValue) and time.args.get("unit"):
        return _write_dimension(time, period)
    if not isinstance(time, exp.Column):
        message = f"{NAME} is about a column of type time, `metric_time` or a dimension with a granularity"
        raise SemanticError(Problem.WRONG_TYPE, f"{message}, and not about {dialect.write(time, pretty=False)}")
    if not time.table:
        return InPeriod(this=time, period=period, clock=clock)
    return _write_column(time, period, clock, catalog, dialect)


def fill_periods(condition: exp.Expr, catalog: Catalog, dialect: SqlDialect) -> exp.Expr:
    """Write the conditions over `metric_time`, after a fact has replaced it by its own time.

    A time that is not a column is a local time of the query.
    """
    if condition.find(InPeriod) is None:
        return condition

    def fill(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, InPeriod):
            return node
        time, period, clock = node.this, node.args["period"], node.args["clock"]
        if isinstance(time, exp.Column) and time.table:
            return _write_column(time, period, clock, catalog, dialect)
        return write_period(time, None, period, clock, dialect)

    return condition.transform(fill)


def _write_dimension(value: exp.Expr, period: Period) -> exp.Expr:
    """Compare a truncated time, which is a local time of the query; its literals are written with the filter."""
    bounds = [(exp.GTE, period.start), (exp.LT, period.end)]
    conditions = [
        kind(this=value.copy(), expression=exp.Literal.string(bound.isoformat(" ", "seconds")))
        for kind, bound in bounds
        if bound is not None
    ]
    return exp.paren(exp.and_(*conditions), copy=False)


def _write_column(time: exp.Expr, period: Period, clock: Clock, catalog: Catalog, dialect: SqlDialect) -> exp.Expr:
    name, column = f"{time.text('table')}.{time.name}", catalog.node(time.text("table")).column(time.name)
    if column.type != "time":
        raise SemanticError(Problem.WRONG_TYPE, f"{name} is of type {column.type}; only a time can be {NAME}")
    if not period.is_of_days and column.granularity not in _SHORT_GRANULARITIES:
        message = (
            f"The times of {name} are {column.granularity}s, so that they cannot be in a period of hours or minutes"
        )
        raise SemanticError(Problem.INVALID_QUERY, message)
    return write_period(time, column, period, clock, dialect)
