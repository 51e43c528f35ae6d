"""Introspection of MySQL and MariaDB through the information schema: one query for each kind of object."""

from __future__ import annotations

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Column, ForeignKey, Schema, Table
from ktx_daemon.warehouses.mysql.connect import Session, open_session

SCHEMAS = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
TABLES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES
    WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW', 'SYSTEM VIEW') AND TABLE_SCHEMA IN ({schemas})
"""
COLUMNS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT
    FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA IN ({schemas}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""
FOREIGN_KEYS = """
    SELECT TABLE_SCHEMA, TABLE_NAME,
        COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, CONSTRAINT_NAME
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA IN ({schemas})
    ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""

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
    for schema, name, kind, comment, rows in session.query(TABLES.format(schemas=_marks(schemas)), schemas):
        if not selection.selects(schema, name):
            continue
        is_view = "VIEW" in kind
        tables[schema, name] = Table(
            catalog=None,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=None if is_view else comment or None,  # the comment of a view is the word VIEW
            estimated_rows=None if is_view else rows,
            columns=[],
            foreign_keys=[],
        )
    return tables


def _marks(schemas: list[str]) -> str:
    return ", ".join(["%s"] * len(schemas))


def _add_details(session: Session, schemas: list[str], tables: Tables) -> None:
    """Add columns and foreign keys."""
    marks = _marks(schemas)
    for schema, name, column, kind, nullable, key, comment in session.query(COLUMNS.format(schemas=marks), schemas):
        if table := tables.get((schema, name)):
            table.columns.append(Column(column, kind, nullable == "YES", key == "PRI", comment or None))
    for schema, name, *parts in session.query(FOREIGN_KEYS.format(schemas=marks), schemas):
        if table := tables.get((schema, name)):
            table.foreign_keys.append(ForeignKey(*parts))
