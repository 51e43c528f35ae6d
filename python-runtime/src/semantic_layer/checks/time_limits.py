"""Warnings about times without a period: of years that a zone or calendar lacks, or days that a table lacks."""

from __future__ import annotations

from collections.abc import Iterable

from semantic_layer.model.catalog import Catalog
from semantic_layer.planning.calendar_units import calendar_units
from semantic_layer.planning.plan import Plan
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.calendar_tables import missing_days_warning
from semantic_layer.times.retail import retail_warning
from semantic_layer.times.zones import zone_warning


def limit_warnings(
    plan: Plan, sources: Iterable[str], catalog: Catalog, zone: str | None, dialect: SqlDialect
) -> list[str]:
    """Return which times have no period in a plan over sources, in a time zone if it has one."""
    units = [item.granularity for item in plan.dimensions if item.granularity is not None]
    calendar = catalog.model.calendar
    warnings: list[str | None] = []
    listed = calendar_units(plan, calendar)
    if calendar.table is not None:
        warnings += [missing_days_warning(unit, calendar.table) for unit in listed]
    if calendar.retail is not None and any(unit.startswith("fiscal_") for unit in units):
        warnings.append(retail_warning(calendar.retail))
    if zone is not None and units:
        columns = (column for name in sources for column in catalog.sources[name].source.columns)
        zones = dict.fromkeys(column.time_zone for column in columns if column.time_zone is not None)
        warnings += [zone_warning(column_zone, zone, dialect) for column_zone in zones]
    return list(dict.fromkeys(filter(None, warnings)))
