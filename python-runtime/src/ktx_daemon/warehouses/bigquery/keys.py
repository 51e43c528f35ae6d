"""Primary and foreign keys, which BigQuery declares without enforcing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ktx_daemon.warehouses.model.tables import Table, describe_foreign_key

Tables = dict[tuple[str, str], Table]


@dataclass
class Key:
    """A key of a table: its columns in key order with their positions in the key that they refer to."""

    columns: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    target: tuple[str, str] = ("", "")
    target_columns: list[str] = field(default_factory=list)

    @property
    def is_primary(self) -> bool:
        """Whether the columns refer to no other key."""
        return all(position is None for _, position in self.columns.values())

    @property
    def names(self) -> list[str]:
        """The columns in key order."""
        return [self.columns[position][0] for position in sorted(self.columns)]


def add_keys(tables: Tables, rows: Iterable[list[Any]]) -> None:
    """Add keys to the tables that have them."""
    keys = _collect(rows)
    primary = {table: key.names for (table, _), key in keys.items() if key.is_primary}
    for (name, constraint), key in keys.items():
        if (table := tables.get(name)) is None:
            continue
        if key.is_primary:
            table.primary_key_enforced = False
            for column in table.columns:
                column.primary_key = column.primary_key or column.name in key.names
        else:
            _add_foreign_key(table, constraint, key, primary.get(key.target))


def _collect(rows: Iterable[list[Any]]) -> dict[tuple[tuple[str, str], str], Key]:
    keys: dict[tuple[tuple[str, str], str], Key] = {}
    for schema, table, constraint, column, ordinal, position, to_schema, to_table, to_column in rows:
        key = keys.setdefault(((schema, table), constraint), Key(target=(to_schema, to_table)))
        key.columns[ordinal] = (column, position)
        if to_column not in key.target_columns:
            key.target_columns.append(to_column)
    return keys


def _add_foreign_key(table: Table, constraint: str, key: Key, primary: list[str] | None) -> None:
    """Add a foreign key; the place of each column within the primary key is known if its table was read."""
    targets = primary if primary and set(primary) == set(key.target_columns) else key.target_columns
    is_known = targets is primary or len(targets) == 1
    columns = [key.columns[ordinal] for ordinal in sorted(key.columns)]
    pairs = [(name, targets[position - 1] if is_known and position else None) for name, position in columns]
    for part in describe_foreign_key(constraint, *key.target, pairs):
        part.enforced = False
        table.foreign_keys.append(part)
