"""Request types of the SQL operations. Must not import sqlglot, because the daemon imports them at start-up.

Unknown keys of a request are an error. Items and tables are records of the caller, which may have further keys.
"""

from __future__ import annotations

import msgspec


class SqlStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One SQL text and the dialect that it is written in."""

    sql: str
    dialect: str


class TableIdentifier(msgspec.Struct, frozen=True):
    """A `sql_table_name` of a BI tool, under a key that the caller chooses."""

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
    """A table that exists in the caller's database."""

    name: str
    catalog: str | None = None
    db: str | None = None
    columns: list[str] = []


class Catalog(msgspec.Struct, frozen=True):
    """The tables that unqualified names are resolved against."""

    tables: list[CatalogTable]


class AnalyzeBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/sql/analyze-batch`; with `patterns_only` statements of the same pattern are analysed once."""

    dialect: str
    items: list[BatchItem]
    catalog: Catalog | None = None
    max_workers: int | None = None
    patterns_only: bool = False
