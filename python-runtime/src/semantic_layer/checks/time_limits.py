"""Warnings about times that have no period, because a time zone or a fiscal calendar has a first and a last year."""

from __future__ import annotations

from collections.abc import Iterable

from semantic_layer.model.catalog import Catalog
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.retail import retail_warning
from semantic_layer.times.zones import zone_warning


def limit_warnings(
    dimensions: Iterable[Dimension], sources: Iterable[str], catalog: Catalog, zone: str | None, dialect: SqlDialect
) -> list[str]:
    """Return which times have no period in a query over sources, in a time zone if it has one."""
    units = [item.granularity for item in dimensions if item.granularity is not None]
    retail = catalog.model.calendar.retail
    warnings: list[str | None] = []
    if retail is not None and any(unit.startswith("fiscal_") for unit in units):
        warnings.append(retail_warning(retail))
    if zone is not None and units:
        columns = (column for name in sources for column in catalog.sources[name].source.columns)
        zones = dict.fromkeys(column.time_zone for column in columns if column.time_zone is not None)
        warnings += [zone_warning(column_zone, zone, dialect) for column_zone in zones]
    return list(dict.fromkeys(filter(None, warnings)))
