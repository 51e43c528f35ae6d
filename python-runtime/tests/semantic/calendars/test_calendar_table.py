"""Weeks and fiscal periods of a calendar table equal those of SQL written by hand, on each database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.calendars.cases import CASES
from tests.semantic.calendars.days import DAYS, JOINED, MODEL, SALES, SHOPS, SOURCES, TABLE, TABLES
from tests.semantic.databases import DIALECTS, Database, connect

QUARTER = "metric_time:fiscal_quarter"


@pytest.fixture(scope="module")
def expected_results() -> dict[str, list[tuple[Any, ...]]]:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        return {name: connected.rows(sql) for name, (_, sql) in CASES.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_days_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


def ask(
    query: dict[str, Any],
    dialect: str = "duckdb",
    sources: list[dict[str, Any]] = SOURCES,
    model: dict[str, Any] = MODEL,
) -> CompiledQuery:
    asked = msgspec.convert({"limit": None, **query}, Query)
    return compile_query(msgspec.convert(sources, list[Source]), asked, dialect, msgspec.convert(model, Model))


@pytest.mark.parametrize("name", CASES)
def test_answer_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    found = ask(CASES[name][0], database.dialect)
    assert database.rows(found.sql) == expected_results[name], found.sql
    if found.count_sql is not None:
        assert database.rows(found.count_sql) == [(float(len(expected_results[name])),)]


def test_a_column_of_the_table_may_be_an_expression_of_a_query(database: Database) -> None:
    days = {
        **{key: value for key, value in DAYS.items() if key != "table"},
        "sql": "SELECT day AS d, fiscal_year AS y FROM days",
        "grain": ["on_day"],
        "columns": [
            {"name": "on_day", "type": "time", "expr": "d", "visibility": "hidden"},
            {"name": "of_year", "type": "time", "expr": "y"},
            {"name": "none", "type": "time", "expr": "nullif(y, y)"},
        ],
    }
    table = {"source": "days", "day": "on_day", "fiscal_year": "of_year", "fiscal_quarter": "none"}
    query = {"measures": ["sales.count"], "dimensions": ["metric_time:fiscal_year", QUARTER]}
    found = ask(query, database.dialect, [days, SALES, SHOPS], {"calendar": {"table": table}})
    rows = database.rows(found.sql)
    assert [(row[1], row[2]) for row in rows] == [(None, 3.0), (None, 5.0), (None, 6.0)]


def test_the_plan_says_which_times_have_no_period() -> None:
    for query in (
        {"dimensions": [QUARTER]},
        {"dimensions": ["metric_time:day"], "measures": ["period_to_date(sales.revenue, 'fiscal_quarter')"]},
        {"measures": ["avg(per(sales.revenue, 'metric_time:fiscal_quarter'))"]},
    ):
        plan = ask({"measures": ["sales.revenue"], **query}).plan
        assert plan.warnings == [
            "Times on days for which days has no fiscal_quarter have no fiscal_quarter, and NULL in its place"
        ]
        assert plan.sources_used == ["sales", "days"]
    plan = ask({"measures": ["sales.revenue"], "dimensions": ["metric_time:month"]}).plan
    assert (plan.warnings, plan.sources_used) == ([], ["sales"])


def test_the_table_is_a_dimension_as_well() -> None:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        query = {"measures": ["sales.count"], "dimensions": [QUARTER], "filters": ["days.holiday is null"]}
        found = ask(query, sources=[DAYS, JOINED, SHOPS])
        assert connected.rows(found.sql)[-1] == (None, 6.0)


def test_units_without_a_column_are_computed() -> None:
    table = {key: value for key, value in TABLE.items() if not key.startswith("fiscal")}
    model = {"calendar": {"table": table, "fiscal_year_start": 2}}
    assert "days" not in ask({"measures": ["sales.count"], "dimensions": [QUARTER]}, model=model).plan.sources_used
    weekly = ask({"measures": ["sales.count"], "dimensions": ["metric_time:week"]}, model=model)
    assert weekly.plan.sources_used == ["sales", "days"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an earlier period": (
        {"measures": ["previous(sales.revenue, '1 year')"], "dimensions": [QUARTER]},
        "A fiscal_quarter cannot be compared with that of 1 year before: the periods of a calendar table can differ in "
        "length; group by day",
    ),
    "weeks before": (
        {"measures": ["growth(sales.revenue, '52 weeks')"], "dimensions": ["metric_time:week"]},
        "A week cannot be compared with that of 52 weeks before: the periods of a calendar table can differ in length; "
        "group by day",
    ),
    "a window of days": (
        {"measures": ["rolling(sales.revenue, '7 days')"], "dimensions": [QUARTER]},
        "Windows of 7 days cannot be grouped by fiscal_quarter, whose ends the calendar table has; group by day, or "
        "write period_to_date",
    ),
    "weeks in fiscal months": (
        {
            "measures": ["sales.revenue"],
            "dimensions": ["metric_time:week", "metric_time:fiscal_month"],
            "fill_gaps": True,
        },
        "metric_time_week and metric_time_fiscal_month cannot be the periods of one calculation over time, because a "
        "week can be in two of them; leave one out",
    ),
    "calendar months in a fiscal year": (
        {"measures": ["period_to_date(sales.revenue, 'fiscal_year')"], "dimensions": ["metric_time:month"]},
        "A fiscal_year to date cannot be grouped by month, because a month is no part of one fiscal_year; group by a "
        "shorter unit, such as day",
    ),
    "a period in words": (
        {"measures": ["sales.revenue"], "filters": ["in_period(sales.sold, 'last fiscal quarter')"]},
        "The bounds of a fiscal quarter cannot be computed, because the calendar table has them; write dates, such as "
        "'2025-02-02 to 2025-05-03', or filter by a dimension with the granularity fiscal_quarter",
    ),
    "a named fiscal year": (
        {"measures": ["sales.revenue"], "filters": ["in_period(sales.sold, 'FY2024-Q1')"]},
        "The bounds of a fiscal year cannot be computed, because the calendar table has them; write dates, such as "
        "'2025-02-02 to 2025-05-03', or filter by a dimension with the granularity fiscal_year",
    ),
    "weeks in words": (
        {"measures": ["sales.revenue"], "filters": ["in_period(sales.sold, 'last 3 complete weeks')"]},
        "The bounds of a week cannot be computed, because the calendar table has them; write dates, such as "
        "'2025-02-02 to 2025-05-03', or filter by a dimension with the granularity week",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_certain_is_refused(name: str) -> None:
    query, message = REFUSED[name]
    with pytest.raises(SemanticError) as caught:
        ask(query)
    assert str(caught.value) == message


MODELS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an unknown source": (
        {"table": {**TABLE, "source": "dates"}},
        {},
        "The calendar table is the source 'dates', which the connection does not have",
    ),
    "an unknown column": (
        {"table": {**TABLE, "fiscal_year": "year"}},
        {},
        "There is no column in days 'year'; there are 'day', 'week_start', 'fiscal_month', 'fiscal_quarter', "
        "'fiscal_year', 'holiday'",
    ),
    "a label": (
        {"table": {**TABLE, "fiscal_year": "holiday"}},
        {},
        "days.holiday, the fiscal_year of the calendar table, is of type string; it has to be a date",
    ),
    "instants": (
        {"table": TABLE},
        {"columns": [{**column, "time_zone": "instant"} for column in DAYS["columns"]]},
        "days.day, the day of the calendar table, is in the time zone instant; it has to be a date",
    ),
    "another grain": (
        {"table": TABLE},
        {"grain": ["day", "holiday"]},
        "The calendar table days needs the grain [day], one row for each day",
    ),
    "no periods": (
        {"table": {"source": "days", "day": "day"}},
        {},
        "The calendar table names no column of a period; name `week`, or the fiscal periods",
    ),
    "two fiscal years": (
        {"table": TABLE, "fiscal_year_start": 2},
        {},
        "The calendar has fiscal years of its `table` and `fiscal_year_start`; remove one of them",
    ),
    "retail years as well": (
        {"table": TABLE, "retail": {"pattern": "4-5-4"}},
        {},
        "The calendar has fiscal years of its `table` and `retail`; remove one of them",
    ),
    "two starts of weeks": (
        {"table": TABLE, "week_start": "sunday"},
        {},
        "The calendar has weeks of its `table` and `week_start`; remove one of them",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_uncertain_calendar_is_an_error(name: str) -> None:
    calendar, days, message = MODELS[name]
    sources = [{**DAYS, **days}, SALES, SHOPS]
    model = {"calendar": calendar}
    found = validate(msgspec.convert(sources, list[Source]), "duckdb", model=msgspec.convert(model, Model))
    assert found.errors == [f"calendar: {message}"]
    with pytest.raises(SemanticError):
        ask({"measures": ["sales.count"], "dimensions": ["metric_time:week", QUARTER]}, sources=sources, model=model)
    ask({"measures": ["sales.count"], "dimensions": ["metric_time:month"]}, sources=sources, model=model)


def test_a_fiscal_period_without_a_column_is_an_error() -> None:
    model = {"calendar": {"table": {"source": "days", "day": "day", "fiscal_year": "fiscal_year"}}}
    assert ask({"measures": ["sales.count"], "dimensions": ["metric_time:fiscal_year"]}, model=model).sql
    with pytest.raises(SemanticError, match="no column for periods of fiscal_quarter; name it"):
        ask({"measures": ["sales.count"], "dimensions": [QUARTER]}, model=model)


def test_a_valid_calendar_has_no_errors() -> None:
    found = validate(msgspec.convert(SOURCES, list[Source]), "duckdb", model=msgspec.convert(MODEL, Model))
    assert (found.errors, found.warnings) == ([], [])
