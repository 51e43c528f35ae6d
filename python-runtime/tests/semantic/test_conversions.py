"""Measures of rows that a later row follows: visits with an order within a duration."""

from __future__ import annotations

from typing import Any

import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.model.models import Source
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import Database
from tests.semantic.market import ask, compile_market, market

ON = "customer_id = orders.customer_id"


def converted(within: str, name: str = "converted", **keys: Any) -> dict[str, Any]:
    later = {"source": "orders", "on": ON, "within": within, "time": "placed", **keys}
    return {"name": name, "expr": "count(*)", "followed_by": later}


def visits(within: str = "7 days", **keys: Any) -> list[Source]:
    rate = {"name": "rate", "expr": "converted / count"}
    return market(visits={"time": "seen", "measures": [converted(within, **keys), rate]})


CASES: list[tuple[str, dict[str, Any], int]] = [
    # An order at the time of the visit follows it; one that is exactly seven days later does not.
    ("7 days", {}, 3),
    ("8 days", {}, 4),
    ("1 month", {"filter": "amount > 100"}, 3),
    ("3 hours", {}, 2),
    ("7 days", {"filter": "orders.status = 'cancelled'"}, 1),
]


@pytest.mark.parametrize(("within", "keys", "count"), CASES)
def test_rows_that_are_followed_count_once(
    market_database: Database, within: str, keys: dict[str, Any], count: int
) -> None:
    sources = visits(within, **keys)
    assert ask(market_database, sources, measures=["visits.converted", "visits.count"]) == [(count, 7)]


def test_rate_by_the_dimension_of_the_first_row(market_database: Database) -> None:
    query = {"measures": ["visits.rate"], "dimensions": ["customers.region"]}
    assert ask(market_database, visits(), **query) == [("north", 0.5), ("south", 0.666666667), (None, 0)]


def test_rows_are_not_multiplied_beside_many_rows(market_database: Database) -> None:
    """A customer that has visits counts once in each group, and so do visits."""
    query = {"measures": ["visits.converted", "orders.count"], "dimensions": ["customers.region"]}
    assert ask(market_database, visits(), **query) == [("north", 1, 2), ("south", 2, 3), (None, 0, 1)]


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_conversion_is_written_in_every_dialect(dialect: str) -> None:
    assert validate(visits(), dialect).errors == []
    assert compile_market(dialect, visits(), measures=["visits.rate"]).sql.count("DISTINCT") == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"within": "soon"}, "'soon' is not a duration"),
        ({"source": "order"}, "There is no source 'order'"),
        ({"on": "customer_id > orders.customer_id"}, "is no equality of columns"),
        ({"on": "customer_id = customers.id"}, "names 'customers'"),
        ({"filter": "customers.region = 'north'"}, "it is about the columns of orders"),
        ({"time": None}, "orders declares no `time`"),
        ({"time": "amount"}, "orders.amount is of type number"),
    ],
)
def test_invalid_conversion_is_an_error(keys: dict[str, Any], message: str) -> None:
    errors = validate(visits(**keys), "duckdb").errors
    assert any(message in error for error in errors), errors
