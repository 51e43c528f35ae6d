"""Input and output types: sources with columns, joins, measures and segments, queries, and compiled queries.

The shapes are those of the JSON interface and of the YAML files of a project. Unknown keys are an error: ignoring
`filter` in place of `filters` would return a wrong number.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ColumnType = Literal["string", "number", "time", "boolean"]
Visibility = Literal["public", "internal", "hidden"]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]
Granularity = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
Direction = Literal["asc", "desc"]
Provenance = Literal["verified", "composed", "dimension"]
Description = Annotated[str | None, Meta(description="For users and agents")]
Value = bool | int | float | str


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column; `expr` is SQL over the source's own columns and defaults to the physical column of that name.

    Queries may use public columns only; internal and hidden ones are for the source's expressions and joins. `values`
    and `granularity` do not restrict queries: a comparison with another value, and a finer granularity, are warnings.
    """

    name: Annotated[str, Meta(description="Name in queries, and of the physical column without `expr`")]
    type: Annotated[ColumnType, Meta(description="Type of the values; queries can group `time` by granularities")]
    expr: Annotated[str | None, Meta(description="SQL over the source's own columns", examples=["price * qty"])] = None
    visibility: Annotated[Visibility, Meta(description="Only public columns can be queried")] = "public"
    description: Description = None
    values: Annotated[tuple[Value, ...], Meta(description="All allowed values, or those of the last profile")] = ()
    granularity: Annotated[Granularity | None, Meta(description="Finest granularity of the times of the column")] = None


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A join to another source; `on` has the form `local_column = other.column`.

    An `alias` gives the other source a role of that name, which `on` may use in place of `other`.
    """

    to: Annotated[str, Meta(description="Name of the other source")]
    on: Annotated[str, Meta(description="Condition of the join", examples=["customer_id = customers.id"])]
    relationship: Annotated[Relationship, Meta(description="How many rows of each side match one of the other")]
    alias: Annotated[str | None, Meta(description="Role of the other source, such as the buyer of an order")] = None


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An aggregate over the rows of its source, such as `sum(amount)`, or a calculation with other measures."""

    name: Annotated[str, Meta(description="Name in queries")]
    expr: Annotated[str, Meta(description="Aggregate, or a calculation with measures", examples=["sum(amount)"])]
    filter: Annotated[str | None, Meta(description="Condition of the rows that it counts")] = None
    segments: Annotated[list[str], Meta(description="Segments of the rows that it counts")] = []
    description: Description = None


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named condition over the rows of its source."""

    name: Annotated[str, Meta(description="Name in queries")]
    expr: Annotated[str, Meta(description="Condition", examples=["status <> 'returned'"])]
    description: Description = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or an SQL query (exactly one of both) whose rows are unique in the columns of `grain`."""

    name: Annotated[str, Meta(description="Name in queries and joins")]
    table: Annotated[str | None, Meta(description="Physical table", examples=["public.orders"])] = None
    sql: Annotated[str | None, Meta(description="Query in the dialect of the connection, in place of a table")] = None
    grain: Annotated[list[str], Meta(description="Columns that identify a row", examples=[["id"]])] = []
    columns: Annotated[list[Column], Meta(description="Columns to group and filter by")] = []
    joins: Annotated[list[Join], Meta(description="Joins to other sources")] = []
    measures: Annotated[list[Measure], Meta(description="Named aggregates")] = []
    segments: Annotated[list[Segment], Meta(description="Named filters")] = []
    description: Description = None


class ComposedMeasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measure that the query defines, with the name of its result column."""

    expr: str
    name: str


class DimensionRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column to group by; `granularity` truncates a time column to its minute … year."""

    field: str
    granularity: Granularity | None = None


class OrderBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A selected field to order by, named as in the query or the result."""

    field: str
    direction: Direction = "asc"


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query: measures by dimensions, with filters and segments that apply to every measure.

    `include_empty` true also lists members of dimensions without facts; false excludes facts without a member, and
    groups in which not every fact has rows; if absent, all facts are included and members without facts are not.
    `limit` null returns all rows.
    """

    measures: list[str | ComposedMeasure] = []
    dimensions: list[str | DimensionRef] = []
    filters: list[str] = []
    segments: list[str] = []
    order_by: list[str | OrderBy] = []
    limit: int | None = 1000
    include_empty: bool | None = None


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of the result: a declared measure (verified), a measure of the query (composed), or a dimension.

    `name` is its name in the query, such as `customers.segment`; `alias` is its name in the SQL and the result.
    """

    name: str
    alias: str
    provenance: Provenance
    expr: str
    description: str | None = None
    granularity: Granularity | None = None


class MeasureGroup(msgspec.Struct, frozen=True):
    """The measures that are aggregated over the rows of one source.

    `joins` are the joins to the sources that they are grouped and filtered by. `deduplicated` is true if a join fans
    out, so that rows are made distinct in each group before they are aggregated.
    """

    source: str
    measures: list[str]
    joins: list[str]
    deduplicated: bool


class PlanSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """A summary of the plan in terms of the model.

    `has_fan_out` is true if a plain join of all sources would double count rows, so that rows are deduplicated or there
    are several measure groups. `warnings` are sentences about possible misinterpretations of the numbers;
    `limit_warning` is the one about the limit.
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
    """A compiled query: the SQL to run, its columns and a summary of its plan."""

    sql: str
    dialect: str
    columns: list[ResultColumn]
    plan: PlanSummary


class Validation(msgspec.Struct, frozen=True):
    """All problems of all sources; errors prevent queries, warnings do not."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    per_source_warnings: dict[str, list[str]]
