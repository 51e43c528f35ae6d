"""What an introspection finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

Kind = Literal["table", "view"]


class Column(msgspec.Struct):
    """A column, in the order of its table; `type` is the database's own spelling."""

    name: str
    type: str
    nullable: bool
    primary_key: bool
    comment: str | None = None


class ForeignKey(msgspec.Struct, omit_defaults=True):
    """One column of a foreign key; a composite key is several, in key order, under one constraint name.

    Where the database has no name of the constraint, `position` is the column's place in the key from 1.
    """

    from_column: str
    to_schema: str | None
    to_table: str
    to_column: str | None
    constraint_name: str | None
    position: int | None = None


def key_columns(
    name: str | None, to_schema: str | None, to_table: str, pairs: Iterable[tuple[str, str | None]]
) -> list[ForeignKey]:
    """Describe a foreign key column by column."""
    return [
        ForeignKey(near, to_schema, to_table, far, name, position if name is None else None)
        for position, (near, far) in enumerate(pairs, 1)
    ]


class Table(msgspec.Struct):
    """A table or a view. `estimated_rows` is the database's own statistic: null where it has none."""

    catalog: str | None
    db: str | None
    name: str
    kind: Kind
    comment: str | None = None
    estimated_rows: int | None = None
    columns: list[Column] = []
    foreign_keys: list[ForeignKey] = []


class WrittenTable(Table):
    """The same, where the database writes the JSON of the columns itself: that is quicker than making objects here."""

    columns: msgspec.Raw = msgspec.Raw(b"[]")  # type: ignore[assignment]  # of one shape on the wire
    foreign_keys: list[ForeignKey] = []


@dataclass(frozen=True)
class Found:
    """What a driver gives: the schemas that it looked at, their tables in any order, and what to warn of."""

    schemas: list[str]
    tables: Sequence[Table]
    warnings: list[str] = field(default_factory=list)


class Metadata(msgspec.Struct):
    """How it was found: the driver, and the schemas that were looked at."""

    driver: str
    schemas: list[str]


class Introspection(msgspec.Struct, omit_defaults=True):
    """The answer of `/database/introspect`; `extracted_at` is ISO 8601 in UTC, `warnings` are sentences, and left out
    where there is none."""

    connection_id: str
    extracted_at: str
    metadata: Metadata
    tables: Sequence[Table]
    warnings: list[str] = []
