"""The requests of the SQL operations. Nothing here imports sqlglot: the daemon reads these types at its start.

A key that a request does not have is an error. Items and tables are a caller's own records, which may hold more.
"""

from __future__ import annotations

import msgspec


class SqlStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One SQL text and the dialect that it is written in."""

    sql: str
    dialect: str


class TableIdentifier(msgspec.Struct, frozen=True):
    """A `sql_table_name` as a BI tool has it, under a key that the caller chooses."""

    key: str
    sql_table_name: str
    dialect: str


class ParseTableIdentifiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/sql/parse-table-identifier`."""

    items: list[TableIdentifier]


class BatchItem(msgspec.Struct, frozen=True):
    """One statement of a batch, under an id that the caller chooses."""

    id: str
    sql: str


class CatalogTable(msgspec.Struct, frozen=True):
    """A table that the caller knows to exist."""

    name: str
    catalog: str | None = None
    db: str | None = None
    columns: list[str] = []


class Catalog(msgspec.Struct, frozen=True):
    """The tables against which unqualified names are resolved."""

    tables: list[CatalogTable]


class AnalyzeBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/sql/analyze-batch`."""

    dialect: str
    items: list[BatchItem]
    catalog: Catalog | None = None
    max_workers: int | None = None
