"""Periods that the calendar table of a model has in place of computed ones.

A period is the value of the row of its day. The generator joins that row, see `generation.calendar_joins`.
"""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Calendar, CalendarTable
from semantic_layer.model.queries import TimeUnit

TABLE_UNITS: tuple[TimeUnit, ...] = ("week", "fiscal_month", "fiscal_quarter", "fiscal_year")
"""The units of which a calendar table can have the periods."""
_FISCAL = "fiscal_"


class CalendarPeriod(exp.Expression):
    """The first day of the period of `unit` with the day `this`; NULL for a day that the calendar table lacks.

    With `of`, `this` is the first day of a period of that unit, which is within one of `unit`.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "unit": True, "of": False}


def named_columns(table: CalendarTable) -> dict[str, str]:
    """Return the columns of a calendar table by their units."""
    columns = {unit: getattr(table, unit) for unit in TABLE_UNITS}
    return {unit: column for unit, column in columns.items() if column is not None}


def is_of_table(unit: TimeUnit | None, calendar: Calendar) -> bool:
    """Return whether the periods of a unit are those of the calendar table.

    Raises SemanticError for fiscal periods of which only others have a column, or that are defined twice.
    """
    if calendar.table is None or unit not in TABLE_UNITS:
        return False
    columns = require_single_definition(calendar.table, calendar)
    if unit in columns or unit == "week":
        return unit in columns
    if any(column.startswith(_FISCAL) for column in columns):
        message = f"The calendar table has no column for periods of {unit}; name it in `calendar.table`"
        raise SemanticError(Problem.INVALID_MODEL, message)
    return False


def require_single_definition(table: CalendarTable, calendar: Calendar) -> dict[str, str]:
    """Return the columns of periods by their units. Raises SemanticError for none, and for periods defined twice."""
    columns = named_columns(table)
    if not columns:
        message = "The calendar table names no column of a period; name `week`, or the fiscal periods"
        raise SemanticError(Problem.INVALID_MODEL, message)
    if "week" in columns and calendar.week_start != "monday":
        raise _twice_error("weeks", "week_start")
    other = "retail" if calendar.retail is not None else "fiscal_year_start"
    has_other = calendar.retail is not None or calendar.fiscal_year_start != 1
    if has_other and any(column.startswith(_FISCAL) for column in columns):
        raise _twice_error("fiscal years", other)
    return columns


def reject_table_unit(unit: str, calendar: Calendar) -> None:
    """Raise SemanticError for a unit whose periods only the calendar table has, where bounds have to be computed."""
    if unit in TABLE_UNITS and is_of_table(unit, calendar):
        name = unit.replace("_", " ")
        message = f"The bounds of a {name} cannot be computed, because the calendar table has them"
        advice = "write dates, such as '2025-02-02 to 2025-05-03', or filter by a dimension"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; {advice} with the granularity {unit}")


def missing_days_warning(unit: TimeUnit, table: CalendarTable) -> str:
    """Return which times have no period of a unit, as a sentence for the plan."""
    return f"Times on days for which {table.source} has no {unit} have no {unit}, and NULL in its place"


def _twice_error(what: str, key: str) -> SemanticError:
    message = f"The calendar has {what} of its `table` and `{key}`; remove one of them"
    return SemanticError(Problem.INVALID_MODEL, message)
