"""Introspection of ClickHouse through its system tables: one query for each kind of object.

A schema is a database of the server. ClickHouse's primary key is an index of sorted rows that is not unique, so that it
is the `sorting_key` of a table; only the key of a dictionary is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import UNSET

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.clickhouse.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Column, Schema, Table
from ktx_daemon.warehouses.model.values import format_seconds

SYSTEM_DATABASES = ("system", "INFORMATION_SCHEMA", "information_schema")
DATABASES = "SELECT name FROM system.databases ORDER BY name"
# The storage of a materialized view is a table with a name of its own. Rows are exact for tables of the MergeTree
# family; the server has no statistic of others.
TABLES = """
    SELECT database, name, engine LIKE '%View', comment, total_rows, total_bytes, engine, partition_key, sorting_key,
        if(engine LIKE '%View', NULL, toUnixTimestamp(metadata_modification_time)),
        if(engine LIKE '%View', create_table_query, '')
    FROM system.tables
    WHERE database IN {databases:Array(String)} AND NOT is_temporary AND name NOT LIKE '.inner%'
"""
# A row for each table: a row for each column takes the driver longer than the server needs to find it.
COLUMNS = """
    SELECT database, table, arraySort((name, position) -> position, groupArray(name), groupArray(position)),
        arraySort((type, position) -> position, groupArray(type), groupArray(position)),
        arraySort((comment, position) -> position, groupArray(comment), groupArray(position)),
        arraySort((kind, position) -> position, groupArray(default_kind), groupArray(position)),
        arraySort((expression, position) -> position, groupArray(default_expression), groupArray(position))
    FROM system.columns
    WHERE database IN {databases:Array(String)} AND table NOT LIKE '.inner%'
    GROUP BY database, table
"""
MODIFICATIONS = """
    SELECT database, table, toUnixTimestamp(max(modification_time)) FROM system.parts
    WHERE active AND database IN {databases:Array(String)} GROUP BY database, table
"""
DICTIONARY_KEYS = """
    SELECT database, name, `key.names` FROM system.dictionaries WHERE database IN {databases:Array(String)}
"""

# Kinds of defaults whose columns cannot be written.
GENERATED = ("MATERIALIZED", "ALIAS")

Tables = dict[tuple[str, str], Table]


def introspect(target: Target) -> Schema:
    """Read the requested databases, that of the URL, or all but the system's."""
    with open_session(target) as session:
        databases = _select_databases(session, target.schemas)
        tables = _read_tables(session, databases, target.selection)
        warnings = [] if target.names_only else _add_details(session, databases, tables)
    return Schema(databases, list(tables.values()), warnings)


def _select_databases(session: Session, requested: list[str] | None) -> list[str]:
    existing = [name for (name,) in session.query(DATABASES)]
    for name in requested or []:
        if name not in existing:
            detail = f"{session.server} has no database '{name}', or the user may not see it"
            raise BadRequestError("schema_not_found", detail)
    if requested or session.server.database:
        return sorted(set(requested or [str(session.server.database)]))
    return [name for name in existing if name not in SYSTEM_DATABASES]


def _read_tables(session: Session, databases: list[str], selection: Selection) -> Tables:
    tables: Tables = {}
    for database, name, is_view, comment, rows, *storage, definition in session.query(TABLES, {"databases": databases}):
        if not selection.selects(database, name):
            continue
        table = Table(None, database, name, "view" if is_view else "table", comment or None, rows, [], [])
        _add_storage(table, *storage)
        table.define(definition)
        tables[database, name] = table
    return tables


def _add_storage(
    table: Table, size: int | None, engine: str, partition_key: str, sorting_key: str, seconds: int | None
) -> None:
    table.engine = engine
    if engine == "MaterializedView":
        table.variant = "materialized_view"
    if size is not None:
        table.bytes = size
    if partition_key:
        table.partition_key = partition_key
    if sorting_key:
        table.sorting_key = sorting_key
    if seconds:
        table.modified_at = format_seconds(seconds)


def _add_details(session: Session, databases: list[str], tables: Tables) -> list[str]:
    """Add columns, keys of dictionaries and times of changes; return warnings for what the user may not read."""
    parameters = {"databases": databases}
    keys = {
        (database, name): set(names) for database, name, names in _query_optional(session, DICTIONARY_KEYS, parameters)
    }
    for database, name, *lists in session.query(COLUMNS, parameters):
        if table := tables.get((database, name)):
            table.columns = _describe_columns(zip(*lists, strict=True), keys.get((database, name), frozenset()))
    warnings: list[str] = []
    for database, name, seconds in _query_optional(session, MODIFICATIONS, parameters, warnings):
        if table := tables.get((database, name)):
            table.modified_at = format_seconds(seconds)
    return warnings


def _describe_columns(columns: Iterable[tuple[str, str, str, str, str]], keys: AbstractSet[str]) -> list[Column]:
    from ktx_daemon.warehouses.clickhouse.fields import describe_type, enum_values

    described = []
    for name, type_name, comment, default_kind, expression in columns:
        nullable, fields = describe_type(type_name)
        column = Column(name, type_name, nullable, name in keys, comment or None, list(fields) if fields else UNSET)
        if values := enum_values(type_name):
            column.enum_values = values
        if default_kind in GENERATED:
            column.generated = expression
        elif expression:
            column.default = expression
        described.append(column)
    return described


def _query_optional(
    session: Session, sql: str, parameters: dict[str, Any], warnings: list[str] | None = None
) -> Sequence[Sequence[Any]]:
    """Query a system table that needs a right of its own; without it, add the error to `warnings`."""
    try:
        return session.query(sql, parameters)
    except BadRequestError as error:
        if error.code != "permission_denied":
            raise
        if warnings is not None:
            warnings.append(error.line())
        return []
