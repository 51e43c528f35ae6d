"""Dimensions that are expressions, and conditions on dimensions by the name of their column."""

from __future__ import annotations

import re
from typing import Any

import pytest

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import Database
from tests.semantic.market import ask, compile_market

SIZE = {"expr": "case when orders.amount >= 100 then 'big' else 'small' end", "name": "size"}
MONTH = {"field": "orders.placed", "granularity": "month", "name": "month"}
REGION = {"expr": "coalesce(customers.region, 'none')", "name": "region"}

CASES: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "case": ({"dimensions": [SIZE]}, [("big", 3, 500), ("small", 3, 45)]),
    "several sources": (
        {"dimensions": [{"expr": "case when orders.amount > 0 then customers.region end", "name": "x"}]},
        [("north", 2, 200), ("south", 2, 350), (None, 2, -5)],
    ),
    "bins": (
        {"dimensions": [{"expr": "bin(orders.amount, 100)", "name": "from"}], "order_by": ["from:desc"]},
        [(200, 1, 250), (100, 2, 250), (0, 2, 50), (-100, 1, -5)],
    ),
    "bins of fractions": (
        {"dimensions": [{"expr": "bin(orders.amount / 10.0, 2.5)", "name": "from"}]},
        [(-2.5, 1, -5), (0, 1, 0), (5, 1, 50), (10, 1, 100), (15, 1, 150), (25, 1, 250)],
    ),
    "truncation": (
        {"dimensions": [{"expr": "date_trunc('year', orders.placed)", "name": "y"}], "filters": ["y is not null"]},
        [("2024-01-01 00:00:00", 3, 195), ("2025-01-01 00:00:00", 2, 350)],
    ),
    "granularity of an expression": (
        {"dimensions": [{"expr": "coalesce(orders.placed, '2023-05-06')", "granularity": "year", "name": "year"}]},
        [("2023-01-01 00:00:00", 1, 0), ("2024-01-01 00:00:00", 3, 195), ("2025-01-01 00:00:00", 2, 350)],
    ),
    "short form": (
        {"dimensions": ["orders.placed:year"], "filters": ["placed_year < '2025-01-01'"]},
        [("2024-01-01 00:00:00", 3, 195)],
    ),
    "renamed": (
        {"dimensions": [{"field": "customers.region", "name": "place"}], "filters": ["place = 'south'"]},
        [("south", 3, 345)],
    ),
    "filter on an expression": ({"dimensions": [SIZE], "filters": ["size = 'big'"]}, [("big", 3, 500)]),
    "filter on a month": (
        {"dimensions": [MONTH], "filters": ["month = '2025-03-01' or month = '2024-02-01'"]},
        [("2024-02-01 00:00:00", 1, 50), ("2025-03-01 00:00:00", 1, 250)],
    ),
    "filter on an hour": (
        {
            "dimensions": [{"field": "orders.placed", "granularity": "hour", "name": "hour"}],
            "filters": ["hour between '2024-12-31T23:00' and '2025-01-01'"],
        },
        [("2024-12-31 23:00:00", 1, -5), ("2025-01-01 00:00:00", 1, 100)],
    ),
    "filter on a dimension and a measure": (
        {"dimensions": [SIZE], "filters": ["size <> 'none' and orders.revenue > 100"]},
        [("big", 3, 500)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_dimension_is_grouped_and_filtered(market_database: Database, case: str) -> None:
    query, expected = CASES[case]
    assert ask(market_database, measures=["orders.count", "orders.revenue"], **query) == expected


def test_each_fact_reads_an_expression_and_its_filter(market_database: Database) -> None:
    """Visits and orders reach the customers; those of no customer are in the group of none."""
    query = {"measures": ["orders.count", "visits.count"], "dimensions": [REGION]}
    assert ask(market_database, **query) == [("none", 1, 2), ("north", 2, 2), ("south", 3, 3)]
    assert ask(market_database, **query, filters=["region <> 'none'"]) == [("north", 2, 2), ("south", 3, 3)]


def test_column_of_the_result_has_the_name() -> None:
    compiled = compile_market(measures=["orders.count"], dimensions=[SIZE])
    column = compiled.columns[0]
    assert (column.name, column.alias, column.expr) == ("size", "size", SIZE["expr"])


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_expression_is_written_in_every_dialect(dialect: str) -> None:
    dimensions = [SIZE, {"expr": "bin(orders.amount, 0.5)", "name": "bin"}, MONTH]
    query = {"measures": ["orders.count"], "dimensions": dimensions, "filters": ["month > '2025-01-01'"]}
    assert "bin(" not in compile_market(dialect, **query).sql.lower()


ERRORS = {
    "needs a `name`": {"expr": "orders.amount + 1"},
    "empty name": {"expr": "orders.amount + 1", "name": " "},
    "either a `field` or an `expr`": {"field": "orders.amount", "expr": "orders.amount + 1", "name": "x"},
    "aggregates rows": {"expr": "sum(orders.amount)", "name": "x"},
    "a window function": {"expr": "row_number() over ()", "name": "x"},
    "a subquery": {"expr": "(select 1)", "name": "x"},
    "reads no column": {"expr": "1 + 1", "name": "x"},
    "a positive number as the width": {"expr": "bin(orders.amount, 0)", "name": "x"},
    "only a time has a granularity": {"expr": "date_trunc('month', orders.status)", "name": "x"},
    "is hidden": {"expr": "orders.customer_id + 1", "name": "x"},
    "did you mean 'orders.amount'": {"expr": "amount + 1", "name": "x"},
}


@pytest.mark.parametrize("message", ERRORS)
def test_expression_that_is_no_dimension_is_refused(message: str) -> None:
    with pytest.raises(SemanticError, match=re.escape(message)):
        compile_market(measures=["orders.count"], dimensions=[ERRORS[message]])


def test_name_of_a_dimension_and_a_measure_is_refused() -> None:
    with pytest.raises(SemanticError, match="more than once: a column with the name size") as caught:
        compile_market(measures=[{"expr": "sum(orders.amount)", "name": "size"}], dimensions=[SIZE])
    assert caught.value.problem is Problem.INVALID_QUERY


@pytest.mark.parametrize("literal", ["'March'", "'2025-13-01'", "3"])
def test_period_is_compared_with_a_date(literal: str) -> None:
    with pytest.raises(SemanticError, match=r"month is a time and is compared with .*; write a date"):
        compile_market(measures=["orders.count"], dimensions=[MONTH], filters=[f"month = {literal}"])
