"""Comparison of a model with the newest scan of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import SemanticError, format_near_matches, format_suggestion
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Column, ColumnType
from semantic_layer.model.tables import Table, TableColumn
from semantic_layer.rows.physical import expand_column
from semantic_layer.scaffolding.scaffold import column_type
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parse_table

# The schema of unqualified tables; in the other dialects it depends on the connection.
_DEFAULT_SCHEMA = {
    "duckdb": "main",
    "postgres": "public",
    "redshift": "public",
    "sqlite": "main",
    "tsql": "dbo",
}
# Dialects in which a scan covers only the schema of the connection.
_WITH_ONE_SCHEMA = {"mysql", "clickhouse"}
_CASE_SENSITIVE = {"postgres", "clickhouse"}

# Pseudo-columns that every table has and scans do not list.
_PSEUDO = {
    "postgres": {"ctid", "oid", "tableoid", "xmin", "xmax", "cmin", "cmax"},
    "sqlite": {"rowid", "_rowid_", "oid"},
    "duckdb": {"rowid", "filename", "file_row_number"},
    "mysql": {"_rowid"},
    "databricks": {"_metadata"},
}
_PSEUDO_PREFIX = {"bigquery": "_", "clickhouse": "_", "snowflake": "metadata$", "tsql": "$", "trino": "$"}
# Functions without parentheses, which some dialects parse as columns.
_CALLS_WITHOUT_PARENTHESES = {
    "current_catalog",
    "current_database",
    "current_role",
    "current_schema",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
    "system_user",
    "user",
}

_TEXT = re.compile(
    r"^(nullable\(|lowcardinality\()*(n?(var)?char|character|bpchar|string|fixedstring|(tiny|medium|long)?text)", re.I
)
# Dialects in which booleans may be stored as numbers.
_WITHOUT_BOOLEANS = {"mysql", "sqlite", "tsql"}


@dataclass(frozen=True)
class Difference:
    """A difference between the model and the database."""

    where: str
    message: str
    is_error: bool


class Scan:
    """The tables of a scan, by lower-case name."""

    def __init__(self, tables: list[Table], dialect: SqlDialect) -> None:
        self._dialect = dialect
        self._tables: dict[str, list[Table]] = {}
        for table in tables:
            self._tables.setdefault(table.name.lower(), []).append(table)
        self._schemas = {(table.db or "").lower() for table in tables}
        self._catalogs = {table.catalog.lower() for table in tables if table.catalog}

    def differences(self, node: Node) -> Iterator[Difference]:
        """Yield the differences of a source with a table; an invalid table is reported by another check."""
        try:
            reference = parse_table(node.source.table or "", self._dialect)
        except SemanticError:
            return
        tables = self._find_tables(reference)
        if not tables:
            yield self._missing_table(node, reference)
            return
        for name, column in node.fields.columns.items():
            if column.measure is None:
                yield from self._compare_column(node, name, column, tables)

    def profiled_column(self, node: Node, name: str) -> tuple[Table, TableColumn] | None:
        """Return the physical column of a column without an expression, and its table, if it was profiled."""
        column = node.fields.columns.get(name)
        if not node.source.table or column is None or column.expr is not None or column.measure is not None:
            return None
        try:
            tables = self._find_tables(parse_table(node.source.table, self._dialect))
        except SemanticError:
            return None
        found = self._find_column(tables[0], name) if len(tables) == 1 else None
        return (tables[0], found) if found is not None and found.facts is not None else None

    def _find_tables(self, reference: exp.Table) -> list[Table]:
        """Return the tables that match a reference: several if it has no schema."""
        parts = [reference.db, reference.catalog]
        matches = self._tables.get(reference.name.lower(), [])
        matches = [table for table in matches if _is_in_schema(table, parts)]
        exact = [table for table in matches if table.name == reference.name]
        return exact or matches

    def _missing_table(self, node: Node, reference: exp.Table) -> Difference:
        text = node.source.table
        schema = reference.db or _DEFAULT_SCHEMA.get(self._dialect.name, "")
        is_scanned = schema.lower() in self._schemas or "" in self._schemas
        if not reference.db and self._dialect.name in _WITH_ONE_SCHEMA:
            is_scanned = bool(self._schemas)
        if reference.catalog and self._catalogs and reference.catalog.lower() not in self._catalogs:
            is_scanned = False
        if not is_scanned:
            message = (
                f"The newest scan has no table {text}, and none of its schema: it is not compared with the database"
            )
            return Difference(node.name, message, is_error=False)
        near = format_near_matches(reference.name, [table.name for tables in self._tables.values() for table in tables])
        return Difference(node.name, f"The newest scan has no table {text}{near}", is_error=True)

    def _compare_column(self, node: Node, name: str, column: Column, tables: list[Table]) -> Iterator[Difference]:
        where = f"{node.name}, column '{name}'"
        for physical in self._physical_columns(node, name):
            if not any(self._find_column(table, physical) for table in tables):
                known = [other.name for table in tables for other in table.columns]
                message = f"The table {node.source.table} has no column '{physical}' in the newest scan"
                yield Difference(where, message + format_suggestion(physical, known), is_error=True)
        if column.expr is None:
            columns = [self._find_column(table, name) for table in tables]
            types = {other.type for other in columns if other}
            if types and all(self._contradicts(column.type, sql_type) for sql_type in types):
                message = f"It is declared {column.type}, but the database has {' and '.join(sorted(types))}"
                yield Difference(where, message, is_error=False)

    def _physical_columns(self, node: Node, name: str) -> Iterator[str]:
        """Yield the physical columns that a column reads and that are not declared themselves."""
        if node.fields.columns[name].expr is None:
            if not self._is_pseudo(name):
                yield name
            return
        try:
            tree = expand_column(node, name, node.name, self._dialect)
        except SemanticError:
            return
        seen = set()
        for reference in tree.find_all(exp.Column):
            quoted = bool(reference.this.args.get("quoted"))
            physical = reference.name
            declared = node.fields.columns.get(physical)
            is_checked_separately = declared is not None and declared.expr is None
            is_call = not quoted and physical.lower() in _CALLS_WITHOUT_PARENTHESES
            if physical in seen or is_checked_separately or is_call or self._is_pseudo(physical) or not physical:
                continue
            if isinstance(reference.this, exp.Identifier):
                seen.add(physical)
                yield physical if quoted else self._dialect.fold_name(physical)

    def _find_column(self, table: Table, name: str) -> TableColumn | None:
        exact = next((column for column in table.columns if column.name == name), None)
        if exact is not None or self._dialect.name in _CASE_SENSITIVE:
            return exact
        return next((column for column in table.columns if column.name.lower() == name.lower()), None)

    def _is_pseudo(self, name: str) -> bool:
        prefix = _PSEUDO_PREFIX.get(self._dialect.name)
        lowered = name.lower()
        return lowered in _PSEUDO.get(self._dialect.name, set()) or (prefix is not None and lowered.startswith(prefix))

    def _contradicts(self, declared: ColumnType, sql_type: str) -> bool:
        """Return whether a value of the SQL type cannot be of the declared type."""
        actual = column_type(sql_type)
        if actual == declared or not sql_type.strip():
            return False
        if actual == "string" and not _TEXT.search(sql_type.strip()):
            return False
        if self._dialect.name == "sqlite" and declared == "time":
            return False
        return not ({declared, actual} == {"boolean", "number"} and self._dialect.name in _WITHOUT_BOOLEANS)


def _is_in_schema(table: Table, parts: list[str]) -> bool:
    qualifiers = [table.db, table.catalog]
    pairs = zip(parts, qualifiers, strict=True)
    return all(not part or not qualifier or part.lower() == qualifier.lower() for part, qualifier in pairs)


def differences(nodes: Iterable[Node], scan: Scan) -> Iterator[tuple[Node, Difference]]:
    """Yield the differences of all sources with a table. Types are only compared if they are known."""
    for node in nodes:
        if node.source.table:
            for difference in scan.differences(node):
                yield node, difference
