"""Literals that a filter compares with a truncated time: dates, written as the database writes the period.

A database compares a date with some texts by converting them, with others as texts (SQLite); one form of literal is
right for both: `2025-03-01` for days and longer periods, `2025-03-01 10:00:00` for shorter ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.rows.row_nodes import DimensionValue
from semantic_layer.sql.dialects import SqlDialect

_SHORT_UNITS = ("second", "minute", "hour")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
# Dialects without implicit casts.
_WITH_CASTS = ("trino",)


def write_period_literals(condition: exp.Expr, text: str, dialect: SqlDialect) -> exp.Expr:
    """Return a condition whose literals have the form of the periods beside them. Raises SemanticError."""
    for value, literal in list(_pairs(condition)):
        unit = value.args.get("unit")
        if isinstance(value, DimensionValue) and unit is not None and isinstance(literal, exp.Literal):
            literal.replace(_write(literal, value, unit, text, dialect))
    return condition


def _pairs(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    for part in condition.find_all(*_COMPARISONS):
        yield part.left.unnest(), part.right.unnest()
        yield part.right.unnest(), part.left.unnest()
    for membership in condition.find_all(exp.In):
        yield from ((membership.this.unnest(), item.unnest()) for item in membership.expressions)
    for between in condition.find_all(exp.Between):
        yield from ((between.this.unnest(), between.args[bound].unnest()) for bound in ("low", "high"))


def _write(literal: exp.Expr, value: exp.Expr, unit: str, text: str, dialect: SqlDialect) -> exp.Expr:
    time = _parse(literal)
    is_short = unit in _SHORT_UNITS
    if time is None or (not is_short and time.time() != datetime.min.time()):
        example = "2025-03-01 10:00" if is_short else "2025-03-01"
        name = value.args["name"]
        message = f"{name} is a time and is compared with {literal.sql()}; write a date such as '{example}'"
        raise SemanticError(Problem.WRONG_TYPE, f"The expression '{text}' has a wrong type: {message}")
    written = exp.Literal.string(time.isoformat(" ", "seconds") if is_short else time.date().isoformat())
    if dialect.name not in _WITH_CASTS:
        return written
    return exp.cast(written, "timestamp" if is_short else "date")


def _parse(literal: exp.Expr) -> datetime | None:
    try:
        time = datetime.fromisoformat(literal.name) if literal.is_string else None
    except ValueError:
        return None
    return time if time is None or time.tzinfo is None else None
