"""Conditions for the newest partitions of tables that require a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ktx_daemon.warehouses.model.profiling import UnreadableError

# Partitions are read until they have as many rows.
ENOUGH_ROWS = 100_000
NEWEST = 100
_KEY = re.compile(
    r"(?:TIMESTAMP_TRUNC\((?P<time>\w+), \w+\)|RANGE_BUCKET\((?P<number>\w+), .*\)|(?P<field>\w+))", re.DOTALL
)
_TIME_ID = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?")


def list_newest(table: Any, quote: Callable[[str], str]) -> str:
    """Return the statement that lists the newest partitions with their rows."""
    place = ".".join(quote(part) for part in (table.catalog, table.db) if part)
    name = table.name.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"SELECT partition_id, total_rows FROM {place}.INFORMATION_SCHEMA.PARTITIONS "  # noqa: S608 - names are quoted
        f"WHERE table_name = '{name}' AND total_rows > 0 AND NOT STARTS_WITH(partition_id, '__') "
        f"ORDER BY LENGTH(partition_id) DESC, partition_id DESC LIMIT {NEWEST}"
    )


def condition(key: str, types: Mapping[str, str], partitions: Sequence[Sequence[Any]]) -> str:
    """Return the condition for the newest partitions with enough rows. Raises UnreadableError."""
    found = _KEY.fullmatch(key)
    oldest, rows = None, 0
    for name, count in partitions:
        if rows >= ENOUGH_ROWS:
            break
        oldest, rows = str(name), rows + int(count)
    if found is None or oldest is None:
        reason = "it has none with rows" if found else "its partition key is unknown"
        raise UnreadableError(f"The table requires a filter by partition, and {reason}")
    if found["number"]:
        return f"`{found['number']}` >= {int(oldest)}"
    field = found["time"] or found["field"]
    return f"`{field}` >= {_literal(types.get(field, 'TIMESTAMP'), oldest)}"


def _literal(type_name: str, partition: str) -> str:
    found = _TIME_ID.fullmatch(partition)
    if found is None:
        raise UnreadableError("The table requires a filter by partition, and its partitions are not by time")
    year, month, day, hour = (
        part or default for part, default in zip(found.groups(), ("", "01", "01", "00"), strict=True)
    )
    if type_name == "DATE":
        return f"DATE '{year}-{month}-{day}'"
    zone = "+00" if type_name == "TIMESTAMP" else ""
    return f"{type_name} '{year}-{month}-{day} {hour}:00:00{zone}'"
