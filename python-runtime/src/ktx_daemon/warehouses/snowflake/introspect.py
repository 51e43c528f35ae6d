"""Introspection of Snowflake: a few statements for each database.

Columns come from the information schema, which needs a running warehouse. The names alone, and keys, come from SHOW,
which does not: testing a connection resumes no warehouse.
"""

from __future__ import annotations

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.tables import Schema
from ktx_daemon.warehouses.snowflake.columns import read_columns
from ktx_daemon.warehouses.snowflake.connect import Session, open_session
from ktx_daemon.warehouses.snowflake.governance import read_governance
from ktx_daemon.warehouses.snowflake.keys import read_keys
from ktx_daemon.warehouses.snowflake.scopes import Scope, select_scopes
from ktx_daemon.warehouses.snowflake.state import describe_role, describe_warehouse
from ktx_daemon.warehouses.snowflake.tables import Tables, list_tables, read_tables


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or those of the URL's database."""
    warnings: list[str] = []
    with open_session(target) as session:
        scopes = select_scopes(session, target.schemas)
        tables: Tables = {}
        for scope in scopes:
            tables |= _read(session, scope, target, warnings)
        if target.names_only:
            warnings += [*describe_warehouse(session), *describe_role(session)]
    return Schema(_names(scopes), list(tables.values()), warnings)


def _read(session: Session, scope: Scope, target: Target, warnings: list[str]) -> Tables:
    if target.names_only:
        return list_tables(session, scope, target.selection)
    tables = read_tables(session, scope, target.selection)
    if tables:
        read_columns(session, scope, tables, warnings)
        read_keys(session, scope, tables, warnings)
        read_governance(session, scope, tables, warnings)
    return tables


def _names(scopes: list[Scope]) -> list[str]:
    """Return the names of the schemas, with that of their database if there are several."""
    prefix = len(scopes) > 1
    return [f"{scope.database}.{name}" if prefix else name for scope in scopes for name in scope.schemas]
