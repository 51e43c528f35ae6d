"""Errors name the problem and an alternative."""

from __future__ import annotations

from typing import Any

import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Metric, Model
from semantic_layer.model.queries import Query
from tests.semantic.shop import SHOP, compile_shop, shop_model, to_sources

TO_ONE = {"relationship": "many_to_one"}


def column(name: str, expr: str) -> dict[str, Any]:
    return {"columns": [*SHOP["orders"]["columns"], {"name": name, "type": "number", "expr": expr}]}


def measure(source: str, *measures: dict[str, Any]) -> dict[str, Any]:
    return {"measures": [*SHOP[source]["measures"], *measures]}


@pytest.mark.parametrize(
    ("query", "problem", "parts"),
    [
        ({}, Problem.INVALID_QUERY, ["at least one measure or one dimension"]),
        ({"measures": ["orders.revenu"]}, Problem.UNKNOWN_NAME, ["'revenu'", "did you mean 'revenue'"]),
        ({"measures": ["order.revenue"]}, Problem.UNKNOWN_NAME, ["source 'order'", "'orders'"]),
        ({"dimensions": ["customers.segmnt"]}, Problem.UNKNOWN_NAME, ["in customers 'segmnt'", "'segment'"]),
        ({"dimensions": ["segment"]}, Problem.UNKNOWN_NAME, ["'segment' does not say", "'customers.segment'"]),
        ({"measures": ["sum(amount)"]}, Problem.UNKNOWN_NAME, ["'amount' does not say", "'orders.amount'"]),
        ({"measures": ["orders.revenue"], "filters": ["status = 'x'"]}, Problem.UNKNOWN_NAME, ["'orders.status'"]),
        ({"measures": ["orders.revenue"], "segments": ["orders.payed"]}, Problem.UNKNOWN_NAME, ["'paid'"]),
        ({"dimensions": ["orders.revenue"]}, Problem.WRONG_TYPE, ["is a measure, not a column"]),
        ({"measures": ["orders.amount"]}, Problem.WRONG_TYPE, ["is a column", "sum(orders.amount)"]),
        ({"measures": ["sum(orders.status)"]}, Problem.WRONG_TYPE, ["orders.status is of type string"]),
        ({"measures": ["avg(distinct orders.ordered_at)"]}, Problem.WRONG_TYPE, ["of type time"]),
        ({"measures": ["orders.revenue"], "filters": ["orders.amount > 'much'"]}, Problem.WRONG_TYPE, ["'much'"]),
        ({"measures": ["orders.revenue"], "filters": ["orders.status in ('a', 5)"]}, Problem.WRONG_TYPE, ["with 5"]),
        ({"measures": ["orders.revenue"], "filters": ["orders.is_gift = 'maybe'"]}, Problem.WRONG_TYPE, ["'maybe'"]),
        ({"measures": ["orders.revenue"], "filters": ["orders.status"]}, Problem.INVALID_EXPRESSION, ["no"]),
        (
            {"dimensions": [{"field": "orders.status", "granularity": "month"}]},
            Problem.WRONG_TYPE,
            ["of type string", "granularity"],
        ),
        ({"dimensions": ["orders.customer_id"]}, Problem.NOT_VISIBLE, ["orders.customer_id is internal"]),
        ({"measures": ["max(orders.store_id)"]}, Problem.NOT_VISIBLE, ["orders.store_id is hidden"]),
        ({"measures": ["orders.revenue"], "filters": ["orders.store_id = 1"]}, Problem.NOT_VISIBLE, ["hidden"]),
        (
            {"measures": ["orders.revenue"], "dimensions": ["weather.day"]},
            Problem.NO_JOIN_PATH,
            ["orders", "weather", "declare a join"],
        ),
        (
            {"measures": ["orders.revenue"], "dimensions": ["returns.reason"]},
            Problem.NO_JOIN_PATH,
            ["orders", "returns", "customers"],
        ),
        (
            {"measures": ["orders.revenue", "returns.fees"], "filters": ["orders.status = 'x'"]},
            Problem.NO_JOIN_PATH,
            ["filter 'orders.status = 'x''", "returns"],
        ),
        (
            {"measures": ["returns.fees"], "dimensions": ["orders.status"]},
            Problem.NO_JOIN_PATH,
            ["the step from customers to orders leads to many rows", "one_to_one", "dimension or filter of customers"],
        ),
        ({"dimensions": ["orders.status", "weather.rain"]}, Problem.NO_JOIN_PATH, ["orders, weather"]),
        ({"measures": ["orders.revenue"], "limit": 0}, Problem.INVALID_QUERY, ["limit is 0"]),
        ({"measures": ["orders.revenue"], "limit": -5}, Problem.INVALID_QUERY, ["limit is -5"]),
        ({"measures": ["orders.revenue"], "limit": 2**63}, Problem.INVALID_QUERY, ["1 to 9223372036854775807"]),
        ({"measures": ["orders.revenue"], "order_by": ["orders.status"]}, Problem.INVALID_QUERY, ["not selected"]),
        ({"measures": ["orders.revenue"], "order_by": ["revenue:up"]}, Problem.INVALID_QUERY, ["revenue:desc"]),
        ({"measures": ["orders.revenue", "orders.revenue"]}, Problem.INVALID_QUERY, ["more than once"]),
        (
            {"measures": ["orders.revenue"], "filters": ["orders.revenue > 5 or orders.status = 'x'"]},
            Problem.INVALID_QUERY,
            ["mixes columns and measures"],
        ),
        ({"measures": ["sum(orders.amount"]}, Problem.INVALID_EXPRESSION, ["is not valid postgres SQL"]),
        ({"measures": ["orders.revenue"], "filters": [" "]}, Problem.INVALID_EXPRESSION, ["empty"]),
        ({"measures": ["5"]}, Problem.INVALID_EXPRESSION, ["aggregates nothing"]),
        ({"measures": ["count(*)"]}, Problem.INVALID_EXPRESSION, ["count(orders.*)"]),
        ({"measures": ["sum(max(orders.amount))"]}, Problem.INVALID_EXPRESSION, ["aggregates an aggregate"]),
        ({"measures": ["sum(orders.amount) over ()"]}, Problem.INVALID_EXPRESSION, ["a window function"]),
        (
            {"measures": ["orders.revenue"], "filters": ["orders.id in (select id from secrets)"]},
            Problem.INVALID_EXPRESSION,
            ["a subquery"],
        ),
        ({"measures": ["orders.revenue"], "filters": ["orders.id = $1"]}, Problem.INVALID_EXPRESSION, ["a p"]),
        (
            {"measures": ["sum(orders.amount * returns.fee)"]},
            Problem.INVALID_EXPRESSION,
            ["orders, returns", "exactly one row"],
        ),
        ({"measures": ["a.b.c.d"]}, Problem.UNKNOWN_NAME, ["There is no source 'a.b.c'"]),
    ],
)
def test_invalid_query_is_rejected_with_its_problem(query: dict[str, Any], problem: Problem, parts: list[str]) -> None:
    expect_error(query, problem, parts)


def expect_error(query: dict[str, Any], problem: Problem, parts: list[str], **changes: dict[str, Any]) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_shop(shop_model(**changes), **query)
    message = str(caught.value)
    assert caught.value.problem is problem, message
    assert not message.endswith(".")
    assert [part for part in parts if part not in message] == [], message
    assert "store_id" not in message or problem is Problem.NOT_VISIBLE  # hidden columns are not suggested


def test_hidden_name_is_not_suggested() -> None:
    expect_error({"dimensions": ["orders.stor_id"]}, Problem.UNKNOWN_NAME, ["'stor_id'"])


def test_ambiguous_paths_are_named() -> None:
    joins = [
        *SHOP["customers"]["joins"],
        {"to": "stores", "on": "home_store = stores.id", "relationship": "many_to_one"},
    ]
    lines = {
        "table": "visits",
        "grain": ["id"],
        "columns": [{"name": "id", "type": "number"}, {"name": "c", "type": "number"}, {"name": "o", "type": "number"}],
        "joins": [
            {"to": "customers", "on": "c = customers.id", "relationship": "many_to_one"},
            {"to": "orders", "on": "o = orders.id", "relationship": "many_to_one"},
        ],
        "measures": [{"name": "visits", "expr": "count(*)"}],
    }
    expect_error(
        {"measures": ["visits.visits"], "dimensions": ["stores.city"]},
        Problem.AMBIGUOUS_JOIN_PATH,
        ["visits → customers → stores", "visits → orders → stores", "alias"],
        customers={"joins": joins},
        visits=lines,
    )
    # The direct join is a subsequence of the path over customers.
    assert (
        "home"
        not in compile_shop(
            shop_model(customers={"joins": joins}), measures=["orders.orders"], dimensions=["stores.city"]
        ).sql
    )


def test_role_does_not_add_a_path_to_the_joins_of_its_source() -> None:
    """Customers had two paths to stores: over orders, and over orders in the role of a parent."""
    joins = [*SHOP["orders"]["joins"], {"to": "orders", "on": "id = parent.id", "alias": "parent", **TO_ONE}]
    query = {"measures": ["customers.customers"], "dimensions": ["stores.city"]}
    assert compile_shop(shop_model(orders={"joins": joins}), **query).sql == compile_shop(**query).sql


def test_ambiguous_role_is_an_error() -> None:
    """The role is reached directly and over orders."""
    joins = [*SHOP["stores"].get("joins", []), {"to": "weather", "on": "id = weather.rain", **TO_ONE}]
    orders = [*SHOP["orders"]["joins"], {"to": "stores", "on": "tax = next.id", "alias": "next", **TO_ONE}]
    orders.append({"to": "stores", "on": "amount = last.id", "alias": "last", **TO_ONE})
    expect_error(
        {"measures": ["weather.average_rain"], "dimensions": ["next.city"]},
        Problem.AMBIGUOUS_JOIN_PATH,
        ["weather → next", "weather → stores → orders → next"],
        stores={"joins": joins},
        orders={"joins": orders},
    )


def test_join_declared_on_both_sides_does_not_affect_roles() -> None:
    """The join of customers with orders was applied to the role `payer` too."""
    back = {"to": "orders", "on": "id = orders.customer_id", "relationship": "one_to_many"}
    role = {"to": "customers", "on": "tax = payer.id", "alias": "payer", **TO_ONE}
    changes = {"orders": {"joins": [*SHOP["orders"]["joins"], role]}, "customers": {"joins": [back]}}
    sql = compile_shop(shop_model(**changes), measures=["orders.revenue"], dimensions=["payer.segment"]).sql
    assert "LEFT JOIN customers AS payer\n  ON orders.tax = payer.id" in sql
    assert validate(to_sources(shop_model(**changes)), "postgres").errors == []


def test_parallel_joins_require_aliases() -> None:
    joins = [*SHOP["orders"]["joins"], {"to": "stores", "on": "id = stores.id", "relationship": "many_to_one"}]
    query = {"measures": ["orders.revenue"], "dimensions": ["stores.city"]}
    with pytest.raises(SemanticError, match="several joins between orders and stores"):
        compile_shop(shop_model(orders={"joins": joins}), **query)


def test_an_error_within_a_metric_names_it() -> None:
    metrics = [
        Metric(name="typo", expr="orders.revenu / 2"),
        Metric(name="twice", expr="typo * 2"),
        Metric(name="loop", expr="around"),
        Metric(name="around", expr="loop"),
    ]
    for name, message in (
        ("typo", "metric 'typo': There is no measure in orders 'revenu'; did you mean 'revenue'"),
        ("twice", "metric 'twice': metric 'typo': There is no measure in orders 'revenu'; did you mean 'revenue'"),
        ("loop", "The measures refer to each other in a cycle: loop → around → loop"),
    ):
        with pytest.raises(SemanticError) as caught:
            compile_query(to_sources(shop_model()), Query(measures=[name]), "postgres", Model(metrics=metrics))
        assert str(caught.value).startswith(message)


def test_cycles_are_shown() -> None:
    circle = column("a", "b + 1")
    circle["columns"].append({"name": "b", "type": "number", "expr": "a - 1"})
    expect_error({"dimensions": ["orders.a"]}, Problem.CYCLE, ["a → b → a"], orders=circle)
    measures = measure("orders", {"name": "x", "expr": "y * 2"}, {"name": "y", "expr": "orders.x / 2"})
    expect_error({"measures": ["orders.x"]}, Problem.CYCLE, ["orders.x → orders.y → orders.x"], orders=measures)


def test_fan_out_requires_a_grain() -> None:
    query = {"measures": ["customers.customers"], "dimensions": ["orders.status"]}
    expect_error(query, Problem.INVALID_MODEL, ["customers", "no grain"], customers={"grain": []})
    assert compile_shop(**query).plan.measure_groups[0].deduplicated


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"orders": {"sql": "SELECT 1"}}, ["either `table` or `sql`"]),
        ({"orders": {"table": "a b c"}}, ["is not the name of a table"]),
        ({"orders": {"table": None, "sql": "DELETE FROM x"}}, ["is not exactly one SELECT"]),
        ({"orders": {"table": None, "sql": "SELECT 1; SELECT 2"}}, ["is not exactly one SELECT"]),
        ({"orders": column("bad", "customers.id")}, []),
    ],
)
def test_invalid_source_is_rejected(changes: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_shop(shop_model(**changes), measures=["orders.revenue"], dimensions=["orders.bad"] if not parts else [])
    assert all(part in str(caught.value) for part in parts or ["its own columns only"])


def test_unknown_dialect_error_lists_the_supported_ones() -> None:
    with pytest.raises(SemanticError, match=r"'oracle'.*bigquery, clickhouse") as caught:
        compile_shop(dialect="oracle", measures=["orders.revenue"])
    assert caught.value.problem is Problem.UNSUPPORTED_DIALECT
