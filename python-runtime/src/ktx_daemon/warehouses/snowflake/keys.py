"""Primary, unique and foreign keys, which Snowflake takes as declared, without enforcing them."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from ktx_daemon.warehouses.model.tables import ForeignKey
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.scopes import Scope
from ktx_daemon.warehouses.snowflake.show import Record, show
from ktx_daemon.warehouses.snowflake.tables import Tables


def read_keys(session: Session, scope: Scope, tables: Tables, warnings: list[str]) -> None:
    """Add the keys of the tables; columns of a foreign key are in its order."""
    for row in show(session, "PRIMARY KEYS", scope, warnings):
        table = tables.get((scope.database, row["schema_name"], row["table_name"]))
        column = next((each for each in table.columns if each.name == row["column_name"]), None) if table else None
        if table and column:
            column.primary_key = True
            table.primary_key_enforced = False
    for names, columns in _group(show(session, "UNIQUE KEYS", scope, warnings)):
        if table := tables.get((scope.database, *names)):
            table.unique_keys = [*([] if table.unique_keys is UNSET else table.unique_keys), columns]
            table.unique_keys_enforced = False
    rows = show(session, "IMPORTED KEYS", scope, warnings)
    for row in sorted(rows, key=lambda row: (str(row["fk_name"]), int(row["key_sequence"]))):
        table = tables.get((scope.database, row["fk_schema_name"], row["fk_table_name"]))
        # A key of another database has no place in the model.
        if table and row["pk_table_name"] and row.get("pk_database_name", scope.database) == scope.database:
            table.foreign_keys.append(_foreign_key(row))


def _group(rows: list[Record]) -> list[tuple[tuple[str, str], list[str]]]:
    """Return schema and table of each key, and its columns in the order of the key."""
    keys: dict[tuple[str, str, str], list[str]] = {}
    for row in sorted(rows, key=lambda row: int(row["key_sequence"])):
        keys.setdefault((row["schema_name"], row["table_name"], row["constraint_name"]), []).append(row["column_name"])
    return [((schema, table), columns) for (schema, table, _), columns in sorted(keys.items())]


def _foreign_key(row: dict[str, Any]) -> ForeignKey:
    return ForeignKey(
        row["fk_column_name"],
        row["pk_schema_name"],
        row["pk_table_name"],
        row["pk_column_name"],
        row["fk_name"],
        enforced=False,
    )
