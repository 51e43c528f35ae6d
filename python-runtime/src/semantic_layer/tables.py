"""The result of an introspection: tables and the links between them.

The records of a schema may hold more than is read here, such as the row counts of an introspection.
"""

from __future__ import annotations

import msgspec


class TableColumn(msgspec.Struct, frozen=True):
    """A column as introspection gives it."""

    name: str
    type: str
    primary_key: bool = False
    nullable: bool = True
    comment: str | None = None


class Table(msgspec.Struct, frozen=True):
    """A table or view as introspection gives it; `source_name` is what its source is called already."""

    name: str
    columns: list[TableColumn]
    catalog: str | None = None
    db: str | None = None
    comment: str | None = None
    source_name: str | None = None


class Link(msgspec.Struct, frozen=True):
    """A pair of columns that relates two tables; `relationship_type` reads from the first to the second."""

    from_table: str
    from_column: str
    to_table: str
    to_column: str
    relationship_type: str = "many_to_one"
