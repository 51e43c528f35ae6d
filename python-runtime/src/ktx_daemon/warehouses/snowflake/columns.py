"""Columns of the information schema, and the fields of structured ones, which only SHOW has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from ktx_daemon.warehouses.model.tables import Column, Field
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import quote
from ktx_daemon.warehouses.snowflake.scopes import Scope
from ktx_daemon.warehouses.snowflake.show import Record, show
from ktx_daemon.warehouses.snowflake.tables import Tables, schema_filter
from ktx_daemon.warehouses.snowflake.values import NAMES

COLUMNS = """
    SELECT table_schema, table_name, column_name, data_type, is_nullable, character_maximum_length, numeric_precision,
        numeric_scale, comment, column_default, is_identity
    FROM {database}.INFORMATION_SCHEMA.COLUMNS WHERE {schemas} ORDER BY table_schema, table_name, ordinal_position
"""
# Types whose members the information schema does not have.
NESTED = frozenset({"OBJECT", "ARRAY", "MAP", "VECTOR"})
MAX_FIELDS = 1000


def read_columns(session: Session, scope: Scope, tables: Tables, warnings: list[str]) -> None:
    """Add columns with types and comments, and the fields of structured ones."""
    nested: set[str] = set()
    sql = COLUMNS.format(database=quote(scope.database), schemas=schema_filter(scope))
    for row in session.iterate(sql, "introspection_failed"):
        if table := tables.get((scope.database, row["table_schema"], row["table_name"])):
            nullable = row["is_nullable"] == "YES"
            column = Column(row["column_name"], _type(row), nullable, False, row["comment"] or None)
            if row.get("is_identity") == "YES":
                column.generated = "identity"
            elif (default := row.get("column_default")) is not None:
                column.default = default
            table.columns.append(column)
            if row["data_type"].upper() in NESTED:
                nested.add(row["table_schema"])
    if nested:
        _add_fields(session, Scope(scope.database, tuple(sorted(nested)), whole=False), tables, warnings)


def _type(row: Record) -> str:
    """Return the type of a column as Snowflake writes it in CREATE TABLE."""
    kind = str(row["data_type"]).upper()
    if kind in ("NUMBER", "FIXED", "DECIMAL"):
        return f"NUMBER({row['numeric_precision']}, {row['numeric_scale']})"
    if kind in ("TEXT", "VARCHAR", "BINARY") and row["character_maximum_length"] is not None:
        return f"{NAMES.get(kind, kind)}({row['character_maximum_length']})"
    return NAMES.get(kind, kind)


def _add_fields(session: Session, scope: Scope, tables: Tables, warnings: list[str]) -> None:
    columns = {
        (key, column.name): column for key, table in tables.items() for column in table.columns if column.type in NESTED
    }
    for row in show(session, "COLUMNS", scope, warnings):
        column = columns.get(((scope.database, row["schema_name"], row["table_name"]), row["column_name"]))
        if column is not None:
            described = json.loads(row["data_type"])
            column.type = describe(described)
            fields = [field for _, field in zip(range(MAX_FIELDS), _fields(described, []), strict=False)]
            column.fields = fields or UNSET


def describe(kind: dict[str, Any]) -> str:
    """Return the text of a type from the JSON of SHOW COLUMNS."""
    name = str(kind.get("type", "VARIANT")).upper()
    members = kind.get("fields") or []
    if name == "FIXED":
        return f"NUMBER({kind.get('precision', 38)}, {kind.get('scale', 0)})"
    if name == "VECTOR":
        element = (members[0] if members else kind.get("vectorElementType")) or {}
        dimension = kind.get("vectorDimension") or kind.get("dimension")
        return f"VECTOR({_element(element)}, {dimension})" if element and dimension else "VECTOR"
    if name == "OBJECT" and members:
        inner = ", ".join(f"{_name(member)} {describe(_kind(member))}" for member in members)
        return f"OBJECT({inner})"
    if name in ("ARRAY", "MAP") and members:
        return f"{name}({', '.join(describe(_kind(member)) for member in members)})"
    return NAMES.get(name, name)


def _element(element: Any) -> str:
    return describe(_kind(element)) if isinstance(element, dict) else str(element).upper()


def _fields(kind: dict[str, Any], path: list[str]) -> Iterator[Field]:
    """Yield the fields of objects, and of those within arrays and values of maps, at all depths."""
    name, members = kind.get("type", "").upper(), kind.get("fields") or []
    if name == "OBJECT":
        for member in members:
            yield Field([*path, _name(member)], describe(_kind(member)))
            yield from _fields(_kind(member), [*path, _name(member)])
    elif name in ("ARRAY", "MAP") and members:
        yield from _fields(_kind(members[-1]), path)


def _name(member: dict[str, Any]) -> str:
    return str(member.get("fieldName") or member.get("name") or "")


def _kind(member: dict[str, Any]) -> dict[str, Any]:
    """Return the type of a member, which is nested or beside its name."""
    inner = member.get("fieldType")
    return inner if isinstance(inner, dict) else member
