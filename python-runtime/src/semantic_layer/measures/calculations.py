"""Calculations over measures: functions in expressions, such as `growth(revenue, '1 year')`.

Functions of time change the rows that the aggregates of their argument read. The others are calculated from the groups
of the result: shares of totals over fewer dimensions, ranks, running shares and moving averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlglot import exp

from semantic_layer.sql.expressions import expression_error
from semantic_layer.times.durations import Duration, parse_duration

TimeFunction = Literal["cumulative", "rolling", "period_to_date", "previous", "change", "growth"]
GroupFunction = Literal["moving_average", "percent_of_total", "fixed", "rank", "running_share"]
GroupKind = Literal["moving_average", "fixed", "rank", "running_share"]
PER = "per"
"""The function that groups the argument of an aggregate: `avg(per(orders.revenue, customers.id))`."""

_NAMES = frozenset((*get_args(TimeFunction), *get_args(GroupFunction)))
_USAGE = {
    "cumulative": "cumulative(measure)",
    "rolling": "rolling(measure, '7 days')",
    "period_to_date": "period_to_date(measure, 'year')",
    "previous": "previous(measure, '1 year')",
    "change": "change(measure, '1 year')",
    "growth": "growth(measure, '1 year')",
    "moving_average": "moving_average(measure, 7)",
    "percent_of_total": "percent_of_total(measure), or with the dimensions of a subtotal",
    "fixed": "fixed(measure), or with the dimensions to keep",
    "rank": "rank(measure), or with the dimensions to rank within",
    "running_share": "running_share(measure), or with the dimensions to run within",
    PER: "avg(per(measure, dimension))",
}


@dataclass(frozen=True)
class Calculation:
    """A value that is calculated from all groups of the result.

    `tree` has placeholders for aggregates and other calculations. `partition` are keys of dimensions of the query:
    those that a fixed value keeps, and within which the others are calculated. `size` is the number of periods of a
    moving average.
    """

    key: str
    kind: GroupKind
    tree: exp.Expr
    partition: tuple[str, ...] = ()
    size: int = 0


def function_name(node: exp.Expr) -> str | None:
    """Return the name of the calculation that a call is, or None."""
    if isinstance(node, exp.Rank):
        return "rank" if node.expressions else None
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    return name if name in _NAMES else None


def is_per(node: exp.Expr) -> bool:
    """Return whether a node is a call of `per`."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == PER


def usage_error(name: str, text: str) -> Exception:
    """Return the error for wrong arguments of a function."""
    return expression_error(text, f"calls {name} with wrong arguments; write {_USAGE[name]}")


def duration_argument(name: str, arguments: list[exp.Expr], text: str) -> Duration:
    """Return the duration of `previous(measure, '1 year')`. Raises SemanticError."""
    literal = _only_option(name, arguments, text)
    if not literal.is_string:
        raise usage_error(name, text)
    duration = parse_duration(literal.name)
    if duration.count < 1:
        raise expression_error(text, f"calls {name} with '{literal.name}'; a duration is 1 or more")
    return duration


def unit_argument(name: str, arguments: list[exp.Expr], units: tuple[str, ...], text: str) -> str:
    """Return the unit of `period_to_date(measure, 'year')`. Raises SemanticError."""
    literal = _only_option(name, arguments, text)
    if literal.name not in units:
        raise expression_error(text, f"calls {name} with '{literal.name}'; write one of {', '.join(units)}")
    return literal.name


def size_argument(name: str, arguments: list[exp.Expr], text: str) -> int:
    """Return the number of periods of `moving_average(measure, 7)`. Raises SemanticError."""
    literal = _only_option(name, arguments, text)
    if literal.is_string or not literal.name.isdigit() or not 1 <= int(literal.name) <= _MAX_SIZE:
        raise usage_error(name, text)
    return int(literal.name)


_MAX_SIZE = 10_000
_WITH_OPTION = 2


def _only_option(name: str, arguments: list[exp.Expr], text: str) -> exp.Literal:
    if len(arguments) != _WITH_OPTION or not isinstance(arguments[1], exp.Literal):
        raise usage_error(name, text)
    return arguments[1]
