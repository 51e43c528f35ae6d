"""Validation finds all problems of all sources without false positives."""

from __future__ import annotations

from typing import Any

import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Metric, Model
from tests.semantic.shop import SHOP, shop_model, to_sources

BROKEN: dict[str, dict[str, Any]] = {
    "orders": {
        "grain": ["id", "lin"],
        "columns": [
            *SHOP["orders"]["columns"],
            {"name": "lines", "type": "number", "expr": "amount +"},
            {"name": "a", "type": "number", "expr": "b"},
            {"name": "b", "type": "number", "expr": "a"},
            {"name": "amount", "type": "number"},
        ],
        "joins": [
            *SHOP["orders"]["joins"],
            {"to": "custmers", "on": "customer_id = custmers.id", "relationship": "many_to_one"},
            {"to": "customers", "on": "customer = buyer.id", "relationship": "many_to_one", "alias": "buyer"},
            {"to": "orders", "on": "id = orders.id", "relationship": "many_to_one"},
            {"to": "stores", "on": "store_id = city.id", "relationship": "many_to_one", "alias": "customers"},
            {"to": "stores", "on": "store_id = 5", "relationship": "many_to_one", "alias": "somewhere"},
        ],
        "measures": [
            {"name": "amounts", "expr": "sum(amout)"},
            {"name": "words", "expr": "sum(status)"},
            {"name": "nothing", "expr": "sum(distinct)"},
            {"name": "plain", "expr": "amount"},
            {"name": "paid", "expr": "count(*)", "segments": ["payed"]},
            {"name": "late", "expr": "count(*)", "filter": "late_by > 3"},
            {"name": "far", "expr": "sum(amount * weather.rain)"},
        ],
        "segments": [{"name": "big", "expr": "sum(amount) > 5"}, {"name": "number", "expr": "amount"}],
    },
    "stores": {"table": None},
}

EXPECTED = [
    ("orders, join to 'custmers'", "did you mean 'customers'"),
    ("orders, join to 'orders'", "needs an alias"),
    ("orders, join to 'stores'", "'customers' is the name of a source"),
    ("orders, column 'amount'", "declared 2 times"),
    ("orders, grain", "no column in orders 'lin'; did you mean 'lines'"),
    ("orders, column 'lines'", "is not valid postgres SQL"),
    ("orders, column 'a'", "a → b → a"),
    ("orders, column 'b'", "b → a → b"),
    ("orders, segment 'big'", "cannot hold an aggregate"),
    ("orders, segment 'number'", "is not a condition"),
    ("orders, measure 'amounts'", "did you mean 'amount'"),
    ("orders, measure 'words'", "of type string"),
    ("orders, measure 'nothing'", "gives sum no argument"),
    ("orders, measure 'plain'", "is a column, not a measure"),
    ("orders, measure 'paid'", "no segment in orders 'payed'"),
    ("orders, measure 'late'", "no column in orders 'late_by'"),
    ("orders, measure 'far'", "No join path leads from orders to weather"),
    ("orders, join to 'buyer'", "no column in orders 'customer'; did you mean"),
    ("orders, join to 'somewhere'", "has to compare columns"),
    ("stores", "either `table` or `sql`"),
]


def test_valid_model_has_no_problems() -> None:
    found = validate(to_sources(), "postgres")
    assert (found.valid, found.errors, found.warnings, found.per_source_warnings) == (True, [], [], {})


def test_every_problem_of_every_source_is_found_in_one_run() -> None:
    found = validate(to_sources(shop_model(**BROKEN)), "postgres")
    assert not found.valid
    missing = [
        (where, part)
        for where, part in EXPECTED
        if not any(error.startswith(f"{where}: ") and part in error for error in found.errors)
    ]
    assert missing == [], "\n".join(found.errors)
    assert len(found.errors) == len(EXPECTED), "\n".join(found.errors)
    assert not any(error.endswith(".") for error in found.errors)


def test_metrics_are_validated() -> None:
    metrics = [
        Metric(name="rate", expr="orders.revenue / customers.customers"),
        Metric(name="twice", expr="rate * 2"),
        Metric(name="typo", expr="orders.revenu / rates"),
        Metric(name="loop", expr="loop + 1"),
    ]
    found = validate(to_sources(shop_model()), "postgres", model=Model(metrics=metrics))
    assert [error.split(":")[0] for error in found.errors] == ["metric 'typo'", "metric 'loop'"]
    assert found.errors[0].startswith("metric 'typo': There is no measure in orders 'revenu'; did you mean 'revenue'")


def test_ambiguous_names_are_reported() -> None:
    twice = [*shop_model(), {"name": "orders", "table": "o2"}, {"name": "a.b", "table": "ab", "grain": []}]
    roles = {"to": "orders", "on": "day = home.ordered_at", "relationship": "many_to_one", "alias": "home"}
    twice[4]["joins"] = [roles]
    errors = "\n".join(validate(to_sources(twice), "postgres").errors)
    assert "orders: There are 2 sources with this name" in errors
    assert "a.b: The name of a source cannot be empty or hold a dot" in errors
    assert "weather, join to 'orders': The alias 'home' already stands for stores" in errors


def test_warnings_are_grouped_and_limited_to_touched_sources() -> None:
    changes = {"customers": {"grain": []}, "stores": {"grain": ["city"]}}
    model = to_sources(shop_model(**changes))
    found = validate(model, "postgres")
    assert found.valid
    assert sorted(found.per_source_warnings) == ["customers", "orders"]
    assert any("customers: It has no grain" in warning for warning in found.warnings)
    assert any(
        "whether stores.id is unique cannot be checked here, because the grain is city" in warning
        for warning in found.warnings
    )
    touched = validate(model, "postgres", ["orders", "gone"])
    assert [warning.partition(":")[0] for warning in touched.warnings] == ["orders"]
    assert touched.per_source_warnings == found.per_source_warnings


def test_contradicting_relationships_are_reported() -> None:
    joins = [
        *SHOP["customers"]["joins"],
        {"to": "orders", "on": "id = orders.customer_id", "relationship": "many_to_one"},
    ]
    errors = validate(to_sources(shop_model(customers={"joins": joins})), "postgres").errors
    assert any("contradicting relationships" in error for error in errors)


def test_unknown_dialect_is_rejected() -> None:
    with pytest.raises(SemanticError, match="Known: bigquery"):
        validate(to_sources(), "oracle")


@pytest.mark.parametrize("expr", ["max()", "min(distinct)", "count(distinct)"])
@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_aggregate_without_argument_is_an_error(expr: str, dialect: str) -> None:
    (error,) = validate(to_sources(shop_model(stores={"measures": [{"name": "m", "expr": expr}]})), dialect).errors
    assert "argument" in error
