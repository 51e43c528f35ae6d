"""Introspection of Spark by its SHOW and DESCRIBE statements, as it has no information schema.

The tables of a schema are listed by one statement, and each table is described by another one; as many at a time as the
connection may run.
"""

from __future__ import annotations

import contextvars
import queue
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.concurrency import spare
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.tables import Schema, Table
from ktx_daemon.warehouses.spark.connect import open_session
from ktx_daemon.warehouses.spark.describe import add_json_description, add_text_description
from ktx_daemon.warehouses.spark.server import split_database
from ktx_daemon.warehouses.spark.session import Session
from ktx_daemon.warehouses.spark.statements import quote_path

SYSTEM_SCHEMAS = ("information_schema", "global_temp")
# A further session pays from this number of tables on.
TABLES_OF_SESSION = 50
MAX_WARNINGS = 20
# Rows of `SHOW VIEWS` and `SHOW TABLES`: the schema, the name, and whether it is temporary; Sail has other views.
LISTED = 3

Name = tuple[str | None, str]


def introspect(target: Target) -> Schema:
    """Read the requested schemas, that of the URL, or all of the catalog."""
    with open_session(target) as session:
        schemas = _select_schemas(session, target.schemas)
        tables = [
            table for schema in schemas for table in _list_tables(session, *schema) if _is_selected(target, table)
        ]
        warnings = [] if target.names_only else _Descriptions(target, tables).add(session)
    return Schema([_display(*schema) for schema in schemas], tables, warnings)


def _is_selected(target: Target, table: Table) -> bool:
    return target.selection.selects(table.db, table.name)


def _display(catalog: str | None, schema: str) -> str:
    return schema if catalog is None else f"{catalog}.{schema}"


def _select_schemas(session: Session, requested: list[str] | None) -> list[Name]:
    """Return the names of schemas, with the catalog where the connection or the request names one."""
    server = session.server
    if not requested:
        if server.schema is not None:
            return [(server.catalog, server.schema)]
        names = _list_schemas(session, None)
        return [(None, name) for name in names if name.lower() not in SYSTEM_SCHEMAS]
    found = []
    for text in requested:
        catalog, schema = split_database(text)
        catalog = catalog or server.catalog
        existing = {name.lower(): name for name in _list_schemas(session, catalog)}
        if schema is None or schema.lower() not in existing:
            detail = f"{server} has no schema '{text}', or the user may not see it"
            raise BadRequestError("schema_not_found", detail)
        found.append((catalog, existing[schema.lower()]))
    return sorted(set(found), key=lambda name: (name[0] or "", name[1]))


def _list_schemas(session: Session, catalog: str | None) -> list[str]:
    place = "" if catalog is None else f" IN {quote_path(catalog)}"
    return sorted(row[0] for row in session.query(f"SHOW NAMESPACES{place}"))


def _list_tables(session: Session, catalog: str | None, schema: str) -> list[Table]:
    place = quote_path(catalog, schema)
    tables = {row[1] for row in session.query(f"SHOW TABLES IN {place}") if not row[2]}
    views = _list_views(session, place)
    return [
        Table(catalog, schema, name, "view" if name in views else "table", columns=[], foreign_keys=[])
        for name in sorted(tables | views)
    ]


def _list_views(session: Session, place: str) -> set[str]:
    """Return the views of a schema; a catalog without views refuses the statement."""
    try:
        rows = session.query(f"SHOW VIEWS IN {place}")
    except BadRequestError as error:
        if error.code != "connection_failed":
            raise
        return set()
    return {row[1] if len(row) == LISTED else row[0] for row in rows if not row[-1]}


class _Descriptions:
    """Describes tables in several sessions, which share the list of those that are left."""

    def __init__(self, target: Target, tables: Sequence[Table]) -> None:
        self._target = target
        self._left: queue.SimpleQueue[Table] = queue.SimpleQueue()
        self._count = len(tables)
        self._has_json: bool | None = None  # not known before the first description
        self._warnings: list[str] = []
        for table in tables:
            self._left.put(table)

    def add(self, session: Session) -> list[str]:
        """Add the descriptions, and return warnings for tables that cannot be described."""
        with spare(self._target, self._count // TABLES_OF_SESSION) as count:
            with ThreadPoolExecutor(count or 1) as pool:
                context = contextvars.copy_context
                futures = [pool.submit(context().run, self._describe_in_new_session) for _ in range(count)]
                self._describe(session)
            for future in futures:
                future.result()
        return self._bounded_warnings()

    def _describe_in_new_session(self) -> None:
        with open_session(self._target) as session:
            self._describe(session)

    def _describe(self, session: Session) -> None:
        try:
            while not self._left.empty():
                self._describe_table(session, self._left.get_nowait())
        except queue.Empty:
            return  # another session has taken the last one
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        while not self._left.empty():
            self._left.get_nowait()

    def _describe_table(self, session: Session, table: Table) -> None:
        name = quote_path(table.catalog, table.db, table.name)
        try:
            if self._has_json is False or not self._describe_as_json(session, table, name):
                add_text_description(table, session.query(f"DESCRIBE TABLE EXTENDED {name}", "introspection_failed"))
                self._has_json = self._has_json or False
        except BadRequestError as error:
            if error.code not in ("introspection_failed", "permission_denied"):
                raise
            self._warnings.append(f"{name} cannot be described: {error.detail}")

    def _describe_as_json(self, session: Session, table: Table, name: str) -> bool:
        """Describe a table in JSON, which servers before Spark 4 and tables of some catalogs lack."""
        try:
            rows: Any = session.query(f"DESCRIBE TABLE EXTENDED {name} AS JSON", "introspection_failed")
            add_json_description(table, rows[0][0])
        except (BadRequestError, LookupError, ValueError) as error:
            if isinstance(error, BadRequestError) and error.code != "introspection_failed":
                raise
            table.columns.clear()
            return False
        self._has_json = True
        return True

    def _bounded_warnings(self) -> list[str]:
        shown, rest = sorted(self._warnings)[:MAX_WARNINGS], len(self._warnings) - MAX_WARNINGS
        return [*shown, f"{rest} more tables cannot be described"] if rest > 0 else shown
