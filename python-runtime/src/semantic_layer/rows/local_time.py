"""Times in the time zone of a query."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Column
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.zones import to_zone

_DATES = ("day", "week", "month", "quarter", "year")


def localize(time: exp.Expr, field: str, column: Column, zone: str | None, dialect: SqlDialect) -> exp.Expr:
    """Return the time of a column in a zone; a date is in no zone.

    Raises SemanticError for a time of which the source does not say in which zone it is.
    """
    if zone is None or (column.time_zone is None and column.granularity in _DATES):
        return time
    if column.time_zone is None:
        message = f"{field} has times in an unknown zone, which cannot be converted to {zone}"
        advice = "declare `time_zone` of the column, `instant` for a type with a zone, or `granularity: day` for dates"
        raise SemanticError(Problem.INVALID_MODEL, f"{message}; {advice}")
    return to_zone(time, column.time_zone, zone, dialect)
