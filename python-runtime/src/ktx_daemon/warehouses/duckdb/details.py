"""Constraints, indexes and generated columns of DuckDB tables, some of which only the text of a statement has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from msgspec import UNSET
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from ktx_daemon.warehouses.model.tables import Check, Column, Index, Table

CONSTRAINTS = """
    SELECT schema_name, table_name, constraint_type, constraint_name, constraint_column_names, expression
    FROM duckdb_constraints()
    WHERE database_name = current_database() AND constraint_type IN ('CHECK', 'UNIQUE')
    ORDER BY schema_name, table_name, constraint_index
"""
INDEXES = """
    SELECT schema_name, table_name, index_name, is_unique, sql FROM duckdb_indexes()
    WHERE database_name = current_database() AND NOT is_primary ORDER BY schema_name, table_name, index_name
"""
# DuckDB has the expression of a generated column in the place of its default.
GENERATED = """
    SELECT schema_name, table_name, sql FROM duckdb_tables()
    WHERE database_name = current_database() AND contains(upper(sql), 'GENERATED ALWAYS AS')
"""
ENUM = "ENUM("
# sqlglot takes one for an identity, which DuckDB does not have.
GENERATED_CONSTRAINTS = (exp.ComputedColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)

Tables = Mapping[tuple[str, str], Table]


def add_details(connection: Any, tables: Tables) -> None:
    """Add checks, unique keys and indexes, and tell the expressions of generated columns from defaults."""
    for schema, name, kind, constraint, columns, expression in connection.execute(CONSTRAINTS).fetchall():
        if table := tables.get((schema, name)):
            if kind == "CHECK":
                table.checks = [*(table.checks or []), Check(constraint, expression)]
            else:
                _add_unique_key(table, columns)
    for schema, name, index, is_unique, sql in connection.execute(INDEXES).fetchall():
        table, columns = tables.get((schema, name)), _index_columns(sql or "")
        if table and columns:
            table.indexes = [*(table.indexes or []), Index(index, columns, is_unique)]
            if is_unique:
                _add_unique_key(table, columns)
    for schema, name, sql in connection.execute(GENERATED).fetchall():
        if table := tables.get((schema, name)):
            _mark_generated(table.columns, sql)


def describe_column(name: str, kind: str, nullable: bool, is_key: bool, comment: str | None, default: Any) -> Column:
    """Return a column; its default is the expression if it is a generated one."""
    column = Column(name, kind, nullable, is_key, comment)
    if kind.startswith(ENUM):
        tokens = sqlglot.tokenize(kind, read="duckdb")
        column.enum_values = [token.text for token in tokens if token.token_type is TokenType.STRING]
    if default is not None:
        column.default = default
    return column


def _add_unique_key(table: Table, columns: list[str]) -> None:
    keys = table.unique_keys or []
    if columns not in keys:
        table.unique_keys = [*keys, columns]


def _index_columns(sql: str) -> list[str] | None:
    """Return the columns of an index by whole columns."""
    tree = _parse(sql)
    parameters = tree.find(exp.IndexParameters) if tree else None
    columns = parameters.args.get("columns") or [] if parameters else []
    parts = [part.this if isinstance(part, exp.Ordered) else part for part in columns]
    return [part.name for part in parts] if all(isinstance(part, exp.Column) for part in parts) else None


def _mark_generated(columns: list[Column], sql: str) -> None:
    tree = _parse(sql)
    definitions = tree.find_all(exp.ColumnDef) if tree else ()
    names = {each.name for each in definitions if each.find(*GENERATED_CONSTRAINTS)}
    for column in columns:
        if column.name in names:
            column.generated, column.default = column.default, UNSET


def _parse(sql: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError:
        return None
