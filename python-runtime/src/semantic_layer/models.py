"""What a semantic source consists of: a table or a query, its grain, columns, joins, measures and segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["string", "number", "time", "boolean"]
Visibility = Literal["public", "internal", "hidden"]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]


@dataclass(frozen=True)
class Column:
    """A column; `expr` is SQL over the source's own columns and defaults to the column's name."""

    name: str
    type: ColumnType
    expr: str | None = None
    visibility: Visibility = "public"
    description: str | None = None


@dataclass(frozen=True)
class Join:
    """A declared way to another source: `on` reads `local_column = other.column`."""

    to: str
    on: str
    relationship: Relationship
    alias: str | None = None


@dataclass(frozen=True)
class Measure:
    """An aggregate over the rows of its source, such as `sum(amount)`."""

    name: str
    expr: str
    filter: str | None = None
    segments: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True)
class Segment:
    """A named condition over the rows of its source."""

    name: str
    expr: str


@dataclass(frozen=True)
class Source:
    """A table or a SQL query (exactly one of both) whose rows are unique in the columns of `grain`."""

    name: str
    grain: tuple[str, ...]
    table: str | None = None
    sql: str | None = None
    columns: tuple[Column, ...] = field(default=())
    joins: tuple[Join, ...] = field(default=())
    measures: tuple[Measure, ...] = field(default=())
    segments: tuple[Segment, ...] = field(default=())
