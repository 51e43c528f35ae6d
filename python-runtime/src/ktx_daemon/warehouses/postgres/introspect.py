"""Introspection of PostgreSQL through its catalog: one query for each kind of object.

A partitioned table is reported as one table, without its partitions.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import ServerUrl, Target
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import FACTS, EncodedTable, ForeignKey, Parent, Schema, Variant
from ktx_daemon.warehouses.postgres.catalog_sql import COLUMNS_OF_THE_CATALOG, DEFINITIONS, SCHEMAS, TYPES, Catalog
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.enums import find_values
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import LockedError, Session

# From this number of tables on, foreign keys and indexes are read concurrently in a second session.
PARALLEL_TABLE_COUNT = 500
# A table that is being changed is locked; the scan does not wait for it as long as for a statement.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = 2000"
# Values of `pg_class.relkind`.
VIEWS = ("v", "m")
VARIANTS: dict[str, Variant] = {"m": "materialized_view", "f": "foreign_table", "p": "partitioned_table"}

Tables = dict[tuple[str, str], EncodedTable]
QueryAll = Callable[[list[str], list[str]], list[list[Any]] | None]


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or all but the system's."""
    url = parse_url(target.url)
    with open_session(url, target) as session:
        schemas = _select_schemas(session, target.schemas)
        catalog = Catalog({name for (name,) in session.query(COLUMNS_OF_THE_CATALOG)})
        tables = _read_relations(session, catalog, schemas, target.selection)
        details = _Details(session, catalog, schemas, tables, functools.partial(_query_in_second_session, url, target))
        warnings = [] if target.names_only else details.add()
        warnings += session.warnings()
    return Schema(schemas, list(tables.values()), warnings, facts=details.facts)


@dataclass
class _Details:
    """Adds columns, keys, indexes, checks and definitions to the tables."""

    session: Session
    catalog: Catalog
    schemas: list[str]
    tables: Tables
    query_in_second_session: QueryAll
    facts: int = FACTS

    def add(self) -> list[str]:
        """Add all; if a table is locked, no expressions, and return a warning."""
        self.session.query(f"SAVEPOINT details; {LOCK_TIMEOUT}")
        try:
            self._add_all()
        except LockedError:
            self.session.query("ROLLBACK TO SAVEPOINT details")
            self.catalog, self.facts = dataclasses.replace(self.catalog, decodes=False), 0
            self._add_all()
            return ["A table is locked: defaults, generated columns, checks and definitions of views are not read"]
        return []

    def _add_all(self) -> None:
        decodes = self.catalog.decodes
        queries = [self.catalog.foreign_keys(), self.catalog.indexes(), *([self.catalog.checks()] if decodes else [])]
        with ThreadPoolExecutor(1) as second_session:
            pending = (
                second_session.submit(
                    contextvars.copy_context().run, self.query_in_second_session, queries, self.schemas
                )
                if len(self.tables) >= PARALLEL_TABLE_COUNT
                else None
            )
            _add_columns(self.session, self.catalog, self.schemas, self.tables)
            found = pending.result() if pending else None
        foreign_keys, indexes, *checks = found or [self.session.query(sql, schemas=self.schemas) for sql in queries]
        _add_foreign_keys(foreign_keys, self.tables)
        _add_indexes(indexes, self.tables)
        _add_checks(checks[0] if checks else [], self.tables)
        if decodes and any(table.kind == "view" for table in self.tables.values()):
            _add_definitions(self.session.query(DEFINITIONS, schemas=self.schemas), self.tables)


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
    for schema, name, letter, *details in session.query(catalog.relations(), schemas=schemas):
        if selection.selects(schema, name):
            tables[schema, name] = _describe(EncodedTable(session.database, schema, name, "table"), letter, *details)
    for schema, name, parent_schema, parent in session.query(catalog.parents(), schemas=schemas):
        if table := tables.get((schema, name)):
            table.parents = [*(table.parents or []), Parent(parent_schema, parent)]
    return tables


def _describe(
    table: EncodedTable,
    letter: str,
    comment: str | None,
    rows: float | None,
    size: int | None,
    has_policies: bool,
    is_readable: bool,
    partition_key: str | None,
) -> EncodedTable:
    """Add what `pg_class` says of a table or a view."""
    table.kind = "view" if letter in VIEWS else "table"
    table.comment = comment
    table.foreign_keys = []
    table.estimated_rows = None if rows is None else round(rows)
    if rows is not None and size is not None:
        table.bytes = int(size)
    table.partition_key = partition_key or UNSET
    table.variant = VARIANTS.get(letter, UNSET)
    if has_policies:
        table.row_security = True
    if not is_readable:
        table.readable = False
    return table


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


def _add_checks(rows: list[Any], tables: Tables) -> None:
    for schema, name, checks in rows:
        if table := tables.get((schema, name)):
            table.checks = msgspec.Raw(checks)


def _add_definitions(rows: list[Any], tables: Tables) -> None:
    for schema, name, sql in rows:
        if table := tables.get((schema, name)):
            table.define(sql)


def _query_in_second_session(
    url: ServerUrl, target: Target, queries: list[str], schemas: list[str]
) -> list[list[Any]] | None:
    """Run queries in a second session; None if the server does not accept one."""
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(open_session(url, target))
        except BadRequestError:
            return None
        session.query(LOCK_TIMEOUT)
        return [session.query(sql, schemas=schemas) for sql in queries]
