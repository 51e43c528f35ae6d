"""Periods of filters: their bounds, and the rows that are in them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from semantic_layer.errors import SemanticError
from semantic_layer.model.answers import PlanPeriod
from semantic_layer.model.models import Model
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import Database
from tests.semantic.market import ask, compile_market, market

# The 7th of March 2025 is a Friday.
NOW = "2025-03-07T10:20:30"
PERIODS = {
    "today": ("2025-03-07", "2025-03-08"),
    "Yesterday": ("2025-03-06", "2025-03-07"),
    "tomorrow": ("2025-03-08", "2025-03-09"),
    "this week": ("2025-03-03", "2025-03-10"),
    "last month": ("2025-02-01", "2025-03-01"),
    "next quarter": ("2025-04-01", "2025-07-01"),
    "this year": ("2025-01-01", "2026-01-01"),
    "last 30 days": ("2025-02-06", "2025-03-08"),
    "last 1 day": ("2025-03-07", "2025-03-08"),
    "last 3  months": ("2025-01-01", "2025-04-01"),
    "last 2 complete weeks": ("2025-02-17", "2025-03-03"),
    "next 2 quarters": ("2025-01-01", "2025-07-01"),
    "next 2 complete quarters": ("2025-04-01", "2025-10-01"),
    "last 3 hours": ("2025-03-07T08:00:00", "2025-03-07T11:00:00"),
    "year to date": ("2025-01-01", "2025-03-08"),
    "month to date": ("2025-03-01", "2025-03-08"),
    "fiscal year to date": ("2024-07-01", "2025-03-08"),
    "this fiscal_year": ("2024-07-01", "2025-07-01"),
    "last fiscal quarter": ("2024-10-01", "2025-01-01"),
    "last 3 fiscal_quarters": ("2024-07-01", "2025-04-01"),
    "2025": ("2025-01-01", "2026-01-01"),
    "2024-Q4": ("2024-10-01", "2025-01-01"),
    "FY2025": ("2024-07-01", "2025-07-01"),
    "fy2025-q1": ("2024-07-01", "2024-10-01"),
    "2024-02": ("2024-02-01", "2024-03-01"),
    "2024-02-29": ("2024-02-29", "2024-03-01"),
    "2025-01-01 to 2025-03-31": ("2025-01-01", "2025-04-01"),
    "2024-Q4 to 2025-02": ("2024-10-01", "2025-03-01"),
    "since 2025-01-01": ("2025-01-01", None),
    "before 2025-01-01": (None, "2025-01-01"),
}
FISCAL = msgspec.convert({"calendar": {"fiscal_year_start": 7, "week_start": "monday"}}, Model)


def bounds(period: str, now: str = NOW, calendar: dict[str, Any] | None = None, **query: Any) -> tuple[Any, Any]:
    model = msgspec.convert({"calendar": calendar}, Model) if calendar else FISCAL
    filters = [f"in_period(orders.placed, '{period}')"]
    plan = compile_market(model=model, measures=["orders.count"], filters=filters, now=now, **query).plan
    assert len(plan.periods) == 1
    return tuple(bound and bound.removesuffix("T00:00:00") for bound in (plan.periods[0].start, plan.periods[0].end))


@pytest.mark.parametrize("period", PERIODS)
def test_bounds_of_a_period(period: str) -> None:
    assert bounds(period) == PERIODS[period]


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [
        ("last 12 months", "2024-02-29", ("2023-03-01", "2024-03-01")),
        ("yesterday", "2024-03-01", ("2024-02-29", "2024-03-01")),
        ("last week", "2025-01-01", ("2024-12-23", "2024-12-30")),
        ("last quarter", "2025-01-31", ("2024-10-01", "2025-01-01")),
        ("next month", "2025-12-31", ("2026-01-01", "2026-02-01")),
    ],
)
def test_leap_days_and_ends_of_years(period: str, now: str, expected: tuple[str, str]) -> None:
    assert bounds(period, now) == expected


def test_week_starts_as_the_calendar_says() -> None:
    assert bounds("this week", calendar={"week_start": "sunday"}) == ("2025-03-02", "2025-03-09")


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [  # The years end on the Saturday next to the end of January; that of 2023-01-29 has 53 weeks.
        ("this fiscal year", "2023-02-01", ("2023-01-29", "2024-02-04")),
        ("this fiscal quarter", "2024-02-03", ("2023-10-29", "2024-02-04")),
        ("this fiscal month", "2024-02-03", ("2023-12-31", "2024-02-04")),
        ("last fiscal month", "2024-02-04", ("2023-12-31", "2024-02-04")),
        ("fy2025", "2024-01-01", ("2024-02-04", "2025-02-02")),
        ("last 2 fiscal months", "2024-03-05", ("2024-02-04", "2024-04-07")),
    ],
)
def test_retail_years(period: str, now: str, expected: tuple[str, str]) -> None:
    retail = {"pattern": "4-5-4", "ends": "nearest", "weekday": "saturday", "month": 1}
    assert bounds(period, now, {"retail": retail}) == expected


def test_now_is_read_in_the_zone_of_the_query() -> None:
    assert bounds("today", "2025-03-07T23:30:00Z", time_zone="Europe/Zurich") == ("2025-03-08", "2025-03-09")
    assert bounds("today", "2025-03-07T23:30:00Z") == ("2025-03-07", "2025-03-08")
    assert bounds("today", "2025-03-07T23:30:00", time_zone="Europe/Zurich") == ("2025-03-07", "2025-03-08")


def zoned(zone: str) -> list[Any]:
    times = [{"name": "zoned", "type": "time", "expr": "placed", "time_zone": zone}]
    return market(orders={"columns": times})


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("instant", "2025-03-30", "2025-03-29 23:00:00", "2025-03-30 22:00:00"),
        ("UTC", "2025-10-26", "2025-10-25 22:00:00", "2025-10-26 23:00:00"),
        ("America/New_York", "2025-03-30", "2025-03-29 19:00:00", "2025-03-30 18:00:00"),
        ("Europe/Zurich", "2025-03-30", "2025-03-30", "2025-03-31"),
    ],
)
@pytest.mark.parametrize("dialect", SUPPORTED)
def test_bounds_are_converted_over_daylight_saving(dialect: str, zone: str, day: str, start: str, end: str) -> None:
    filters = [f"in_period(orders.zoned, '{day}')"]
    query = {"measures": ["orders.count"], "filters": filters, "time_zone": "Europe/Zurich"}
    where = compile_market(dialect, zoned(zone), **query).sql.partition("WHERE")[2]
    found = re.findall(r"'(\d{4}-?\d\d-?\d\d)[ T]?(\d\d:\d\d:\d\d)?", where)
    day_only = zone == "Europe/Zurich" and dialect != "clickhouse"
    expected = [f"{bound} 00:00:00" if len(bound) == 10 and not day_only else bound for bound in (start, end)]
    texts = [f"{date[:4]}-{date[-4:-2]}-{date[-2:]}" if "-" not in date else date for date, _ in found]
    assert [f"{date} {time}".strip() for date, (_, time) in zip(texts, found, strict=True)] == expected


CASES = {
    "2024-02-29": (1, 50),
    "2024": (3, 195),
    "2024-12-31": (1, -5),
    "2025-03-30": (1, 250),
    "since 2025-01-01": (2, 350),
    "before 2024-03-01": (1, 50),
    "2024-03 to 2025-01-01": (3, 245),
}


@pytest.mark.parametrize("period", CASES)
def test_rows_are_in_the_period(market_database: Database, period: str) -> None:
    query = {"measures": ["orders.count", "orders.revenue"], "filters": [f"in_period(orders.placed, '{period}')"]}
    assert ask(market_database, **query) == [CASES[period]]


ZONES = [("UTC", 3), ("Europe/Zurich", 2), ("America/New_York", 4)]


@pytest.mark.parametrize(("zone", "count"), ZONES)
def test_rows_are_in_the_days_of_the_zone(market_database: Database, zone: str, count: int) -> None:
    """The times of the orders are in UTC; around new year they are in other years elsewhere."""
    query = {
        "measures": ["orders.count"],
        "time_zone": zone,
        "filters": ["in_period(orders.zoned, 'before 2025-01-01')"],
    }
    assert ask(market_database, zoned("UTC"), **query) == [(count,)]
    if market_database.dialect == "postgres":
        times = [{"name": "zoned", "type": "time", "expr": "placed AT TIME ZONE 'UTC'", "time_zone": "instant"}]
        assert ask(market_database, market(orders={"columns": times}), **query) == [(count,)]


def test_period_of_a_dimension_of_hours_and_not(market_database: Database) -> None:
    query = {"measures": ["orders.count"], "now": "2025-01-01T00:30:00"}
    assert ask(market_database, **query, filters=["in_period(orders.placed, 'last 2 hours')"]) == [(2,)]
    assert ask(market_database, **query, filters=["not in_period(orders.placed, 'this year')"]) == [(3,)]
    month = {"field": "orders.placed", "granularity": "month", "name": "month"}
    found = ask(market_database, **query, dimensions=[month], filters=["in_period(month, 'last quarter')"])
    assert found == [("2024-12-01 00:00:00", 1)]


def test_plan_has_the_bounds() -> None:
    query = {"measures": ["orders.count"], "filters": ["in_period(orders.placed, 'last 7 days')"], "now": NOW}
    plan = compile_market(**query, time_zone="Europe/Zurich").plan
    start, end = "2025-03-01T00:00:00", "2025-03-08T00:00:00"
    assert plan.periods == [PlanPeriod("orders.placed", "last 7 days", "Europe/Zurich", start, end)]
    assert plan.where_filters == query["filters"]


def test_periods_of_measures_and_segments(market_database: Database) -> None:
    """The period is that of the query's `now`, in each place where a measure can have one."""
    winter = "in_period(placed, 'last 3 months')"
    measures = [
        {"name": "by_segment", "expr": "count(*)", "segments": ["winter"]},
        {"name": "by_filter", "expr": "count(*)", "filter": winter},
        {"name": "by_case", "expr": f"sum(case when {winter} then amount end)"},
    ]
    orders = {"measures": measures, "segments": [{"name": "winter", "expr": winter}]}
    of_row = {"name": "of_row", "type": "number", "measure": "orders.by_segment"}
    sources, now = market(orders=orders, customers={"columns": [of_row]}), "2025-01-15"
    names = ["orders.by_segment", "orders.by_filter", "orders.by_case"]
    composed = "count(orders.*) filter (where in_period(orders.placed, 'last 3 months'))"
    assert ask(market_database, sources, measures=[*names, composed], now=now) == [(2, 2, 95, 2)]
    assert ask(market_database, sources, measures=["orders.count"], segments=["orders.winter"], now=now) == [(2,)]
    for filters, count in (["customers.of_row = 2"], 1), (["exists(customers.of_row = 2 and visits.id > 0)"], 1):
        assert ask(market_database, sources, measures=["customers.count"], filters=filters, now=now) == [(count,)]
    plan = compile_market(sources=sources, measures=names, now=now).plan
    assert plan.periods == [
        PlanPeriod("orders.placed", "last 3 months", "UTC", "2024-11-01T00:00:00", "2025-02-01T00:00:00")
    ]


def test_period_in_a_column_is_an_error() -> None:
    late = {"name": "late", "type": "boolean", "expr": "in_period(placed, 'today')"}
    with pytest.raises(SemanticError, match="which columns and `followed_by` cannot use"):
        compile_market(sources=market(orders={"columns": [late]}), measures=["orders.count"], filters=["orders.late"])


ERRORS: dict[str, dict[str, Any]] = {
    "'last fortnight' is not a period; write it as one of": {"filters": ["in_period(orders.placed, 'last fortnight')"]},
    "'2025-02-30' is not a period": {"filters": ["in_period(orders.placed, '2025-02-30')"]},
    "'last 0 days' is not a period": {"filters": ["in_period(orders.placed, 'last 0 days')"]},
    "ends before it starts": {"filters": ["in_period(orders.placed, '2025-02 to 2025-01')"]},
    "only a time can be in_period": {"filters": ["in_period(orders.amount, 'today')"]},
    "is about a column of type time": {"filters": ["in_period(orders.amount + 1, 'today')"]},
    "needs a time and a period": {"filters": ["in_period(orders.placed)"]},
    "There is no time zone 'Europe/Zuerich'": {"time_zone": "Europe/Zuerich"},
    "`now` is 'noon'": {"now": "noon"},
    "periods are for filters": {"dimensions": [{"expr": "in_period(orders.placed, 'today')", "name": "x"}]},
}


@pytest.mark.parametrize("message", ERRORS)
def test_error_says_what_to_write(message: str) -> None:
    with pytest.raises(SemanticError, match=re.escape(message)):
        compile_market(measures=["orders.count"], **ERRORS[message])


def test_days_are_in_no_period_of_hours() -> None:
    sources = market(orders={"columns": [{"name": "day", "type": "time", "granularity": "day"}]})
    with pytest.raises(SemanticError, match=r"The times of orders\.day are days"):
        compile_market(sources=sources, measures=["orders.count"], filters=["in_period(orders.day, 'last 3 hours')"])
