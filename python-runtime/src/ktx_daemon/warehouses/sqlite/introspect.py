"""Introspection of SQLite files through SQLite's pragmas."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3

import msgspec

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.files import find_database_file
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.tables import Column, EncodedTable, ForeignKey, Index, Schema
from ktx_daemon.warehouses.sqlite.connect import explain, open_file

OBJECTS = """
    SELECT name, type, wr, true AS single_key FROM pragma_table_list
    WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""
# The columns of a table are encoded as JSON, which is copied into the response, because decoding rows in Python is
# slower; the primary key precedes them, and whether there are generated columns. NOT NULL is implied by the key of a
# WITHOUT ROWID table and by a single INTEGER key column, whose numbers SQLite assigns.
_COLUMNS_AS_JSON = """
    SELECT '[' || json_group_array(json_array(c.pk, c.name)) FILTER (WHERE c.pk) || ','
        || iif(max(c.hidden) > 1, 'true', 'false') || ',' || json_group_array(json_patch(json_object(
            'name', c.name, 'type', c.type,
            'nullable', json(iif(c."notnull" OR c.pk AND (t.wr OR c.is_rowid), 'false', 'true')),
            'primary_key', json(iif(c.pk, 'true', 'false')), 'comment', NULL
        ), CASE
            WHEN c.is_rowid THEN '{"generated":"identity"}'
            WHEN c.dflt_value IS NOT NULL THEN json_object('default', c.dflt_value)
            ELSE '{}'
        END)) || ']'
    FROM (
        SELECT *, pk AND NOT t.wr AND t.single_key AND upper(type) = 'INTEGER' AS is_rowid
        FROM pragma_table_xinfo(t.name)
    ) AS c
    WHERE c.hidden <> 1
"""
COLUMNS = f"SELECT t.name, t.type, t.wr, ({_COLUMNS_AS_JSON}) FROM ({OBJECTS}) AS t"  # noqa: S608 - both constant
TABLE_COLUMNS = f"SELECT ({_COLUMNS_AS_JSON}) FROM (SELECT ?1 AS name, ?2 AS wr, ?3 AS single_key) AS t"  # noqa: S608
FOREIGN_KEYS = """
    SELECT t.name, f.id, f.seq, f."from", f."table", f."to"
    FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f
    WHERE t.schema = 'main' AND t.type = 'table'
    ORDER BY t.name, f.id DESC, f.seq
"""
# One row for each column; a part of an index that is an expression has no column.
INDEXES = """
    SELECT t.name, i.name, i."unique", i.origin = 'pk', c.name
    FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
    WHERE t.schema = 'main' AND t.type = 'table' AND NOT i.partial
    ORDER BY t.name, i.name, c.seqno
"""
TABLE_TEXTS = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
# The texts that may have a check.
CHECK_TEXTS = f"{TABLE_TEXTS} AND sql LIKE '%check%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
VIEW_TEXTS = "SELECT name, sql FROM sqlite_master WHERE type = 'view'"
STATISTICS = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"


class TableColumns(msgspec.Struct, array_like=True):
    """The columns of one table: the primary key by position, and all columns as JSON."""

    key: list[tuple[int, str]]
    has_generated: bool
    all: msgspec.Raw


COLUMNS_DECODER = msgspec.json.Decoder(TableColumns)
COLUMN_DECODER = msgspec.json.Decoder(list[Column])
NO_COLUMNS = "[[],false,[]]"


def introspect(target: Target) -> Schema:
    """Read the schema of the main database of a file."""
    unknown = set(target.schemas or []) - {"main"}
    if unknown:
        raise BadRequestError("schema_not_found", f"SQLite has the schema 'main' only, not '{sorted(unknown)[0]}'")
    path = find_database_file(target.url, "SQLite", ("sqlite", "sqlite3"))
    try:
        with open_file(path, target) as connection:
            tables = _read_names(connection) if target.names_only else _read_tables(connection)
            return Schema(["main"], [table for table in tables if target.selection.selects("main", table.name)])
    except sqlite3.DatabaseError as error:
        cancellation.current().check()
        raise explain(error, path, target) from None


def _read_names(connection: sqlite3.Connection) -> list[EncodedTable]:
    rows = _read_statistics(connection)
    return [_create_table(name, kind, rows) for name, kind, _, _ in connection.execute(OBJECTS).fetchall()]


def _create_table(name: str, kind: str, rows: dict[str, int]) -> EncodedTable:
    return EncodedTable(
        catalog=None,
        db="main",
        name=name,
        kind="view" if kind == "view" else "table",
        estimated_rows=rows.get(name),
        foreign_keys=[],
    )


def _read_tables(connection: sqlite3.Connection) -> list[EncodedTable]:
    rows = _read_statistics(connection)
    tables: dict[str, EncodedTable] = {}
    keys: dict[str, list[str]] = {}
    with_generated: list[str] = []
    for name, kind, without_rowid, text in _read_objects(connection):
        columns = _read_columns(connection, name, without_rowid, text)
        keys[name.lower()] = [column for _, column in sorted(columns.key)]
        table = tables[name.lower()] = _create_table(name, kind, rows)
        table.columns = columns.all
        if columns.has_generated:
            with_generated.append(name)
    _add_generated(connection, tables, with_generated)
    _add_texts(connection, tables)
    _add_indexes(connection, tables)
    _add_foreign_keys(connection, tables, keys)
    return list(tables.values())


Object = tuple[str, str, int, str]


def _read_objects(connection: sqlite3.Connection) -> list[Object]:
    """Read all objects in one query, or one by one if a view over a missing table fails it."""
    try:
        return connection.execute(COLUMNS).fetchall()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
    return [
        (
            name,
            kind,
            without_rowid,
            _read_table_columns(connection, name, without_rowid, has_single_key=True) or NO_COLUMNS,
        )
        for name, kind, without_rowid, _ in connection.execute(OBJECTS).fetchall()
    ]


def _read_columns(connection: sqlite3.Connection, name: str, without_rowid: int, text: str) -> TableColumns:
    columns = COLUMNS_DECODER.decode(text)
    if len(columns.key) > 1:
        columns = COLUMNS_DECODER.decode(
            _read_table_columns(connection, name, without_rowid, has_single_key=False) or text
        )
    return columns


def _read_table_columns(
    connection: sqlite3.Connection, name: str, without_rowid: int, *, has_single_key: bool
) -> str | None:
    with contextlib.suppress(sqlite3.OperationalError):
        (text,) = connection.execute(TABLE_COLUMNS, (name, without_rowid, has_single_key)).fetchone()
        return str(text)
    return None


def _add_generated(connection: sqlite3.Connection, tables: dict[str, EncodedTable], names: list[str]) -> None:
    """Add the expressions of generated columns."""
    if not names:
        return
    from ktx_daemon.warehouses.sqlite.generated import find_expressions

    texts = dict(connection.execute(TABLE_TEXTS).fetchall())
    for name in names:
        expressions = find_expressions(texts[name])
        table = tables[name.lower()]
        columns = COLUMN_DECODER.decode(table.columns)
        for column in columns:
            if column.name in expressions:
                column.generated = expressions[column.name]
        table.columns = msgspec.Raw(msgspec.json.encode(columns))


def _add_texts(connection: sqlite3.Connection, tables: dict[str, EncodedTable]) -> None:
    """Add what only the texts of the schema have: the definitions of views, and checks."""
    for name, sql in connection.execute(VIEW_TEXTS):
        if table := tables.get(name.lower()):
            table.define(sql)
    for name, sql in connection.execute(CHECK_TEXTS):
        from ktx_daemon.warehouses.sqlite.generated import find_checks

        if (table := tables.get(name.lower())) and (checks := find_checks(sql)):
            table.checks = msgspec.Raw(msgspec.json.encode(checks))


def _add_indexes(connection: sqlite3.Connection, tables: dict[str, EncodedTable]) -> None:
    """Add the indexes by whole columns and the unique keys."""
    for name, rows in itertools.groupby(connection.execute(INDEXES), lambda row: row[0]):
        indexes: list[Index] = []
        unique_keys: list[list[str]] = []
        for (index, is_unique, is_key), parts in itertools.groupby(rows, lambda row: row[1:4]):
            columns = [column for *_, column in parts]
            if None not in columns:
                indexes.append(Index(index, columns, bool(is_unique)))
                if is_unique and not is_key:
                    unique_keys.append(columns)
        table = tables[name.lower()]
        if indexes:
            table.indexes = msgspec.Raw(msgspec.json.encode(indexes))
        if unique_keys:
            table.unique_keys = msgspec.Raw(msgspec.json.encode(unique_keys))


def _add_foreign_keys(
    connection: sqlite3.Connection, tables: dict[str, EncodedTable], keys: dict[str, list[str]]
) -> None:
    for name, _, position, from_column, to_table, to_column in connection.execute(FOREIGN_KEYS):
        parent = tables.get(to_table.lower())
        key = keys[to_table.lower()] if parent else []
        # A reference without columns is to the primary key.
        implied = key[position] if position < len(key) else None
        tables[name.lower()].foreign_keys.append(
            ForeignKey(
                from_column, "main", parent.name if parent else to_table, to_column or implied, None, position + 1
            )
        )


def _read_statistics(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the row counts of ANALYZE by table, if it was run."""
    try:
        return dict(connection.execute(STATISTICS).fetchall())
    except sqlite3.OperationalError:
        return {}
