"""The time axis of a query: the periods of `metric_time`, their range, and earlier periods to compare with.

An offset of months moves a month to a month, so that the time of a row is truncated before it is shifted. A day has no
day in every other month (March 30 has none in February), and several days may have the same day before them (March 28
to 31 have February 28): there, a row is related to each day whose date that long before is the day of the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import get_args

from sqlglot import exp

from semantic_layer.conditions import METRIC_TIME, has_marker, is_bare_marker, marker
from semantic_layer.dialects import SqlDialect
from semantic_layer.dimension import Dimension
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.filters import RowFilter
from semantic_layer.models import Calendar, Granularity
from semantic_layer.queries import FiscalGranularity, TimeUnit
from semantic_layer.row_nodes import DimensionValue, InPeriod
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.durations import Duration
from semantic_layer.times.truncation import next_period, truncate
from semantic_layer.variants import Window

PERIOD = "period"
"""The marker of the period of the axis."""
DAY_OFFSET = "day_offset"
"""The marker of the number of days, 0 to 3, after the day that an offset of months leads to."""
LAST_PERIOD = "last_period"
"""The marker of the last period of the axis."""
MAX_DAY_OFFSET = 3  # February 28 to March 31

PERIOD_UNITS: tuple[TimeUnit, ...] = (*get_args(Granularity), *get_args(FiscalGranularity))
_MONTHS: dict[TimeUnit, int] = {
    "month": 1,
    "fiscal_month": 1,
    "quarter": 3,
    "fiscal_quarter": 3,
    "year": 12,
    "fiscal_year": 12,
}
_SECONDS: dict[TimeUnit, int] = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def finest_dimension(dimensions: Iterable[Dimension], calendar: Calendar) -> Dimension | None:
    """Return the dimension with the finest periods of `metric_time`, or None. Raises SemanticError.

    The periods of the others have to consist of its periods: a week is in no single month.
    """
    axis = [item for item in dimensions if item.is_metric_time and item.granularity in PERIOD_UNITS]
    if not axis:
        return None
    finest = min(axis, key=lambda item: _length(item.granularity))
    unit = finest.granularity
    across = next((item for item in axis if not _is_within(unit, item.granularity, calendar)), None)  # type: ignore[arg-type]
    if across is not None:
        message = f"{finest.name} and {across.name} cannot be the periods of one calculation over time"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}, because a {unit} can be in two of them; leave one out")
    return finest


def _length(unit: TimeUnit | None) -> int:
    """Return an approximate length in seconds."""
    assert unit is not None  # noqa: S101
    return _SECONDS.get(unit) or _MONTHS[unit] * 28 * 86_400


def unit_duration(unit: TimeUnit) -> Duration:
    """Return the length of a period."""
    return Duration(_MONTHS[unit], "month") if unit in _MONTHS else Duration(1, unit)  # type: ignore[arg-type]


def _months(duration: Duration) -> int | None:
    return duration.count * _MONTHS[duration.unit] if duration.unit in _MONTHS else None


@dataclass(frozen=True)
class Shift:
    """How the rows of an earlier period are related to a period.

    `period` replaces the time in dimensions, `time` in filters; `condition` relates a row to a day.
    """

    period: exp.Expr
    time: exp.Expr
    condition: exp.Expr | None = None


def plan_shift(
    time: exp.Expr, duration: Duration, unit: TimeUnit | None, calendar: Calendar, dialect: SqlDialect
) -> Shift:
    """Return how rows are shifted to the period that is `duration` later. Raises SemanticError.

    `unit` is that of the finest periods of the query, None without any.
    """
    shifted = shift(time, duration, dialect)
    if unit is None:
        return Shift(shifted, shifted)
    require_comparable(unit, duration, calendar)
    if _months(duration) is None:
        return Shift(shifted, shifted)
    if unit != "day":
        return Shift(shift(truncate(time, "month", dialect), duration, dialect), shifted)
    day = truncate(time, "day", dialect)
    first = shift(day, duration, dialect)
    period = exp.Case(this=marker(DAY_OFFSET))
    for count in range(MAX_DAY_OFFSET + 1):
        later = shift(first, Duration(count, "day"), dialect) if count else first.copy()
        period = period.when(exp.Literal.number(count), later, copy=False)
    before = shift(period.copy(), Duration(-duration.count, duration.unit), dialect)
    return Shift(period, period, exp.EQ(this=before, expression=day.copy()))


def require_comparable(unit: TimeUnit, duration: Duration, calendar: Calendar) -> None:
    """Raise SemanticError if the periods that long before are no periods of the unit."""
    months = _months(duration)
    if unit.startswith("fiscal") and calendar.retail is not None:
        raise _offset_error(unit, duration, "fiscal years of whole weeks differ in length; group by week")
    if unit in _MONTHS:
        if months is None or months % _MONTHS[unit]:
            raise _offset_error(unit, duration, f"the offset has to be a number of {unit}s; group by a finer unit")
    elif months is not None:
        if unit == "week":
            raise _offset_error(unit, duration, "weeks and months do not align; write '52 weeks', or group by day")
        if unit != "day":
            raise _offset_error(unit, duration, "group by day or a coarser unit")
    elif duration.count * _SECONDS[duration.unit] % _SECONDS[unit]:
        raise _offset_error(unit, duration, f"the offset has to be a number of {unit}s; group by a finer unit")


def has_whole_periods(window: Window, unit: TimeUnit) -> bool:
    """Return whether a window consists of whole periods of a unit; see `window_condition` for periods to date."""
    duration = window.duration
    if duration is None:
        return True
    months = _months(duration)
    if unit in _MONTHS:
        return months is not None and months % _MONTHS[unit] == 0 and not unit.startswith("fiscal")
    if months is not None:
        return unit == "day"
    return duration.count * _SECONDS[duration.unit] % _SECONDS[unit] == 0


def _offset_error(unit: TimeUnit, duration: Duration, why: str) -> SemanticError:
    return SemanticError(Problem.INVALID_QUERY, f"A {unit} cannot be compared with that of {duration} before: {why}")


def window_condition(
    window: Window, time: exp.Expr, unit: TimeUnit, before: Duration | None, calendar: Calendar, dialect: SqlDialect
) -> exp.Expr:
    """Return the condition of the rows that count for a period: up to its end, from the start of the window.

    Raises SemanticError for a period to date of which the period is no part.
    """
    period: exp.Expr = marker(PERIOD)
    if before is not None:
        period = truncate(shift(period, Duration(-before.count, before.unit), dialect), unit, dialect, calendar)
    end = next_period(period, unit, dialect, calendar)
    condition: exp.Expr = exp.LT(this=time.copy(), expression=end)
    if window.duration is not None:
        start = shift(end.copy(), Duration(-window.duration.count, window.duration.unit), dialect)
        condition = exp.and_(condition, exp.GTE(this=time.copy(), expression=start), copy=False)
    elif window.unit is not None:
        _require_within(unit, window.unit, calendar)
        start = truncate(period.copy(), window.unit, dialect, calendar)
        condition = exp.and_(condition, exp.GTE(this=time.copy(), expression=start), copy=False)
    return condition


def _require_within(unit: TimeUnit, longer: TimeUnit, calendar: Calendar) -> None:
    """Raise SemanticError for a period that can be in several of the longer unit, such as a week in two months."""
    if not _is_within(unit, longer, calendar):
        message = f"A {longer} to date cannot be grouped by {unit}, because a {unit} is no part of one {longer}"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; group by a shorter unit, such as day")


def _is_within(unit: TimeUnit, longer: TimeUnit, calendar: Calendar) -> bool:
    if unit == longer or _SECONDS.get(unit, _SECONDS["week"]) < _SECONDS["week"]:
        return True
    if unit not in _MONTHS or longer not in _MONTHS:
        return False
    is_same_year = unit.startswith("fiscal_") == longer.startswith("fiscal_")
    is_aligned = calendar.retail is None and (calendar.fiscal_year_start - 1) % _MONTHS[unit] == 0
    return (is_same_year or is_aligned) and _MONTHS[unit] <= _MONTHS[longer]


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
