"""Introspection of PostgreSQL through its catalog: one query for each kind of object.

A partitioned table is reported as one table, without its partitions.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import ServerUrl, Target
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import EncodedTable, ForeignKey, Schema
from ktx_daemon.warehouses.postgres.catalog_sql import COLUMNS_OF_THE_CATALOG, SCHEMAS, TYPES, Catalog
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.enums import find_values
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import Session

# From this number of tables on, foreign keys and indexes are read concurrently in a second session.
PARALLEL_TABLE_COUNT = 500

Tables = dict[tuple[str, str], EncodedTable]
QueryAll = Callable[[list[str], list[str]], list[list[Any]] | None]


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or all but the system's."""
    url = parse_url(target.url)
    with open_session(url, target) as session:
        schemas = _select_schemas(session, target.schemas)
        catalog = Catalog({name for (name,) in session.query(COLUMNS_OF_THE_CATALOG)})
        tables = _read_relations(session, catalog, schemas, target.selection)
        if not target.names_only:
            _add_details(session, catalog, schemas, tables, functools.partial(_query_in_second_session, url, target))
        warnings = session.warnings()
    return Schema(schemas, list(tables.values()), warnings)


def _add_details(
    session: Session, catalog: Catalog, schemas: list[str], tables: Tables, query_in_second_session: QueryAll
) -> None:
    """Add columns, foreign keys and indexes."""
    queries = [catalog.foreign_keys(), catalog.indexes()]
    with ThreadPoolExecutor(1) as second_session:
        pending = (
            second_session.submit(contextvars.copy_context().run, query_in_second_session, queries, schemas)
            if len(tables) >= PARALLEL_TABLE_COUNT
            else None
        )
        _add_columns(session, catalog, schemas, tables)
        found = pending.result() if pending else None
    foreign_keys, indexes = found or [session.query(sql, schemas=schemas) for sql in queries]
    _add_foreign_keys(foreign_keys, tables)
    _add_indexes(indexes, tables)


def _select_schemas(session: Session, requested: list[str] | None) -> list[str]:
    if requested is None:
        return [name for (name,) in session.query(SCHEMAS)]
    existing = {name for (name,) in session.query("SELECT nspname FROM pg_catalog.pg_namespace")}
    for name in requested:
        if name not in existing:
            raise BadRequestError("schema_not_found", f"The database '{session.database}' has no schema '{name}'")
    return sorted(set(requested))


def _read_relations(session: Session, catalog: Catalog, schemas: list[str], selection: Selection) -> Tables:
    tables: Tables = {}
    for schema, name, is_view, comment, rows, size, has_policies in session.query(catalog.relations(), schemas=schemas):
        if not selection.selects(schema, name):
            continue
        table = EncodedTable(
            catalog=session.database,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=comment,
            estimated_rows=None if rows is None else round(rows),
            foreign_keys=[],
        )
        if table.estimated_rows is not None and size is not None:
            table.bytes = int(size)
        if has_policies:
            table.row_security = True
        tables[schema, name] = table
    return tables


def _add_columns(session: Session, catalog: Catalog, schemas: list[str], tables: Tables) -> None:
    values = find_values(session.query(TYPES)) if catalog.has_enums() else {}
    encoded = msgspec.json.encode(values).decode()
    for schema, name, columns in session.query(catalog.table_columns(), schemas=schemas, values=encoded):
        if table := tables.get((schema, name)):
            table.columns = msgspec.Raw(columns)


def _add_indexes(rows: list[Any], tables: Tables) -> None:
    for schema, name, indexes, unique_keys in rows:
        if table := tables.get((schema, name)):
            table.indexes = msgspec.Raw(indexes)
            if unique_keys:
                table.unique_keys = msgspec.Raw(unique_keys)


def _add_foreign_keys(keys: list[Any], tables: Tables) -> None:
    for schema, name, near, to_schema, to_table, far, constraint, is_enforced in keys:
        if table := tables.get((schema, name)):
            key = ForeignKey(near, to_schema, to_table, far, constraint, enforced=is_enforced)
            table.foreign_keys.append(key)


def _query_in_second_session(
    url: ServerUrl, target: Target, queries: list[str], schemas: list[str]
) -> list[list[Any]] | None:
    """Run queries in a second session; None if the server does not accept one."""
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(open_session(url, target))
        except BadRequestError:
            return None
        return [session.query(sql, schemas=schemas) for sql in queries]
