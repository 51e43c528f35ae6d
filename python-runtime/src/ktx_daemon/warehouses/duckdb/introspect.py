"""Introspection of DuckDB databases through DuckDB's own catalog functions."""

from __future__ import annotations

from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import find_file, open_file
from ktx_daemon.warehouses.duckdb.files.introspect import introspect_files
from ktx_daemon.warehouses.model.tables import Schema, Table, describe_foreign_key

SCHEMAS = """
    SELECT schema_name FROM duckdb_schemas()
    WHERE database_name = current_database() AND (NOT internal OR schema_name = 'main') ORDER BY 1
"""
TABLES = """
    SELECT schema_name, table_name, 'table', comment, estimated_size, NULL FROM duckdb_tables()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
    UNION ALL
    SELECT schema_name, view_name, 'view', comment, NULL, sql FROM duckdb_views()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
"""
COLUMNS = """
    SELECT c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable,
        coalesce(list_contains(k.constraint_column_names, c.column_name), false), c.comment,
        c.column_default
    FROM duckdb_columns() AS c
    LEFT JOIN duckdb_constraints() AS k
        ON k.table_oid = c.table_oid AND k.database_oid = c.database_oid AND k.constraint_type = 'PRIMARY KEY'
    WHERE c.database_name = current_database() AND NOT c.internal
    ORDER BY c.schema_name, c.table_name, c.column_index
"""
FOREIGN_KEYS = """
    SELECT schema_name, table_name, constraint_column_names, referenced_table, referenced_column_names, constraint_name
    FROM duckdb_constraints()
    WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY'
    ORDER BY schema_name, table_name, constraint_index
"""

Tables = dict[tuple[str, str], Table]


def introspect(target: Target) -> Schema:
    """Read the requested schemas of the file or the files, or all of them."""
    if target.warehouse.name == "files":
        return introspect_files(target)
    path = find_file(target)
    with open_file(path, target) as connection:
        schemas = _select_schemas(connection, target.schemas)
        tables = {
            (schema, name): table
            for (schema, name), table in _read_tables(connection).items()
            if schema in schemas and target.selection.selects(schema, name)
        }
        if not target.names_only:
            _add_details(connection, tables)
        return Schema(schemas, list(tables.values()))


def _select_schemas(connection: Any, requested: list[str] | None) -> list[str]:
    existing = [name for (name,) in connection.execute(SCHEMAS).fetchall()]
    for name in requested or []:
        if name not in existing:
            raise BadRequestError("schema_not_found", f"The DuckDB database has no schema '{name}'")
    return sorted(set(requested)) if requested else existing


def _read_tables(connection: Any) -> Tables:
    tables: Tables = {}
    for schema, name, kind, comment, rows, definition in connection.execute(TABLES).fetchall():
        tables[schema, name] = Table(None, schema, name, kind, comment, rows, [], [])
        tables[schema, name].define(definition)
    return tables


def _add_details(connection: Any, tables: Tables) -> None:
    """Add columns, keys, indexes and checks."""
    from ktx_daemon.warehouses.duckdb.details import add_details, describe_column

    for schema, name, *column in connection.execute(COLUMNS).fetchall():
        if table := tables.get((schema, name)):
            table.columns.append(describe_column(*column))
    for schema, name, columns, to_table, to_columns, constraint in connection.execute(FOREIGN_KEYS).fetchall():
        if table := tables.get((schema, name)):
            table.foreign_keys += describe_foreign_key(
                constraint, schema, to_table, zip(columns, to_columns, strict=False)
            )
    add_details(connection, tables)
