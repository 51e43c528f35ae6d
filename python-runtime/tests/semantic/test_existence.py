"""Rows that have, and have not, rows of another source; and columns with a measure for each row."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import Database
from tests.semantic.market import TO_CUSTOMERS, ask, compile_market, market

CANCELLED = "exists(orders.status = 'cancelled')"
OF_CUSTOMER = "exists(customers, orders.status = 'cancelled')"

FILTERS: dict[str, tuple[list[str], list[str], list[Any]]] = {
    "rows of the fact": (["customers.count"], [CANCELLED], [1]),
    "none of them": (["customers.count"], [f"not {CANCELLED}"], [3]),
    "without any": (["customers.count"], ["not exists(orders.id > 0)"], [1]),
    "without any, by the name of the source": (["customers.count"], ["not exists(orders)"], [1]),
    "of no entity, by the name of the source": (["visits.count"], ["not exists(customers, orders)"], [2]),
    "NULL is not satisfied": (["customers.count"], ["not exists(orders.placed > '2025-01-02')"], [3]),
    "a condition of the row itself": (["orders.count", "orders.revenue"], [CANCELLED], [1, 150]),
    "its complement": (["orders.count", "orders.revenue"], ["not exists(orders.placed > '2025-01-02')"], [5, 295]),
    "beside another condition": (["customers.count"], [f"{CANCELLED} or customers.region is null"], [2]),
    "connected by and": (["customers.count"], ["not exists(orders.id > 4) and customers.region is not null"], [2]),
    "of an entity": (["orders.count", "visits.count"], [OF_CUSTOMER], [2, 2]),
    "not of an entity": (["orders.count", "visits.count", "customers.count"], [f"not {OF_CUSTOMER}"], [4, 5, 3]),
    "of two entities": (["visits.count"], ["exists(customers, orders.amount > 200)", f"not {OF_CUSTOMER}"], [1]),
    "several in one": (["visits.count"], [f"exists(customers, orders.amount > 200) or {OF_CUSTOMER}"], [3]),
}


@pytest.mark.parametrize("name", FILTERS)
def test_rows_that_exist(market_database: Database, name: str) -> None:
    measures, filters, expected = FILTERS[name]
    assert ask(market_database, measures=measures, filters=filters) == [tuple(expected)]


def test_rows_are_not_multiplied_in_groups(market_database: Database) -> None:
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.region"]}
    found = ask(market_database, **query, filters=["exists(customers, visits.id > 0)"])
    assert found == [("north", 200), ("south", 345)]


COUNT = {"name": "order_count", "type": "number", "measure": "orders.count"}
SPENT = {"name": "spent", "type": "number", "measure": "orders.revenue"}
MEAN = {"name": "mean", "type": "number", "measure": "orders.mean"}


def counted(*columns: dict[str, Any]) -> list[Source]:
    mean = {"name": "mean", "expr": "revenue / count"}
    return market(customers={"columns": [COUNT, SPENT, MEAN, *columns]}, orders={"measures": [mean]})


COLUMNS: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "dimension": (
        {"measures": ["customers.count"], "dimensions": ["customers.order_count", "customers.spent"]},
        [(0, None, 1), (1, 250, 1), (2, 95, 1), (2, 200, 1)],
    ),
    "filter": ({"measures": ["customers.count"], "filters": ["customers.order_count >= 2"]}, [(2,)]),
    "filter of another fact": ({"measures": ["visits.count"], "filters": ["customers.order_count = 0"]}, [(1,)]),
    "aggregate": (
        {"measures": ["avg(customers.order_count)", "sum(customers.spent)", "max(customers.mean)"]},
        [(1.25, 545, 250)],
    ),
    "bins": (
        {
            "measures": ["orders.revenue"],
            "dimensions": [{"expr": "bin(customers.spent, 150)", "name": "from"}],
            "filters": ["customers.spent is not null"],
        },
        [(0, 95), (150, 450)],
    ),
    "case": (
        {
            "measures": ["customers.count"],
            "dimensions": [{"expr": "case when customers.order_count > 1 then 'many' else 'few' end", "name": "n"}],
        },
        [("few", 2), ("many", 2)],
    ),
    "beside many rows": (
        {"measures": ["avg(customers.order_count)"], "dimensions": ["orders.status"], "filters": ["orders.id < 5"]},
        [("cancelled", 2), ("paid", 2)],
    ),
    "in a condition on rows that exist": (
        {"measures": ["customers.count"], "filters": ["exists(visits.id > 0 and customers.order_count = 0)"]},
        [(1,)],
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_measure_of_each_row(market_database: Database, name: str) -> None:
    query, expected = COLUMNS[name]
    assert ask(market_database, counted(), **query) == expected


def test_measure_of_a_measure_of_each_row(market_database: Database) -> None:
    """Orders of the customers of each region: a column of regions over a column of customers."""
    model = msgspec.to_builtins(counted())
    customers = next(item for item in model if item["name"] == "customers")
    customers["measures"].append({"name": "most", "expr": "max(order_count)"})
    customers["joins"] = [{"to": "regions", "on": "region = regions.name", "relationship": "many_to_one"}]
    columns = [{"name": "name", "type": "string"}, {"name": "most", "type": "number", "measure": "customers.most"}]
    sql = "SELECT DISTINCT region AS name FROM customers WHERE NOT region IS NULL"
    model.append({"name": "regions", "sql": sql, "grain": ["name"], "columns": columns})
    sources = msgspec.convert(model, list[Source])
    assert validate(sources, market_database.dialect).errors == []
    assert ask(market_database, sources, dimensions=["regions.name", "regions.most"]) == [("north", 2), ("south", 2)]


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_lookup_is_written_in_every_dialect(dialect: str) -> None:
    query = {"measures": ["visits.count"], "filters": [f"not {OF_CUSTOMER}"], "dimensions": ["customers.order_count"]}
    sql = compile_market(dialect, counted(), **query).sql
    assert sql.count("LEFT JOIN") == 3
    assert not re.search(r"\bEXISTS\b", sql)
    assert compile_market(dialect, counted(), **query).plan.sources_used == ["visits", "customers", "orders"]


def test_model_is_valid() -> None:
    assert validate(counted(), "duckdb").errors == []


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"measure": "orders.counts"}, "There is no measure in orders 'counts'"),
        ({"measure": "orders.count", "expr": "1"}, "It has an `expr` and a `measure`"),
        ({"measure": "customers.most"}, "refer to each other in a cycle: customers.x → customers.x"),
        ({"measure": "lines.count"}, "There is no source 'lines'"),
    ],
)
def test_invalid_measure_of_a_column_is_an_error(column: dict[str, str], message: str) -> None:
    most = {"name": "most", "expr": "max(x)"}
    sources = market(customers={"columns": [{"name": "x", "type": "number", **column}], "measures": [most]})
    errors = validate(sources, "duckdb").errors
    assert any(message in error for error in errors), errors


def test_measure_of_the_one_side_is_refused_on_the_many_side() -> None:
    sources = market(orders={"columns": [{"name": "x", "type": "number", "measure": "customers.count"}]})
    assert "A row of customers has many rows of orders" in validate(sources, "duckdb").errors[0]


def test_source_without_a_grain_is_refused() -> None:
    with pytest.raises(SemanticError, match="which declares none; add its `grain`") as caught:
        compile_market(sources=market(customers={"grain": []}), measures=["customers.count"], filters=[CANCELLED])
    assert caught.value.problem is Problem.INVALID_MODEL


def test_existence_in_a_measure_is_refused() -> None:
    sources = market(orders={"measures": [{"name": "x", "expr": "count(*)", "filter": "exists(status = 'paid')"}]})
    with pytest.raises(SemanticError, match="is for filters of a query; declare a column with a `measure`"):
        compile_market(sources=sources, measures=["orders.x"])


@pytest.mark.parametrize("place", ["query", "source"])
def test_existence_follows_the_paths_of(place: str, market_database: Database) -> None:
    """Orders have two customers: the ones who ordered and, over the other role, the ones who are invited."""
    joins = [{**TO_CUSTOMERS[0], "alias": "buyer"}, {**TO_CUSTOMERS[0], "alias": "guest", "on": "id = customers.id"}]
    paths = {"customers": "guest"}
    sources = msgspec.to_builtins(market(orders={"paths": paths} if place == "source" else {}))
    orders = next(item for item in sources if item["name"] == "orders")
    orders["joins"] = joins
    query: dict[str, Any] = {"measures": ["orders.count"], "paths": paths if place == "query" else {}}
    for condition in "exists(customers.region = 'south')", "exists(orders, customers.region = 'south')":
        found = ask(market_database, msgspec.convert(sources, list[Source]), **query, filters=[condition])
        assert found == [(2,)]


ERRORS = {
    "cannot be applied to orders: No join path leads from orders to visits": "exists(visits.id > 0)",
    "declare a column with this `measure`": "exists(orders.revenue > 5)",
    "needs the name of a source first": "exists(customers.region, orders.id > 5)",
    "There is no source 'customer'": "exists(customer, orders.id > 5)",
    "is not a condition": "exists(orders.id)",
}


@pytest.mark.parametrize("message", ERRORS)
def test_existence_that_has_no_answer_is_refused(message: str) -> None:
    with pytest.raises(SemanticError, match=re.escape(message)):
        compile_market(measures=["orders.count"], filters=[ERRORS[message]])
