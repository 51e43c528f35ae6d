"""Input types of a schema: tables and the links between them.

Further keys, such as the row counts of an introspection, are ignored.
"""

from __future__ import annotations

import msgspec


class TableColumn(msgspec.Struct, frozen=True):
    """A column of an introspection."""

    name: str
    type: str
    primary_key: bool = False
    nullable: bool = True
    comment: str | None = None


class Table(msgspec.Struct, frozen=True):
    """A table or view of an introspection; `source_name` is the name of its existing source."""

    name: str
    columns: list[TableColumn]
    catalog: str | None = None
    db: str | None = None
    comment: str | None = None
    source_name: str | None = None

    @property
    def primary_key(self) -> set[str]:
        """The names of the primary key's columns; empty without a primary key."""
        return {column.name for column in self.columns if column.primary_key}


class Link(msgspec.Struct, frozen=True):
    """A foreign key with lists of columns, or with one pair of columns.

    `relationship_type` is the cardinality from the first table to the second. Pairs with the same `constraint_name` are
    one key.
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
        """Raise ValueError unless the link has either one pair or lists of columns."""
        has_pair = self.from_column is not None and self.to_column is not None
        has_lists = bool(self.from_columns) and len(self.from_columns) == len(self.to_columns)
        is_mixed = (self.from_column or self.to_column) and (self.from_columns or self.to_columns)
        if is_mixed or not (has_pair or has_lists):
            raise ValueError("A link needs from_column and to_column, or from_columns and to_columns of one length")

    def pairs(self) -> list[tuple[str, str]]:
        """Return pairs of referencing and referenced columns."""
        if self.from_column is not None and self.to_column is not None:
            return [(self.from_column, self.to_column)]
        return list(zip(self.from_columns, self.to_columns, strict=True))
