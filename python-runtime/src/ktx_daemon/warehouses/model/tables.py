"""Types of an introspection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from ktx_daemon.redaction import redact

Kind = Literal["table", "view"]
# What a table or a view is in particular. It refines `kind`, which readers of earlier versions know.
Variant = Literal["materialized_view", "foreign_table", "partitioned_table", "external_table", "temporary_table"]
# The facts that introspections of this version report where a database has them. A later version that reports more has
# a higher number, so that a fact that a scan of an earlier version could not have is no change.
FACTS = 1


class Field(msgspec.Struct, frozen=True, gc=False):
    """A field within a nested or semi-structured column; `type` is the database's own spelling.

    `path` has the names from the column to the field, through structures, and through the elements of arrays.
    """

    path: list[str]
    type: str
    comment: str | UnsetType = UNSET


class Column(msgspec.Struct, gc=False):
    """A column of a table; `type` is the database's own spelling.

    The last fields are omitted where a column has none: `fields` of a nested column at all depths, parents first; the
    values that an enumeration or a set allows, in their order; the expression of a generated column, `identity` for
    numbers that the database assigns; the expression of the `default`; the user's `labels`; the name of a policy that
    may mask its values; and `readable`, which is false if the user may read other columns of the table, but not it.
    """

    name: str
    type: str
    nullable: bool
    primary_key: bool
    comment: str | None = None
    fields: list[Field] | UnsetType = UNSET
    enum_values: list[str] | UnsetType = UNSET
    generated: str | UnsetType = UNSET
    default: str | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    masking_policy: str | UnsetType = UNSET
    readable: bool | UnsetType = UNSET


class Index(msgspec.Struct, frozen=True):
    """An index of all rows by whole columns, in the order of the index."""

    name: str
    columns: list[str]
    unique: bool


class Check(msgspec.Struct, frozen=True):
    """A check constraint: its name, if it has one, and its condition, as the database spells it."""

    name: str | None
    expression: str


class Parent(msgspec.Struct, frozen=True):
    """A table of the same catalog whose queries read the rows of another table, which inherits its columns."""

    db: str
    name: str


class ForeignKey(msgspec.Struct, omit_defaults=True):
    """One column of a foreign key; the columns of a composite key are in key order and share the constraint name.

    If the constraint has no name, `position` is the column's position in the key, from 1. `enforced` is false if the
    database takes the key as declared.
    """

    from_column: str
    to_schema: str | None
    to_table: str
    to_column: str | None
    constraint_name: str | None
    position: int | None = None
    enforced: bool = True


def describe_foreign_key(
    name: str | None, to_schema: str | None, to_table: str, pairs: Iterable[tuple[str, str | None]]
) -> list[ForeignKey]:
    """Return the columns of a foreign key from pairs of referencing and referenced columns."""
    return [
        ForeignKey(near, to_schema, to_table, far, name, position if name is None else None)
        for position, (near, far) in enumerate(pairs, 1)
    ]


class Table(msgspec.Struct):
    """A table or a view. `estimated_rows` is the database's own statistic, null if it has none.

    The last fields are omitted where the database has none: `bytes` on its disk, the storage `engine`, the expressions
    that rows are partitioned by and sorted by within a partition (neither is unique), when its data last changed
    (ISO 8601 in UTC), and `primary_key_enforced`, which is false if the database takes the primary key as declared.
    `partition_filter_required` says whether a statement has to filter by the partition key; `labels` are the user's.
    `unique_keys` are those of unique constraints and of unique `indexes`, without the primary key; rows with a null may
    repeat, and so may all if `unique_keys_enforced` is false. `row_security` says that policies may hide rows from this
    user. `bytes` may be a statistic, too. `variant` says what a table or a view is in particular. `definition` is the
    SQL of a view, as the database gives it, without secrets; it is omitted where the user may not see it. `readable` is
    false if the user may read no column. `parents` are the tables that it inherits from, directly or through others.
    """

    catalog: str | None
    db: str | None
    name: str
    kind: Kind
    comment: str | None = None
    estimated_rows: int | None = None
    columns: list[Column] = []
    foreign_keys: list[ForeignKey] = []
    bytes: int | UnsetType = UNSET
    engine: str | UnsetType = UNSET
    partition_key: str | UnsetType = UNSET
    sorting_key: str | UnsetType = UNSET
    modified_at: str | UnsetType = UNSET
    primary_key_enforced: bool | UnsetType = UNSET
    partition_filter_required: bool | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    indexes: list[Index] | UnsetType = UNSET
    unique_keys: list[list[str]] | UnsetType = UNSET
    row_security: bool | UnsetType = UNSET
    unique_keys_enforced: bool | UnsetType = UNSET
    variant: Variant | UnsetType = UNSET
    definition: str | UnsetType = UNSET
    checks: list[Check] | UnsetType = UNSET
    readable: bool | UnsetType = UNSET
    parents: list[Parent] | UnsetType = UNSET

    def define(self, sql: str | None) -> None:
        """Set the definition of a view, in which secrets, such as those of a remote source, are masked."""
        if sql and (text := redact(sql).strip()):
            self.definition = text


class EncodedTable(Table):
    """A table whose columns and indexes the database encodes as JSON, which is faster than creating objects here."""

    columns: msgspec.Raw = msgspec.Raw(b"[]")  # type: ignore[assignment]  # the same JSON shape
    foreign_keys: list[ForeignKey] = []
    indexes: msgspec.Raw | UnsetType = UNSET  # type: ignore[assignment]  # the same JSON shape
    unique_keys: msgspec.Raw | UnsetType = UNSET  # type: ignore[assignment]  # the same JSON shape
    checks: msgspec.Raw | UnsetType = UNSET  # type: ignore[assignment]  # the same JSON shape


@dataclass(frozen=True)
class Schema:
    """The schemas that were read, their tables in any order, and warnings, which are sentences.

    `facts` is less than `FACTS` if some could not be read.
    """

    schemas: list[str]
    tables: Sequence[Table]
    warnings: list[str] = field(default_factory=list)
    facts: int = FACTS


class Metadata(msgspec.Struct):
    """Metadata of an introspection: the driver, and the schemas that were read."""

    driver: str
    schemas: list[str]
    limitations: list[str] | UnsetType = UNSET


class Introspection(msgspec.Struct, omit_defaults=True):
    """The response of `/database/introspect`; `extracted_at` is ISO 8601 in UTC.

    `facts` is the number of the facts that this version reports, see `FACTS`. `warnings` are sentences, and omitted if
    there are none.
    """

    connection_id: str
    extracted_at: str
    metadata: Metadata
    tables: Sequence[Table]
    facts: int
    warnings: list[str] = []
