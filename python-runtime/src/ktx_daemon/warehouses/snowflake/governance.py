"""Tags and policies of tables and columns, from the account's own usage, up to two hours late.

The information schema has them by object only, which would be a statement for each table.
"""

from __future__ import annotations

from msgspec import UNSET

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.model.tables import Column, Table
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import literal
from ktx_daemon.warehouses.snowflake.scopes import Scope
from ktx_daemon.warehouses.snowflake.show import Record
from ktx_daemon.warehouses.snowflake.tables import Tables

# Tags that an object has itself: those of its schema or database are not repeated for it.
TAGS = """
    SELECT object_schema AS schema_name, object_name AS table_name, column_name,
        tag_database || '.' || tag_schema || '.' || tag_name AS tag, tag_value
    FROM SNOWFLAKE.ACCOUNT_USAGE.TAG_REFERENCES
    WHERE object_database = {database} AND object_deleted IS NULL AND (domain = 'COLUMN' OR domain LIKE '%TABLE%'
        OR domain LIKE '%VIEW%') ORDER BY tag, tag_value
"""
POLICIES = """
    SELECT ref_schema_name AS schema_name, ref_entity_name AS table_name, ref_column_name AS column_name, policy_kind,
        policy_db || '.' || policy_schema || '.' || policy_name AS policy
    FROM SNOWFLAKE.ACCOUNT_USAGE.POLICY_REFERENCES
    WHERE ref_database_name = {database} AND policy_kind IN ('MASKING_POLICY', 'ROW_ACCESS_POLICY') ORDER BY policy
"""
REFUSALS = ("permission_denied", "introspection_failed")


def read_governance(session: Session, scope: Scope, tables: Tables, warnings: list[str]) -> None:
    """Add tags as labels, masking policies, and the mark of row access policies; a missing right is a warning."""
    try:
        for row in _read(session, TAGS, scope):
            _add_tag(row, *_find(tables, scope, row))
        for row in _read(session, POLICIES, scope):
            _add_policy(row, *_find(tables, scope, row))
    except BadRequestError as error:
        if error.code not in REFUSALS:
            raise
        warnings.append(
            f"Tags and policies of {scope.database} are not read, as the role {session.role or ''} may not. Ask for: "
            f"GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE {session.role or '…'}"
        )


def _read(session: Session, sql: str, scope: Scope) -> list[Record]:
    return session.query(sql.format(database=literal(scope.database)), "introspection_failed")


def _find(tables: Tables, scope: Scope, row: Record) -> tuple[Table | None, Column | None]:
    table = tables.get((scope.database, row["schema_name"], row["table_name"]))
    columns = table.columns if table and row["column_name"] else []
    return table, next((column for column in columns if column.name == row["column_name"]), None)


def _add_tag(row: Record, table: Table | None, column: Column | None) -> None:
    owner = column if row["column_name"] else table
    if owner is not None:
        labels = {} if owner.labels is UNSET else owner.labels
        owner.labels = {**labels, row["tag"]: row["tag_value"] or ""}


def _add_policy(row: Record, table: Table | None, column: Column | None) -> None:
    if row["policy_kind"] == "MASKING_POLICY":
        if column is not None:
            column.masking_policy = row["policy"]
    elif table is not None:
        table.row_security = True
