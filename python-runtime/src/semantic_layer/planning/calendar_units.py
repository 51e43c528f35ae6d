"""The periods of a plan that a calendar table has."""

from __future__ import annotations

from semantic_layer.model.models import Calendar
from semantic_layer.model.queries import TimeUnit
from semantic_layer.planning.plan import Plan, rows_of
from semantic_layer.times.calendar_tables import is_of_table


def calendar_units(plan: Plan, calendar: Calendar) -> list[TimeUnit]:
    """Return the units of a plan whose periods are those of the calendar table."""
    facts = rows_of(plan.facts)
    dimensions = [*plan.dimensions, *(item for fact in facts for item in (*fact.dimensions, *fact.named))]
    units = [item.granularity for item in dimensions]
    units += [fact.variant.window.unit for fact in facts if fact.variant.window is not None]
    return [unit for unit in dict.fromkeys(units) if unit is not None and is_of_table(unit, calendar)]
