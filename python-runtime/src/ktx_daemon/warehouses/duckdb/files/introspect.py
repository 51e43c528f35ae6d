"""Introspection of files. Parquet needs the footers only; the columns of other files are those of their views."""

from __future__ import annotations

from collections.abc import Iterator

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import import_duckdb
from ktx_daemon.warehouses.duckdb.files.parquet import read_columns, read_row_counts
from ktx_daemon.warehouses.duckdb.files.session import FileSession, open_files
from ktx_daemon.warehouses.duckdb.files.tables import FileTable
from ktx_daemon.warehouses.model.tables import Column, Schema, Table

COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
    WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""


def introspect_files(target: Target) -> Schema:
    """Read the requested schemas of the files, or all of them."""
    with open_files(target) as session:
        schemas = _select_schemas(session.tables, target.schemas)
        selected = [
            table
            for table in session.tables
            if table.schema in schemas and target.selection.selects(table.schema, table.name)
        ]
        if target.names_only:
            return Schema(schemas, [_table(table) for table in selected], session.warnings)
        tables = _read_tables(session, selected)
        warnings = session.warnings + list(session.unreadable.values())
        if selected and not tables:
            raise BadRequestError("introspection_failed", warnings[-1])
        return Schema(schemas, tables, warnings)


def _select_schemas(tables: list[FileTable], requested: list[str] | None) -> list[str]:
    existing = sorted({table.schema for table in tables})
    for name in requested or []:
        if name not in existing:
            raise BadRequestError("schema_not_found", f"The files have no schema '{name}'")
    return sorted(set(requested)) if requested else existing


def _read_tables(session: FileSession, selected: list[FileTable]) -> list[Table]:
    columns = _read_parquet(session, selected)
    session.create_views(table for table in selected if table.key not in columns)
    for schema, name, column, kind in session.connection.execute(COLUMNS).fetchall():
        columns.setdefault((schema, name), []).append(Column(column, kind, nullable=True, primary_key=False))
    readable = [table for table in selected if table.key in columns]
    counts = _count_rows(session, readable)
    return [_table(table, columns[table.key], counts.get(table.key)) for table in readable]


def _read_parquet(session: FileSession, selected: list[FileTable]) -> dict[tuple[str, str], list[Column]]:
    """Return the columns of tables of one Parquet file, and warn of tables whose files have different columns.

    If a file is damaged, no columns are returned, so that its view finds it.
    """
    tables = [table for table in selected if table.format == "parquet"]
    paths = [path for table in tables for path in table.paths]
    duckdb = import_duckdb()
    try:
        found = read_columns(session.connection, paths) if paths else {}
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return {}
    session.warnings += [warning for table in tables for warning in _compare_columns(table, found)]
    plain = [(table.key, found[table.paths[0]]) for table in tables if _is_plain(table)]
    return {key: columns for key, columns in plain if all(column.type for column in columns)}


def _is_plain(table: FileTable) -> bool:
    return len(table.paths) == 1 and not table.is_partitioned


def _compare_columns(table: FileTable, found: dict[str, list[Column]]) -> Iterator[str]:
    """Yield a warning of the first file whose columns differ from those of the first."""
    expected = {column.name: column.type for column in found[table.paths[0]]}
    for path in table.paths[1:]:
        if {column.name: column.type for column in found[path]} != expected:
            yield (
                f"The files of the table {table.name} have different columns, such as '{table.paths[0]}' and '{path}'; "
                "a column that a file lacks is null"
            )
            return


def _count_rows(session: FileSession, tables: list[FileTable]) -> dict[tuple[str, str], int]:
    """Return the number of rows of the tables of Parquet files."""
    keys = {path: table.key for table in tables if table.format == "parquet" for path in table.paths}
    counts: dict[tuple[str, str], int] = {}
    for path, rows in read_row_counts(session.connection, list(keys)).items() if keys else ():
        counts[keys[path]] = counts.get(keys[path], 0) + rows
    return counts


def _table(table: FileTable, columns: list[Column] | None = None, rows: int | None = None) -> Table:
    return Table(None, table.schema, table.name, "table", None, rows, columns or [])
