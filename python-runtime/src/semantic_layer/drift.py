"""Compares a model's declarations of tables with the newest scan of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.catalog import Node
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import SemanticError, suggestion
from semantic_layer.expressions import parse_table
from semantic_layer.models import Column, ColumnType
from semantic_layer.physical import column_tree
from semantic_layer.scaffold import column_type
from semantic_layer.tables import Table, TableColumn

# Where a table without a schema is looked for; in the other dialects it depends on the connection.
_DEFAULT_SCHEMA = {
    "duckdb": "main",
    "postgres": "public",
    "redshift": "public",
    "sqlite": "main",
    "tsql": "dbo",
}
# One schema is scanned there, the one that the connection is made to.
_ONE_SCHEMA = {"mysql", "clickhouse"}
_CASE_SENSITIVE = {"postgres", "clickhouse"}

# Columns that every table has and no scan lists.
_PSEUDO = {
    "postgres": {"ctid", "oid", "tableoid", "xmin", "xmax", "cmin", "cmax"},
    "sqlite": {"rowid", "_rowid_", "oid"},
    "duckdb": {"rowid", "filename", "file_row_number"},
    "mysql": {"_rowid"},
    "databricks": {"_metadata"},
}
_PSEUDO_PREFIX = {"bigquery": "_", "clickhouse": "_", "snowflake": "metadata$", "tsql": "$", "trino": "$"}
# Functions without parentheses, which some dialects read as columns.
_CALLS = {
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
# A yes or no may be kept as a number there.
_WITHOUT_BOOLEANS = {"mysql", "sqlite", "tsql"}


@dataclass(frozen=True)
class Difference:
    """Something that the database does not have in the way that the model says."""

    where: str
    message: str
    is_error: bool


class Scan:
    """The tables of a scan, by their names in lower case."""

    def __init__(self, tables: list[Table], dialect: SqlDialect) -> None:
        self._dialect = dialect
        self._tables: dict[str, list[Table]] = {}
        for table in tables:
            self._tables.setdefault(table.name.lower(), []).append(table)
        self._schemas = {(table.db or "").lower() for table in tables}
        self._catalogs = {table.catalog.lower() for table in tables if table.catalog}

    def differences(self, node: Node) -> Iterator[Difference]:
        """Compare one source; a query of its own is not compared, and what is no table is another check's error."""
        try:
            reference = parse_table(node.source.table or "", self._dialect)
        except SemanticError:
            return
        tables = self._meant(reference)
        if not tables:
            yield self._no_table(node, reference)
            return
        for name, column in node.fields.columns.items():
            yield from self._column(node, name, column, tables)

    def _meant(self, reference: exp.Table) -> list[Table]:
        """Return the tables that a reference may mean: several where it has no schema."""
        parts = [reference.db, reference.catalog]
        found = self._tables.get(reference.name.lower(), [])
        found = [table for table in found if _is_in(table, parts)]
        exact = [table for table in found if table.name == reference.name]
        return exact or found

    def _no_table(self, node: Node, reference: exp.Table) -> Difference:
        text = node.source.table
        schema = reference.db or _DEFAULT_SCHEMA.get(self._dialect.name, "")
        is_scanned = schema.lower() in self._schemas or "" in self._schemas
        if not reference.db and self._dialect.name in _ONE_SCHEMA:
            is_scanned = bool(self._schemas)
        if reference.catalog and self._catalogs and reference.catalog.lower() not in self._catalogs:
            is_scanned = False
        if not is_scanned:
            message = (
                f"The newest scan has no table {text}, and none of its schema: it is not compared with the database"
            )
            return Difference(node.name, message, is_error=False)
        near = suggestion(reference.name, [table.name for tables in self._tables.values() for table in tables])
        near = near if near.startswith("; did you mean") else ""
        return Difference(node.name, f"The newest scan has no table {text}{near}", is_error=True)

    def _column(self, node: Node, name: str, column: Column, tables: list[Table]) -> Iterator[Difference]:
        where = f"{node.name}, column '{name}'"
        for physical in self._physical(node, name):
            if not any(self._find(table, physical) for table in tables):
                known = [other.name for table in tables for other in table.columns]
                message = f"The table {node.source.table} has no column '{physical}' in the newest scan"
                yield Difference(where, message + suggestion(physical, known), is_error=True)
        if column.expr is None:
            found = [self._find(table, name) for table in tables]
            types = {other.type for other in found if other}
            if types and all(self._contradicts(column.type, sql_type) for sql_type in types):
                message = f"It is declared {column.type}, but the database has {' and '.join(sorted(types))}"
                yield Difference(where, message, is_error=False)

    def _physical(self, node: Node, name: str) -> Iterator[str]:
        """Return the columns of the table that a column reads, and that have no declaration of their own."""
        if node.fields.columns[name].expr is None:
            if not self._is_pseudo(name):
                yield name
            return
        try:
            tree = column_tree(node, name, node.name, self._dialect)
        except SemanticError:
            return
        seen = set()
        for reference in tree.find_all(exp.Column):
            quoted = bool(reference.this.args.get("quoted"))
            physical = reference.name
            declared = node.fields.columns.get(physical)
            is_checked_itself = declared is not None and declared.expr is None
            is_call = not quoted and physical.lower() in _CALLS
            if physical in seen or is_checked_itself or is_call or self._is_pseudo(physical) or not physical:
                continue
            if isinstance(reference.this, exp.Identifier):
                seen.add(physical)
                yield physical if quoted else self._dialect.folded(physical)

    def _find(self, table: Table, name: str) -> TableColumn | None:
        exact = next((column for column in table.columns if column.name == name), None)
        if exact is not None or self._dialect.name in _CASE_SENSITIVE:
            return exact
        return next((column for column in table.columns if column.name.lower() == name.lower()), None)

    def _is_pseudo(self, name: str) -> bool:
        prefix = _PSEUDO_PREFIX.get(self._dialect.name)
        lowered = name.lower()
        return lowered in _PSEUDO.get(self._dialect.name, set()) or (prefix is not None and lowered.startswith(prefix))

    def _contradicts(self, declared: ColumnType, sql_type: str) -> bool:
        """Return whether a value of that type is surely none of the declared kind."""
        actual = column_type(sql_type)
        if actual == declared or not sql_type.strip():
            return False
        if actual == "string" and not _TEXT.search(sql_type.strip()):
            return False
        if self._dialect.name == "sqlite" and declared == "time":
            return False
        return not ({declared, actual} == {"boolean", "number"} and self._dialect.name in _WITHOUT_BOOLEANS)


def _is_in(table: Table, parts: list[str]) -> bool:
    places = [table.db, table.catalog]
    pairs = zip(parts, places, strict=True)
    return all(not part or not place or part.lower() == place.lower() for part, place in pairs)


def differences(nodes: Iterable[Node], tables: list[Table], dialect: SqlDialect) -> Iterator[tuple[Node, Difference]]:
    """Compare the sources that are tables with a scan. Columns without a type that is known are not compared."""
    scan = Scan(tables, dialect)
    for node in nodes:
        if node.source.table:
            for difference in scan.differences(node):
                yield node, difference
