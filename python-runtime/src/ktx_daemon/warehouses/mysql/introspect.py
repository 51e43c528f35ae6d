"""Introspection of MySQL and MariaDB through the information schema: one query for each kind of object."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Set as AbstractSet
from typing import Any

import sqlglot
from sqlglot.tokens import TokenType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Check, Column, ForeignKey, Index, Schema, Table
from ktx_daemon.warehouses.mysql.catalog_sql import (
    CHECKS_OF_MARIADB,
    CHECKS_OF_MYSQL,
    COLUMNS,
    DEFINITIONS,
    FOREIGN_KEYS,
    INDEXES,
    OPTIONAL,
    PARTITIONS,
    SCHEMAS,
    TABLES,
)
from ktx_daemon.warehouses.mysql.connect import Session, open_session

PRIMARY_KEY = "PRIMARY"
# MariaDB writes the default of a column that has none in this way.
NO_DEFAULT = "NULL"
TYPES_WITH_VALUES = ("enum(", "set(")

Tables = dict[tuple[str, str], Table]


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or the database of the URL."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    requested = target.schemas or ([url.database] if url.database else [])
    if not requested:
        raise BadRequestError("invalid_url", "The MySQL URL names no database, and no schemas are given")
    with open_session(url, target) as session:
        schemas = _select_schemas(session, requested)
        tables = _read_tables(session, schemas, target.selection)
        if not target.names_only:
            _add_details(session, schemas, tables)
        warnings = session.warnings()
    return Schema(schemas, list(tables.values()), warnings)


def _select_schemas(session: Session, requested: list[str]) -> list[str]:
    existing = {name.lower(): name for (name,) in session.query(SCHEMAS)}
    for name in requested:
        if name.lower() not in existing:
            raise BadRequestError(
                "schema_not_found", f"The server has no database '{name}', or the user may not see it"
            )
    return sorted({existing[name.lower()] for name in requested})


def _read_tables(session: Session, schemas: list[str], selection: Selection) -> Tables:
    tables: Tables = {}
    for schema, name, kind, comment, rows, *storage in _query(session, TABLES, schemas):
        if not selection.selects(schema, name):
            continue
        is_view = "VIEW" in kind
        table = Table(
            catalog=None,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=None if is_view else comment or None,  # the comment of a view is the word VIEW
            estimated_rows=None if is_view else rows,
            columns=[],
            foreign_keys=[],
        )
        if not is_view:
            _add_storage(table, *storage)
        tables[schema, name] = table
    return tables


def _add_storage(table: Table, size: int | None, modified_at: datetime.datetime | None) -> None:
    if size is not None:
        table.bytes = size
    if modified_at is not None:
        table.modified_at = modified_at.replace(tzinfo=datetime.timezone.utc).isoformat()


def _query(session: Session, sql: str, schemas: list[str], **parts: str) -> Any:
    marks = ", ".join(["%s"] * len(schemas))
    return session.query(sql.format(schemas=marks, **parts), schemas)


def _add_details(session: Session, schemas: list[str], tables: Tables) -> None:
    """Add columns, indexes, keys, checks, partitions and the definitions of views."""
    optional = {name.upper() for (name,) in session.query(OPTIONAL)}
    _add_columns(_query(session, COLUMNS, schemas, generated=_generated(optional)), tables)
    for (schema, name), rows in itertools.groupby(_query(session, INDEXES, schemas), lambda row: row[:2]):
        if table := tables.get((schema, name)):
            _add_indexes(table, [row[2:] for row in rows])
    for schema, name, *parts in _query(session, FOREIGN_KEYS, schemas):
        if table := tables.get((schema, name)):
            table.foreign_keys.append(ForeignKey(*parts))
    if "CHECK_CONSTRAINTS.CHECK_CLAUSE" in optional:
        checks = CHECKS_OF_MARIADB if "CHECK_CONSTRAINTS.TABLE_NAME" in optional else CHECKS_OF_MYSQL
        for (schema, name), rows in itertools.groupby(_query(session, checks, schemas), lambda row: row[:2]):
            if table := tables.get((schema, name)):
                table.checks = [Check(constraint, expression) for _, _, constraint, expression in rows]
    for schema, name, method, expression in _query(session, PARTITIONS, schemas):
        if table := tables.get((schema, name)):
            table.partition_key = f"{method} ({expression or ''})"
    if any(table.kind == "view" for table in tables.values()):
        for schema, name, sql in _query(session, DEFINITIONS, schemas):
            if table := tables.get((schema, name)):
                table.define(sql)


def _generated(optional: AbstractSet[str]) -> str:
    return "GENERATION_EXPRESSION" if "COLUMNS.GENERATION_EXPRESSION" in optional else "NULL"


def _add_columns(rows: Any, tables: Tables) -> None:
    """Add the columns, and mark those that the user may not read, and tables of which it may read none."""
    for key, columns in itertools.groupby(rows, lambda row: row[:2]):
        if table := tables.get(tuple(key)):
            hidden: list[Column] = []
            for _, _, *column, is_readable in columns:
                table.columns.append(_create_column(*column))
                if not is_readable:
                    hidden.append(table.columns[-1])
            if len(hidden) == len(table.columns):
                table.readable = False
                continue
            for each in hidden:
                each.readable = False


def _create_column(
    name: str,
    kind: str,
    nullable: str,
    key: str,
    comment: str,
    extra: str,
    expression: str | None,
    default: str | None,
) -> Column:
    column = Column(name, kind, nullable == "YES", key == "PRI", comment or None)
    if kind.startswith(TYPES_WITH_VALUES):
        column.enum_values = parse_values(kind)
    if expression:
        column.generated = expression
    elif "auto_increment" in extra.lower():
        column.generated = "identity"
    elif default is not None and default != NO_DEFAULT:
        column.default = default
    return column


def parse_values(kind: str) -> list[str]:
    """Return the values of a type `enum('a','b')` or `set('a','b')`."""
    return [token.text for token in sqlglot.tokenize(kind, read="mysql") if token.token_type is TokenType.STRING]


def _add_indexes(table: Table, rows: list[Any]) -> None:
    """Add the indexes of a table by whole columns, and its unique keys."""
    indexes: list[Index] = []
    for (name, is_unique), parts in itertools.groupby(rows, lambda row: row[:2]):
        columns = [(column, is_whole) for _, _, column, is_whole in parts]
        if all(column and is_whole for column, is_whole in columns):
            indexes.append(Index(name, [column for column, _ in columns], bool(is_unique)))
    if indexes:
        table.indexes = indexes
    if keys := [index.columns for index in indexes if index.unique and index.name != PRIMARY_KEY]:
        table.unique_keys = keys
