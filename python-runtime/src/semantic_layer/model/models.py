"""Input types: sources with columns, joins, measures and segments, and what they share: metrics and the calendar.

The shapes are those of the JSON interface and of the YAML files of a project. Unknown keys are an error: ignoring
`filters` in place of `filter` would return a wrong number. The garbage collector does not track the structs
(`gc=False`), as they cannot be part of a cycle: a model of 3,000 tables is 100,000 of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ColumnType = Literal["string", "number", "time", "boolean"]
Visibility = Literal["public", "internal", "hidden"]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]
Granularity = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Description = Annotated[str | None, Meta(description="For users and agents")]
Value = bool | int | float | str
"""A value of a column or of a parameter."""
Paths = dict[str, str]
"""Join paths by the name of a source: `{nation: customer.nation}` reads `nation` over the customer."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A column; `expr` is SQL over the source's own columns and defaults to the physical column of that name.

    Queries may use public columns only; internal and hidden ones are for the source's expressions and joins. `values`
    and `granularity` do not restrict queries: a comparison with another value, and a finer granularity, are warnings.
    A column with a `measure` has the value of that measure over the rows that belong to each row of the source.
    """

    name: Annotated[str, Meta(description="Name in queries, and of the physical column without `expr`")]
    type: Annotated[ColumnType, Meta(description="Type of the values; queries can group `time` by granularities")]
    expr: Annotated[str | None, Meta(description="SQL over the source's own columns", examples=["price * qty"])] = None
    measure: Annotated[
        str | None, Meta(description="Measure of another source for each row", examples=["orders.count"])
    ] = None
    visibility: Annotated[Visibility, Meta(description="Only public columns can be queried")] = "public"
    description: Description = None
    values: Annotated[tuple[Value, ...], Meta(description="All allowed values, or those of the last profile")] = ()
    granularity: Annotated[Granularity | None, Meta(description="Finest granularity of the times of the column")] = None
    time_zone: Annotated[
        str | None,
        Meta(
            description="`instant` for times with a zone, otherwise the zone in which its times are",
            examples=["instant", "UTC", "Europe/Zurich"],
        ),
    ] = None


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A join to another source; `on` has the form `local_column = other.column`.

    An `alias` gives the other source a role of that name, which `on` may use in place of `other`.
    """

    to: Annotated[str, Meta(description="Name of the other source")]
    on: Annotated[str, Meta(description="Condition of the join", examples=["customer_id = customers.id"])]
    relationship: Annotated[Relationship, Meta(description="How many rows of each side match one of the other")]
    alias: Annotated[str | None, Meta(description="Role of the other source, such as the buyer of an order")] = None


class SemiAdditive(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How a measure that cannot be summed over time, such as a balance, is aggregated over it.

    In each group, `first` and `last` aggregate the rows of the first or last time of each combination of `per`;
    `average` aggregates the rows of each time and averages the results.
    """

    over: Annotated[str, Meta(description="Column with the time of a balance", examples=["day"])]
    take: Annotated[Literal["first", "last", "average"], Meta(description="Which times of a group count")] = "last"
    per: Annotated[list[str], Meta(description="Columns of which each has its own times", examples=[["account"]])] = []


class FollowedBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A later row of a source, within a duration of the measure's time (a conversion)."""

    source: Annotated[str, Meta(description="Source of the later rows", examples=["orders"])]
    on: Annotated[str, Meta(description="Condition of equality", examples=["user_id = orders.user_id"])]
    within: Annotated[str, Meta(description="Longest duration until the later row", examples=["7 days"])]
    filter: Annotated[str | None, Meta(description="Condition on the later row")] = None
    time: Annotated[str | None, Meta(description="Time column of the later row; default: that of its source")] = None


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An aggregate over the rows of its source, such as `sum(amount)`, or a calculation with other measures."""

    name: Annotated[str, Meta(description="Name in queries")]
    expr: Annotated[str, Meta(description="Aggregate, or a calculation with measures", examples=["sum(amount)"])]
    filter: Annotated[str | None, Meta(description="Condition of the rows that it counts")] = None
    segments: Annotated[list[str], Meta(description="Segments of the rows that it counts")] = []
    time: Annotated[str | None, Meta(description="Column that `metric_time` reads; default: that of its source")] = None
    semi_additive: Annotated[SemiAdditive | None, Meta(description="How balances are aggregated over time")] = None
    followed_by: Annotated[FollowedBy | None, Meta(description="Later row that the rows that it counts have")] = None
    paths: Annotated[Paths, Meta(description="Join paths of ambiguous sources by name")] = {}
    fill_nulls_with: Annotated[int | float | None, Meta(description="Value of groups without rows")] = None
    description: Description = None
    synonyms: Annotated[list[str], Meta(description="Other names, for searches")] = []
    unit: Annotated[str | None, Meta(description="Unit of the values", examples=["EUR"])] = None
    format: Annotated[str | None, Meta(description="Format for display", examples=["0.0 %"])] = None


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A named condition over the rows of its source."""

    name: Annotated[str, Meta(description="Name in queries")]
    expr: Annotated[str, Meta(description="Condition", examples=["status <> 'returned'"])]
    description: Description = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A table or an SQL query (exactly one of both) whose rows are unique in the columns of `grain`.

    A `bridge` links the rows of two sources, many to many, and its grain is the keys of both; `weight` is its column
    with the share of each link, if measures are to be divided among the links.
    """

    name: Annotated[str, Meta(description="Name in queries and joins")]
    table: Annotated[str | None, Meta(description="Physical table", examples=["public.orders"])] = None
    sql: Annotated[str | None, Meta(description="Query in the dialect of the connection, in place of a table")] = None
    grain: Annotated[list[str], Meta(description="Columns that identify a row", examples=[["id"]])] = []
    columns: Annotated[list[Column], Meta(description="Columns to group and filter by")] = []
    joins: Annotated[list[Join], Meta(description="Joins to other sources")] = []
    measures: Annotated[list[Measure], Meta(description="Named aggregates")] = []
    segments: Annotated[list[Segment], Meta(description="Named filters")] = []
    time: Annotated[str | None, Meta(description="Time column that `metric_time` reads", examples=["ordered_on"])] = (
        None
    )
    paths: Annotated[Paths, Meta(description="Join paths of ambiguous sources by name")] = {}
    bridge: Annotated[bool, Meta(description="Whether it links two sources, many to many")] = False
    weight: Annotated[str | None, Meta(description="Column of a bridge with the share of each link")] = None
    description: Description = None


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A calculation with measures of any source, which belongs to no source; queries name it without a dot."""

    name: Annotated[str, Meta(description="Name in queries")]
    expr: Annotated[str, Meta(description="Calculation", examples=["orders.revenue / visits.count"])]
    description: Description = None
    owner: Annotated[str | None, Meta(description="Who answers for its definition")] = None
    synonyms: Annotated[list[str], Meta(description="Other names, for searches")] = []
    unit: Annotated[str | None, Meta(description="Unit of the values", examples=["EUR"])] = None
    format: Annotated[str | None, Meta(description="Format for display", examples=["0.0 %"])] = None
    fill_nulls_with: Annotated[int | float | None, Meta(description="Value of groups without rows")] = None


class RetailYears(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Fiscal years of 52 or 53 whole weeks, in quarters of 13 weeks whose months have `pattern` weeks.

    A year ends on the last, or on the nearest, `weekday` of or to the end of `month`.
    """

    pattern: Annotated[Literal["4-4-5", "4-5-4", "5-4-4"], Meta(description="Weeks of the months of a quarter")]
    ends: Annotated[Literal["last", "nearest"], Meta(description="Which weekday ends the year")] = "last"
    weekday: Annotated[Weekday, Meta(description="Last day of each week")] = "saturday"
    month: Annotated[int, Meta(description="Month whose end is the end of the year", ge=1, le=12)] = 1


class CalendarTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A source with one row for each day, whose columns have the first days of the periods that the day is in.

    Weeks without a column are those of the calendar, and fiscal periods if none of them has a column.
    """

    source: Annotated[str, Meta(description="Name of the source, whose grain is the day", examples=["days"])]
    day: Annotated[str, Meta(description="Column of the day", examples=["day"])]
    week: Annotated[str | None, Meta(description="Column of the first day of the week")] = None
    fiscal_month: Annotated[str | None, Meta(description="Column of the first day of the fiscal month")] = None
    fiscal_quarter: Annotated[str | None, Meta(description="Column of the first day of the fiscal quarter")] = None
    fiscal_year: Annotated[str | None, Meta(description="Column of the first day of the fiscal year")] = None


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Weeks and fiscal years of a project. A fiscal year is named by the calendar year in which it ends."""

    week_start: Annotated[Weekday, Meta(description="First day of a week")] = "monday"
    fiscal_year_start: Annotated[int, Meta(description="First month of a fiscal year", ge=1, le=12)] = 1
    retail: Annotated[RetailYears | None, Meta(description="Fiscal years of whole weeks, in place of months")] = None
    table: Annotated[CalendarTable | None, Meta(description="Weeks and fiscal periods of a table")] = None


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What all sources share (`semantic-layer/metrics.yaml`): metrics, and the calendar."""

    metrics: Annotated[list[Metric], Meta(description="Calculations with measures of any source")] = []
    calendar: Annotated[Calendar, Meta(description="Weeks and fiscal years")] = Calendar()
