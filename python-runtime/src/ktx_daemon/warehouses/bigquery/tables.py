"""Tables of a data set, from `tables.list`, which is free of charge and needs no job, unlike INFORMATION_SCHEMA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET

from ktx_daemon.warehouses.bigquery.connect import Json, Session
from ktx_daemon.warehouses.bigquery.datasets import Dataset, list_all
from ktx_daemon.warehouses.bigquery.shards import SUFFIX, Shards, group_shards
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Column, Table, Variant

VIEWS = ("VIEW", "MATERIALIZED_VIEW")
# Types whose storage is not that of other tables.
ENGINES = ("EXTERNAL", "MATERIALIZED_VIEW", "SNAPSHOT")
VARIANTS: dict[str, Variant] = {"EXTERNAL": "external_table", "MATERIALIZED_VIEW": "materialized_view"}
INGESTION_TIME = "_PARTITIONTIME"
UNITS = {"HOUR", "DAY", "MONTH", "YEAR"}


@dataclass(frozen=True)
class ListedTable:
    """A table of a data set, or a sharded one, whose columns are those of `source`, its newest shard."""

    dataset: Dataset
    table: Table
    source: str
    shards: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The names of its tables in BigQuery."""
        return self.shards or (self.source,)


def list_tables(session: Session, datasets: Sequence[Dataset], selection: Selection) -> list[ListedTable]:
    """Return the selected tables of data sets, without columns; those sharded by day are one table."""
    tables: list[ListedTable] = []
    for dataset in datasets:
        with session.guard("introspection_failed"):
            listed = list_all(session, "tables", dataset.project, "datasets", dataset.name, "tables")
        tables += _describe_all(dataset, {item["tableReference"]["tableId"]: item for item in listed}, selection)
    return tables


def _describe_all(dataset: Dataset, listed: dict[str, Json], selection: Selection) -> list[ListedTable]:
    groups = group_shards(name for name, item in listed.items() if item.get("type", "TABLE") == "TABLE")
    sharded = {name for group in groups for name in group.names}
    tables = [
        ListedTable(dataset, _describe(dataset, name, item), name)
        for name, item in listed.items()
        if name not in sharded and selection.selects(dataset.name, name)
    ]
    return tables + [
        _describe_shards(dataset, group, listed) for group in groups if selection.selects(dataset.name, group.pattern)
    ]


def _describe(dataset: Dataset, name: str, item: Json) -> Table:
    kind = item.get("type", "TABLE")
    table = Table(dataset.project, dataset.name, name, "view" if kind in VIEWS else "table", columns=[])
    if kind in ENGINES:
        table.engine = kind.replace("_", " ")
    table.variant = VARIANTS.get(kind, UNSET)
    if item.get("labels"):
        table.labels = dict(item["labels"])
    if fields := item.get("clustering", {}).get("fields"):
        table.sorting_key = ", ".join(fields)
    _add_partitions(table, item)
    return table


def _describe_shards(dataset: Dataset, group: Shards, listed: dict[str, Json]) -> ListedTable:
    table = _describe(dataset, group.pattern, listed[group.newest])
    table.comment = group.describe(listed)
    return ListedTable(dataset, table, group.newest, group.names)


def _add_partitions(table: Table, item: Json) -> None:
    time, numbers = item.get("timePartitioning"), item.get("rangePartitioning")
    if time is not None:
        field, unit = time.get("field") or INGESTION_TIME, time.get("type", "DAY")
        table.partition_key = f"TIMESTAMP_TRUNC({field}, {unit})" if unit in UNITS else field
    elif numbers is not None:
        range_ = numbers.get("range", {})
        bounds = ", ".join(str(range_.get(name, "")) for name in ("start", "end", "interval"))
        table.partition_key = f"RANGE_BUCKET({numbers['field']}, GENERATE_ARRAY({bounds}))"
    else:
        return
    table.partition_filter_required = bool(
        item.get("requirePartitionFilter") or (time or {}).get("requirePartitionFilter")
    )


def pseudo_columns(listed: ListedTable) -> list[Column]:
    """Return the columns that a statement may filter by, although the table does not declare them."""
    columns = []
    if INGESTION_TIME in str(listed.table.partition_key):
        comment = "When the rows of the partition were loaded, for filters; NULL while they are buffered"
        columns.append(Column(INGESTION_TIME, "TIMESTAMP", True, False, comment))
    if listed.shards:
        columns.append(Column(SUFFIX, "STRING", False, False, "The day of the table, such as 20240131, for filters"))
    return columns
