"""Input types of a schema: tables and the links between them.

Further keys, such as the row counts of an introspection, are ignored.
"""

from __future__ import annotations

import msgspec

from semantic_layer.model.models import Value


class ColumnFacts(msgspec.Struct, frozen=True, gc=False):
    """What a profile found in a column.

    `distinct` values without NULL, an estimate unless it is `distinct_exact`; `min` and `max`; the `formats` of its
    values, such as `epoch_seconds`; all `values` of a column of few values, the most frequent first.
    """

    nulls: int
    distinct: int
    distinct_exact: bool = False
    min: Value | None = None
    max: Value | None = None
    formats: list[str] = []
    values: list[Value] = []


class TableColumn(msgspec.Struct, frozen=True, gc=False):
    """A column of an introspection, with its facts if it was profiled.

    `foreign_key` also marks a column of a key to a table that is not given. `enum_values` are the labels of an
    enumeration.
    """

    name: str
    type: str
    primary_key: bool = False
    nullable: bool = True
    comment: str | None = None
    foreign_key: bool = False
    enum_values: list[str] = []
    facts: ColumnFacts | None = None


class Check(msgspec.Struct, frozen=True, gc=False):
    """A check constraint, as the database spells it."""

    expression: str
    name: str | None = None


class Table(msgspec.Struct, frozen=True, gc=False):
    """A table or view of an introspection.

    `source_name` is the name of its existing source. `grain` is a key that the data has, in place of a declared one,
    and `rows` the number of rows of the profile.
    """

    name: str
    columns: list[TableColumn]
    catalog: str | None = None
    db: str | None = None
    comment: str | None = None
    source_name: str | None = None
    grain: list[str] = []
    rows: int | None = None
    checks: list[Check] = []

    @property
    def primary_key(self) -> set[str]:
        """The names of the primary key's columns, or else of `grain`; empty without a key."""
        declared = {column.name for column in self.columns if column.primary_key}
        return declared or set(self.grain)


class Link(msgspec.Struct, frozen=True, gc=False):
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
