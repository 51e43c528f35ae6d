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

    @property
    def primary_key(self) -> set[str]:
        """Give the names of its columns; a table may have none."""
        return {column.name for column in self.columns if column.primary_key}


class Link(msgspec.Struct, frozen=True):
    """A foreign key with lists of its columns, or one pair of them; `relationship_type` reads from the first table to
    the second. Pairs with the same `constraint_name` are one key.
    """

    from_table: str
    to_table: str
    from_column: str | None = None
    to_column: str | None = None
    from_columns: list[str] = []
    to_columns: list[str] = []
    relationship_type: str = "many_to_one"
    constraint_name: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for another shape than these two."""
        has_pair = self.from_column is not None and self.to_column is not None
        has_lists = bool(self.from_columns) and len(self.from_columns) == len(self.to_columns)
        is_mixed = (self.from_column or self.to_column) and (self.from_columns or self.to_columns)
        if is_mixed or not (has_pair or has_lists):
            raise ValueError("A link needs from_column and to_column, or from_columns and to_columns of one length")

    def pairs(self) -> list[tuple[str, str]]:
        """Give its columns, each with the one that it refers to."""
        if self.from_column is not None and self.to_column is not None:
            return [(self.from_column, self.to_column)]
        return list(zip(self.from_columns, self.to_columns, strict=True))
