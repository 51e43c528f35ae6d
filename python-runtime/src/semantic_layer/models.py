"""The input types: sources with their columns, joins, measures and segments, and queries over them.

The shapes are those of the wire (JSON, and the YAML files of a project); nothing here knows of SQL or of HTTP. A key
that they do not have is an error: to ignore `filter` where `filters` is meant gives a wrong number.
"""

from __future__ import annotations

from typing import Literal

import msgspec

ColumnType = Literal["string", "number", "time", "boolean"]
Visibility = Literal["public", "internal", "hidden"]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]
Granularity = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
Direction = Literal["asc", "desc"]
Provenance = Literal["verified", "composed", "dimension"]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column; `expr` is SQL over the source's own columns and defaults to the physical column of that name.

    Queries may name public columns only; internal and hidden ones serve the source's own expressions and joins.
    """

    name: str
    type: ColumnType
    expr: str | None = None
    visibility: Visibility = "public"
    description: str | None = None


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared way to another source: `on` reads `local_column = other.column`.

    With an `alias` the other source plays a role of that name, and `other` in `on` may be the alias.
    """

    to: str
    on: str
    relationship: Relationship
    alias: str | None = None


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An aggregate over the rows of its source such as `sum(amount)`, or a calculation with other measures."""

    name: str
    expr: str
    filter: str | None = None
    segments: list[str] = []
    description: str | None = None


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named condition over the rows of its source."""

    name: str
    expr: str
    description: str | None = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or a SQL query (exactly one of both) whose rows are unique in the columns of `grain`."""

    name: str
    table: str | None = None
    sql: str | None = None
    grain: list[str] = []
    columns: list[Column] = []
    joins: list[Join] = []
    measures: list[Measure] = []
    segments: list[Segment] = []
    description: str | None = None


class ComposedMeasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measure that the query makes up, under the name that its column gets."""

    expr: str
    name: str


class DimensionRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column to group by; `granularity` cuts a time column to the beginning of its minute … year."""

    field: str
    granularity: Granularity | None = None


class OrderBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A selected field to order by, named as in the query or as in the result."""

    field: str
    direction: Direction = "asc"


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question: measures by dimensions, under filters and segments that hold for every measure.

    `include_empty` true also lists the values of a dimension that no row of a measure has; false leaves out rows whose
    dimension has no row, and groups in which not every measure has rows; absent there is every row of the measures and
    nothing else. `limit` None gives all rows.
    """

    measures: list[str | ComposedMeasure] = []
    dimensions: list[str | DimensionRef] = []
    filters: list[str] = []
    segments: list[str] = []
    order_by: list[str | OrderBy] = []
    limit: int | None = 1000
    include_empty: bool | None = None


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of the result: a measure as declared (verified), one that was made up (composed), or a dimension.

    `name` is what the query calls it, such as `customers.segment`; `alias` is its name in the SQL and its result.
    """

    name: str
    alias: str
    provenance: Provenance
    expr: str
    description: str | None = None
    granularity: Granularity | None = None


class MeasureGroup(msgspec.Struct, frozen=True):
    """The measures that are aggregated over the rows of one source.

    `joins` are the steps from it to the sources that they are grouped and filtered by. `deduplicated` says whether a
    step multiplies its rows, so that they are made distinct in each group first.
    """

    source: str
    measures: list[str]
    joins: list[str]
    deduplicated: bool


class PlanSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the numbers come to be, in the words of the model.

    `has_fan_out` says whether one join of all sources would have counted rows several times: rows are made distinct,
    or there are several measure groups. `warnings` are sentences about what a reader may take the numbers for;
    `limit_warning` is the one of them that is about the limit.
    """

    sources_used: list[str]
    join_paths: list[str]
    has_fan_out: bool
    measure_groups: list[MeasureGroup]
    where_filters: list[str]
    having_filters: list[str]
    columns: list[ResultColumn]
    warnings: list[str]
    limit_warning: str | None = None


class CompiledQuery(msgspec.Struct, frozen=True):
    """The answer to a query: the SQL to run and what its columns mean."""

    sql: str
    dialect: str
    columns: list[ResultColumn]
    plan: PlanSummary


class Validation(msgspec.Struct, frozen=True):
    """Every problem of every source; errors keep queries from working, warnings do not."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    per_source_warnings: dict[str, list[str]]
