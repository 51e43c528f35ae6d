"""The query of the semantic layer: what it selects, filters, orders and limits."""

from __future__ import annotations

from typing import Literal

import msgspec

from semantic_layer.model.models import Granularity, Paths, Value

Direction = Literal["asc", "desc"]
FiscalGranularity = Literal["fiscal_month", "fiscal_quarter", "fiscal_year"]
TimePart = Literal[
    "hour_of_day",
    "day_of_week",
    "day_of_month",
    "day_of_year",
    "week_of_year",
    "month_of_year",
    "quarter_of_year",
]
"""A number within a longer period; `day_of_week` is 1 for Monday, `week_of_year` is that of ISO 8601."""
TimeUnit = Literal[Granularity, FiscalGranularity, TimePart]


class ComposedMeasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measure that the query defines, with the name of its result column; other measures may use that name."""

    expr: str
    name: str


class DimensionRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to group by: a column or `metric_time` (`field`), or an expression over columns (`expr`, with a `name`).

    `granularity` truncates a time to its period, or takes a part of it. `name` is the name of the result column.
    """

    field: str | None = None
    granularity: TimeUnit | None = None
    expr: str | None = None
    name: str | None = None


class OrderBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A selected field to order by, named as in the query or the result."""

    field: str
    direction: Direction = "asc"


class Top(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only the first `limit` groups by a selected measure, in each combination of the dimensions `per`.

    With `others`, the remaining groups of each combination are one row, whose other dimensions are NULL.
    """

    by: str
    limit: int
    direction: Direction = "desc"
    per: list[str] = []
    others: bool = False


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query: measures by dimensions, with filters and segments that apply to every measure.

    `include_empty` true also lists members of dimensions without facts; false excludes facts without a member, and
    groups in which not every fact has rows; if absent, all facts are included and members without facts are not.
    `fill_gaps` adds the periods of `metric_time` without rows. `limit` null returns all rows, `offset` leaves out the
    first ones. `paths` choose join paths by the name of a source. `parameters` are the values of `:name` in
    expressions. `time_zone` is the zone of periods and of relative dates, `now` the time that those refer to (ISO
    8601; default: the current time).
    """

    measures: list[str | ComposedMeasure] = []
    dimensions: list[str | DimensionRef] = []
    filters: list[str] = []
    segments: list[str] = []
    order_by: list[str | OrderBy] = []
    limit: int | None = 1000
    offset: int | None = None
    include_empty: bool | None = None
    fill_gaps: bool = False
    top: Top | None = None
    paths: Paths = {}
    parameters: dict[str, Value | list[Value]] = {}
    time_zone: str | None = None
    now: str | None = None
