"""Tables of the information schema, and of SHOW."""

from __future__ import annotations

import datetime
from typing import Any

from msgspec import UNSET

from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Kind, Table, Variant
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import literal, quote
from ktx_daemon.warehouses.snowflake.scopes import Scope
from ktx_daemon.warehouses.snowflake.show import Record, show_objects

Tables = dict[tuple[str, str, str], Table]

# Only the role that owns a view sees its definition.
TABLES = """
    SELECT t.table_schema, t.table_name, t.table_type, t.comment, t.row_count, t.bytes, t.clustering_key,
        DATE_PART(EPOCH_SECOND, t.last_altered) AS modified, v.view_definition
    FROM {database}.INFORMATION_SCHEMA.TABLES AS t
    LEFT JOIN {database}.INFORMATION_SCHEMA.VIEWS AS v
        ON v.table_schema = t.table_schema AND v.table_name = t.table_name
    WHERE t.{schemas}
"""
VARIANTS: dict[str, Variant] = {
    "MATERIALIZED VIEW": "materialized_view",
    "EXTERNAL TABLE": "external_table",
    "TEMPORARY TABLE": "temporary_table",
}


def schema_filter(scope: Scope) -> str:
    """Return the condition for rows of the information schema."""
    if scope.whole:
        return "table_schema <> 'INFORMATION_SCHEMA'"
    return f"table_schema IN ({', '.join(map(literal, scope.schemas))})"


def list_tables(session: Session, scope: Scope, selection: Selection) -> Tables:
    """Return the names of tables and views with their sizes, without a warehouse."""
    tables: Tables = {}
    for row in show_objects(session, scope):
        name, schema = row["name"], row["schema_name"]
        if schema in scope.schemas and selection.selects(schema, name):
            table = _table(scope.database, schema, name, row["kind"], row)
            tables[scope.database, schema, name] = table
    return tables


def read_tables(session: Session, scope: Scope, selection: Selection) -> Tables:
    """Return tables and views with comments, sizes, clustering keys and times of changes."""
    sql = TABLES.format(database=quote(scope.database), schemas=schema_filter(scope))
    tables: Tables = {}
    for row in session.iterate(sql, "introspection_failed"):
        name, schema = row["table_name"], row["table_schema"]
        if not selection.selects(schema, name):
            continue
        details = {**row, "rows": row["row_count"], "cluster_by": row["clustering_key"]}
        table = _table(scope.database, schema, name, row["table_type"], details)
        if row["modified"] is not None:
            table.modified_at = datetime.datetime.fromtimestamp(int(row["modified"]), datetime.timezone.utc).isoformat()
        table.define(row.get("view_definition"))
        tables[scope.database, schema, name] = table
    return tables


def _table(database: str, schema: str, name: str, kind: str, row: Record) -> Table:
    is_view = "VIEW" in kind.upper()
    shape: Kind = "view" if is_view else "table"
    table = Table(database, schema, name, shape, row.get("comment") or None, None, [], [])
    table.variant = VARIANTS.get(kind.upper(), UNSET)
    if not is_view:
        table.estimated_rows = _number(row.get("rows"))
        if (size := _number(row.get("bytes"))) is not None:
            table.bytes = size
    if key := row.get("cluster_by"):
        table.sorting_key = _clustering(str(key))
    return table


def _clustering(text: str) -> str:
    """Return the expressions of a clustering key, which is written as `LINEAR(a, b)`."""
    inner = text.strip()
    if inner.upper().startswith("LINEAR(") and inner.endswith(")"):
        inner = inner[len("LINEAR(") : -1]
    return inner.strip()


def _number(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
