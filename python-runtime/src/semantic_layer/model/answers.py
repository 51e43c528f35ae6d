"""Answers of the semantic layer: compiled queries with a summary of their plan, and validations."""

from __future__ import annotations

from typing import Literal

import msgspec

from semantic_layer.model.queries import TimeUnit

Provenance = Literal["verified", "composed", "dimension"]


class ResultColumn(msgspec.Struct, frozen=True):
    """A column of the result: a declared measure (verified), a measure of the query (composed), or a dimension.

    `name` is its name in the query, such as `customers.segment`; `alias` is its name in the SQL and the result.
    """

    name: str
    alias: str
    provenance: Provenance
    expr: str
    description: str | None = None
    granularity: TimeUnit | None = None


class MeasureGroup(msgspec.Struct, frozen=True):
    """The measures that are aggregated over the rows of one source.

    `joins` are the joins to the sources that they are grouped and filtered by. `deduplicated` is true if a join fans
    out, so that rows are made distinct in each group before they are aggregated.
    """

    source: str
    measures: list[str]
    joins: list[str]
    deduplicated: bool


class PlanPeriod(msgspec.Struct, frozen=True, omit_defaults=True):
    """The bounds of a period of a filter: local times of `time_zone` in ISO 8601, from `start` to before `end`.

    `field` is the time and `period` the text of the filter. A bound that is absent is open.
    """

    field: str
    period: str
    time_zone: str
    start: str | None = None
    end: str | None = None


class PlanPath(msgspec.Struct, frozen=True):
    """The joins from a fact to a source, and how many rows they find."""

    path: str
    finds: str


class PlanFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """An aggregation over the rows of one source, before the groups of all are combined.

    `measures` are the columns of the result that need it, `grouped_by` those that it is grouped by; a share of a total
    has a second one with fewer. `time` is the field that `metric_time` means. With an `offset` it has the rows of the
    period that long before, with a `window` more rows than those of the period. `deduplicated`: see `MeasureGroup`.
    """

    source: str
    measures: list[str]
    grouped_by: list[str]
    filters: list[str] = []
    paths: list[PlanPath] = []
    time: str | None = None
    offset: str | None = None
    window: str | None = None
    deduplicated: bool = False


class PlanSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """A summary of the plan in terms of the model.

    `has_fan_out` is true if a plain join of all sources would double count rows, so that rows are deduplicated or there
    are several measure groups. `warnings` are sentences about possible misinterpretations of the numbers;
    `limit_warning` is the one about the limit. `periods` are the bounds of the periods in filters. `facts` are all
    aggregations; `calculations` and `nulls` are sentences about what follows them, and about what NULL means.
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
    periods: list[PlanPeriod] = []
    facts: list[PlanFact] = []
    calculations: list[str] = []
    nulls: list[str] = []


class CompiledQuery(msgspec.Struct, frozen=True):
    """A compiled query: the SQL to run, its columns and a summary of its plan.

    `count_sql` returns one row with the number of all groups, without `limit` and `offset`; absent without dimensions.
    """

    sql: str
    dialect: str
    columns: list[ResultColumn]
    plan: PlanSummary
    count_sql: str | None = None


class Validation(msgspec.Struct, frozen=True):
    """All problems of all sources; errors prevent queries, warnings do not."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    per_source_warnings: dict[str, list[str]]
