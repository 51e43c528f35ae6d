"""Rows of SHOW, which needs no warehouse, and returns at most 10,000 of them."""

from __future__ import annotations

from typing import Any

from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import literal, quote
from ktx_daemon.warehouses.snowflake.scopes import Scope

MAX_ROWS = 10_000

Record = dict[str, Any]


def show(session: Session, kind: str, scope: Scope, warnings: list[str]) -> list[Record]:
    """Return the rows of a kind in a scope: by database, and by schema if those are too many."""
    rows: list[Record] = []
    for clause in scope.clauses():
        found = session.query(f"SHOW {kind} IN {clause}")
        if len(found) < MAX_ROWS:
            rows += found
        elif scope.whole:
            rows += show(session, kind, Scope(scope.database, scope.schemas, whole=False), warnings)
        else:
            rows += found
            warnings.append(f"{clause} has more than {MAX_ROWS:,} {kind.lower()}, of which the rest is not read")
    return rows


def show_objects(session: Session, scope: Scope) -> list[Record]:
    """Return tables and views, page by page within each schema if a database has too many."""
    if scope.whole:
        rows = session.query(f"SHOW OBJECTS IN {scope.clauses()[0]}")
        if len(rows) < MAX_ROWS:
            return rows
    return [row for schema in scope.schemas for row in _show_pages(session, scope.database, schema)]


def _show_pages(session: Session, database: str, schema: str) -> list[Record]:
    """Return all objects of a schema: each page begins after the last name of the one before."""
    rows: list[Record] = []
    start = ""
    while True:
        page = session.query(f"SHOW OBJECTS IN SCHEMA {quote(database, schema)} LIMIT {MAX_ROWS}{start}")
        rows += page
        if len(page) < MAX_ROWS:
            return rows
        start = f" FROM {literal(page[-1]['name'])}"
