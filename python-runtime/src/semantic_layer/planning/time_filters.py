"""The filters of a query with calculations over time, by how they restrict `metric_time`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.references import METRIC_TIME, has_marker, is_bare_marker, marker
from semantic_layer.planning.filters import RowFilter
from semantic_layer.rows.row_nodes import DimensionValue, InPeriod
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.durations import Duration


@dataclass(frozen=True)
class TimeFilters:
    """The filters of a query by how they restrict `metric_time`.

    `rows` do not; `lower` and `upper` bound it by the values `low` and `high`; `periods` are conditions over whole
    periods, such as a month.
    """

    rows: tuple[RowFilter, ...]
    lower: tuple[RowFilter, ...]
    upper: tuple[RowFilter, ...]
    periods: tuple[RowFilter, ...]
    low: exp.Expr | None
    high: exp.Expr | None


_LESS = (exp.LT, exp.LTE)
_COMPARISONS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ)
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}


def split_time_filters(filters: Iterable[RowFilter], dialect: SqlDialect) -> TimeFilters:
    """Sort the filters of a query with calculations over time. Raises SemanticError for those that are no range."""
    rows: list[RowFilter] = []
    periods: list[RowFilter] = []
    bounds: list[tuple[RowFilter, exp.Expr]] = []
    for item in filters:
        if not has_marker(item.condition, METRIC_TIME) or _is_not_null(item.condition):
            rows.append(item)
            continue
        found = _read_bounds(item.condition.unnest())
        if found is not None:
            bounds += [(RowFilter(item.text, condition), condition) for condition in found]
        elif item.nodes or any(
            _is_metric_time(column) for column in item.condition.find_all(exp.Column) if _is_bare(column)
        ):
            message = f"The filter '{item.text}' is no range of metric_time, which calculations over time need"
            raise SemanticError(Problem.INVALID_QUERY, f"{message}; compare it with values, connected by AND")
        else:
            periods.append(item)
    for item, bound in bounds:
        if isinstance(bound, exp.GT):
            message = f"The filter '{item.text}' leaves out its bound, so that the first period of a calculation is not"
            raise SemanticError(Problem.INVALID_QUERY, f"{message} known; write >= and the first time")
    lower = [(item, bound) for item, bound in bounds if not _is_upper(bound)]
    upper = [(item, bound) for item, bound in bounds if _is_upper(bound)]
    for same in (lower, upper):
        if len(same) > 1:
            message = f"The filters '{same[0][0].text}' and '{same[1][0].text}' bound metric_time twice"
            raise SemanticError(Problem.INVALID_QUERY, f"{message}, which calculations over time cannot use; write one")
    return TimeFilters(
        tuple(rows),
        tuple(item for item, _ in lower),
        tuple(item for item, _ in upper),
        tuple(periods),
        _first_time(lower[0][1]) if lower else None,
        _last_time(upper[0][1], dialect) if upper else None,
    )


def _is_not_null(condition: exp.Expr) -> bool:
    """Return whether a condition is `metric_time IS NOT NULL`, which sqlglot parses in two ways."""
    tree = condition.unnest()
    test = tree.this.unnest() if isinstance(tree, exp.Not) else tree
    is_negated = isinstance(tree, exp.Not) != bool(test.args.get("negate"))
    return is_negated and isinstance(test, exp.Is) and _is_metric_time(test.this) and test.expression == exp.Null()


def _read_bounds(condition: exp.Expr) -> list[exp.Expr] | None:
    """Return a condition as comparisons of the time with values, the time on the left, or None."""
    if isinstance(condition, InPeriod) and _is_metric_time(condition.this):
        return _period_bounds(condition)
    if isinstance(condition, exp.Between) and _is_metric_time(condition.this):
        low, high = condition.args["low"], condition.args["high"]
        parts: list[exp.Expr] = [
            exp.GTE(this=marker(METRIC_TIME), expression=low.copy()),
            exp.LTE(this=marker(METRIC_TIME), expression=high.copy()),
        ]
    elif isinstance(condition, _COMPARISONS):
        left, right = condition.left, condition.right
        kind: type[exp.Expr] = type(condition)
        if _is_metric_time(right):
            left, right, kind = right, left, _MIRRORED.get(kind, kind)
        if not _is_metric_time(left):
            return None
        kinds: tuple[type[exp.Expr], ...] = (exp.GTE, exp.LTE) if kind is exp.EQ else (kind,)
        parts = [each(this=marker(METRIC_TIME), expression=right.copy()) for each in kinds]
    else:
        return None
    return parts if not any(part.expression.find(exp.Column) for part in parts) else None


def _is_metric_time(tree: exp.Expr) -> bool:
    return is_bare_marker(tree, METRIC_TIME)


def _is_bare(column: exp.Column) -> bool:
    """Return whether a column is compared itself, not in a function."""
    parent = column.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return not isinstance(parent, (exp.Func, exp.Cast, DimensionValue)) or isinstance(parent, exp.Binary)


def _period_bounds(condition: exp.Expr) -> list[exp.Expr]:
    """Return the lower and the upper bound of `in_period`, each as such a condition."""
    period = condition.args["period"]
    parts = [replace(period, end=None), replace(period, start=None)]
    clock = condition.args["clock"]
    return [InPeriod(this=marker(METRIC_TIME), period=part, clock=clock) for part in parts if part.start or part.end]


def _is_upper(bound: exp.Expr) -> bool:
    return isinstance(bound, _LESS) or (isinstance(bound, InPeriod) and bound.args["period"].end is not None)


def _first_time(bound: exp.Expr) -> exp.Expr:
    if isinstance(bound, InPeriod):
        return exp.Literal.string(bound.args["period"].start.isoformat(" ", "seconds"))
    value: exp.Expr = bound.expression
    return value


def _last_time(bound: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Return a time in the last period that a bound includes."""
    if isinstance(bound, InPeriod):
        last = bound.args["period"].end - timedelta(seconds=1)
        return exp.Literal.string(last.isoformat(" ", "seconds"))
    value: exp.Expr = bound.expression
    if not isinstance(bound, exp.LT):
        return value
    return shift(exp.cast(value.copy(), "timestamp"), Duration(-1, "second"), dialect)
