"""Measures of facts that share no dimension are beside each other by `metric_time` only."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import TableData, connect
from tests.semantic.retail import join, source

SOURCES: list[dict[str, Any]] = [
    source("cities", "id", "id:n name:s"),
    source(
        "orders",
        "id",
        "id:n city_id:n placed:t",
        time="placed",
        joins=[("cities", "city_id = cities.id")],
        measures={"count": "count(*)"},
    ),
    source(
        "parcels",
        "id",
        "id:n origin_id:n",
        joins=[("cities", "origin_id = origin.id", "origin")],
        measures={"count": "count(*)"},
    ),
    source("visits", "id", "id:n seen:t device:s", time="seen", measures={"count": "count(*)"}),
    source("tickets", "id", "id:n agent:s", measures={"count": "count(*)"}),
]
MODEL = {"metrics": [{"name": "rate", "expr": "orders.count / visits.count"}]}
TABLES: dict[str, TableData] = {
    "cities": ({"id": "int", "name": "text"}, [[1, "Bern"]]),
    "orders": (
        {"id": "int", "city_id": "int", "placed": "time"},
        [[1, 1, "2024-01-05"], [2, 1, "2024-02-05"], [3, 1, "2024-02-06"]],
    ),
    "parcels": ({"id": "int", "origin_id": "int"}, [[1, 1]]),
    "visits": (
        {"id": "int", "seen": "time", "device": "text"},
        [[1, "2024-01-01", "a"], [2, "2024-01-02", "b"], [3, "2024-02-01", "a"], [4, "2023-01-01", "a"]],
    ),
    "tickets": ({"id": "int", "agent": "text"}, []),
}
BOTH = ["orders.count", "visits.count"]
APART = "orders and visits share no dimension"


def ask(query: dict[str, Any], sources: list[dict[str, Any]] = SOURCES) -> list[tuple[Any, ...]]:
    model = msgspec.convert(MODEL, Model)
    found = compile_query(msgspec.convert(sources, list[Source]), msgspec.convert(query, Query), "duckdb", model)
    with connect("duckdb", "") as database:
        database.load(TABLES)
        return database.rows(found.sql)


ANSWERED: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "a time": (
        {"measures": BOTH, "dimensions": ["metric_time:year"]},
        [("2023-01-01 00:00:00", 0.0, 1.0), ("2024-01-01 00:00:00", 3.0, 3.0)],
    ),
    "a filter on the time": (
        {"measures": [*BOTH, "rate"], "filters": ["in_period(metric_time, '2024-02')"]},
        [(2.0, 1.0, 2.0)],
    ),
    "a metric by time": (
        {"measures": ["rate"], "dimensions": ["metric_time:month"], "filters": ["metric_time >= '2024-01-01'"]},
        [("2024-01-01 00:00:00", 0.5), ("2024-02-01 00:00:00", 2.0)],
    ),
    "a total beside a time": (
        {"measures": ["percent_of_total(orders.count)", "visits.count"], "dimensions": ["metric_time:year"]},
        [("2023-01-01 00:00:00", 0.0, 1.0), ("2024-01-01 00:00:00", 1.0, 3.0)],
    ),
    "an average over periods": (
        {"measures": ["avg(per(rate, 'metric_time:month'))"], "filters": []},
        [(0.833333,)],
    ),
    "a source that both reach": ({"measures": ["orders.count", "parcels.count"]}, [(3.0, 1.0)]),
    "a fact and its dimension": ({"measures": ["orders.count", "cities.name_count"]}, [(3.0, 1.0)]),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_facts_with_a_shared_dimension_or_time_are_answered(name: str) -> None:
    query, rows = ANSWERED[name]
    cities = {**SOURCES[0], "measures": [{"name": "name_count", "expr": "count(distinct name)"}]}
    found = ask(query, [cities, *SOURCES[1:]])
    assert [tuple(round(x, 6) if isinstance(x, float) else x for x in row) for row in found] == rows


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "totals": ({"measures": BOTH}, APART),
    "a metric": ({"measures": ["rate"]}, APART),
    "a composed measure": ({"measures": ["orders.count / visits.count"]}, APART),
    "a condition on a measure": ({"measures": ["orders.count"], "filters": ["visits.count > 1"]}, APART),
    "an order": ({"measures": ["orders.count"], "order_by": ["rate"]}, APART),
    "a total beside groups": (
        {"measures": ["orders.count", "fixed(visits.count)"], "dimensions": ["cities.name"]},
        APART,
    ),
    "the second and the third": (
        {"measures": ["orders.count", "parcels.count", "tickets.count"]},
        "orders and tickets share no dimension",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_facts_that_share_nothing_are_refused(name: str) -> None:
    query, words = REFUSED[name]
    with pytest.raises(SemanticError, match=words) as caught:
        ask(query)
    assert caught.value.problem is Problem.INVALID_QUERY


def test_the_error_says_what_can_be_asked() -> None:
    advice = "declare joins of both with a source that they share"
    queries = "ask for each in a query of its own; or"
    for other, time in (
        ("visits", "add metric_time as a dimension or in a filter"),
        ("tickets", "declare the `time` of tickets, and add metric_time as a dimension or in a filter"),
    ):
        with pytest.raises(SemanticError) as caught:
            ask({"measures": ["orders.count", f"{other}.count"]})
        assert str(caught.value) == (
            f"orders and {other} share no dimension, so that their measures do not belong together in one row; "
            f"{queries} {time}; or {advice}"
        )


def test_a_metric_that_no_query_can_answer_is_invalid() -> None:
    metrics = {
        "by_time": "orders.count / visits.count",
        "by_city": "orders.count / parcels.count",
        "by_own_time": "orders.count / tickets.closed",
        "never": "orders.count / tickets.count",
        "within": "never + 1",
    }
    model = msgspec.convert({"metrics": [{"name": name, "expr": expr} for name, expr in metrics.items()]}, Model)
    closed = {"name": "closed", "expr": "count(*)", "time": "closed_at"}
    tickets = source("tickets", "id", "id:n agent:s closed_at:t", measures={"count": "count(*)"})
    tickets["measures"].append(closed)
    found = validate(msgspec.convert([*SOURCES[:-1], tickets], list[Source]), "duckdb", model=model)
    message = (
        "orders and tickets share no dimension, so that no query can answer it; declare the `time` of tickets, by "
        "which both can be grouped, or joins of both with a source that they share"
    )
    assert found.errors == [f"metric 'never': {message}", f"metric 'within': {message}"]


def test_links_of_a_bridge_are_shared() -> None:
    links = source(
        "links",
        "order_id visit_id",
        "order_id:n visit_id:n",
        joins=[("orders", "order_id = orders.id"), ("visits", "visit_id = visits.id")],
        bridge=True,
    )
    assert ask({"measures": BOTH}, [*SOURCES, links]) == [(3.0, 4.0)]
    joined = {**SOURCES[3], "joins": [join("orders", "id = orders.id")]}
    assert ask({"measures": BOTH}, [*SOURCES[:3], joined, SOURCES[4]]) == [(3.0, 4.0)]
