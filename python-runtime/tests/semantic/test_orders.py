"""Groups and orders of single dialects, which `tests.semantic.engines` runs."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from tests.semantic.shop import compile_shop

ORDERED = {"measures": ["orders.revenue"], "dimensions": ["orders.status"], "order_by": ["orders.average:desc"]}


def _statement(dialect: str, *filters: str) -> exp.Select:
    sql = compile_shop(dialect=dialect, filters=list(filters), **ORDERED).sql
    statement = sqlglot.parse_one(sql, dialect=dialect)
    assert isinstance(statement, exp.Select)
    return statement


def test_spark_orders_by_a_hidden_column_beside_a_condition_on_a_measure() -> None:
    statement = _statement("databricks", "orders.orders > 1")
    assert statement.named_selects == ["status", "revenue"]
    assert statement.args["order"].find(exp.AggFunc) is None
    assert statement.args["limit"] is not None
    inner = statement.find(exp.Subquery)
    assert inner is not None
    assert inner.this.named_selects == ["status", "revenue", "order_value"]
    assert [inner.this.args.get(part) for part in ("order", "limit")] == [None, None]


@pytest.mark.parametrize(("dialect", "filters"), [("databricks", []), ("postgres", ["orders.orders > 1"])])
def test_others_order_by_the_aggregate(dialect: str, filters: list[str]) -> None:
    statement = _statement(dialect, *filters)
    assert statement.find(exp.Subquery) is None
    assert statement.args["order"].find(exp.AggFunc) is not None


def test_bigquery_groups_by_the_column_and_not_by_its_alias() -> None:
    (group,) = _statement("bigquery").args["group"].expressions
    assert (group.table, group.name) == ("orders", "status")
