"""The form of the SQL, rule by rule, and the whole text of it in every dialect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.dialects import SUPPORTED
from tests.semantic.databases import connect
from tests.semantic.shop import SHOP, ask, shop, words

GOLDEN = Path(__file__).parent / "golden"
REST = "are in the result; a larger `limit` gives more"
UNITS = ["minute", "hour", "day", "week", "month", "quarter", "year"]

# To update the files after an intended change: KTX_UPDATE_GOLDEN=1 pytest tests/semantic/test_rules.py
QUERIES: dict[str, dict[str, Any]] = {
    "one fact": {
        "measures": ["orders.revenue", "orders.average", "orders.paid_net", "avg(orders.amount)"],
        "dimensions": ["customers.segment", "home.city"],
        "filters": ["orders.is_gift and orders.revenue > 10", "orders.status in ('paid', 'sent')"],
        "segments": ["orders.paid"],
        "order_by": ["orders.revenue:desc"],
        "limit": 50,
    },
    "every granularity": {
        "measures": ["orders.orders"],
        "dimensions": [{"field": "orders.ordered_at", "granularity": unit} for unit in UNITS],
        "limit": None,
    },
    "three facts": {
        "measures": [
            "orders.revenue",
            "returns.returns",
            "customers.customers",
            {"expr": "returns.fees / orders.revenue", "name": "fee share"},
        ],
        "dimensions": ["customers.segment"],
        "include_empty": False,
    },
    "rows counted once": {
        "measures": ["customers.customers", "count(distinct customers.home_store)"],
        "dimensions": ["orders.status"],
        "filters": ["orders.net > 5"],
    },
}


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_the_sql_of_every_dialect(dialect: str) -> None:
    texts = [f"-- {name}\n{ask(dialect=dialect, **query).sql};\n" for name, query in QUERIES.items()]
    file = GOLDEN / f"{dialect}.sql"
    if os.environ.get("KTX_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(texts), encoding="utf-8")
    assert "\n".join(texts) == file.read_text(encoding="utf-8")
    assert len(sqlglot.parse("\n".join(texts), dialect=dialect)) == len(QUERIES)


def test_the_same_question_has_the_same_sql() -> None:
    for query in QUERIES.values():
        assert len({ask(**query).sql for _ in range(5)}) == 1


def test_columns_are_described() -> None:
    found = ask(
        measures=["orders.revenue", "orders.revenue / returns.fees", {"expr": "max(orders.tax)", "name": "Höchste"}],
        dimensions=["customers.segment", {"field": "orders.ordered_at", "granularity": "week"}][:1],
    ).columns
    quotient = "orders.revenue / returns.fees"
    assert [(item.name, item.alias, item.provenance, item.expr, item.description) for item in found] == [
        ("customers.segment", "segment", "dimension", "customers.segment", None),
        ("orders.revenue", "revenue", "verified", "orders.revenue", "All that was paid"),
        (quotient, "orders_revenue_returns_fees", "composed", quotient, None),
        ("Höchste", "Höchste", "composed", "max(orders.tax)", None),
    ]
    week = ask(dimensions=[{"field": "orders.ordered_at", "granularity": "week"}]).columns[0]
    assert (week.name, week.alias, week.granularity) == ("orders.ordered_at", "ordered_at_week", "week")


def test_names_that_would_be_equal_say_their_source() -> None:
    found = ask(measures=["orders.orders"], dimensions=["home.city", "stores.city", "orders.id", "customers.id"])
    names = [column.alias for column in found.columns]
    assert names == ["home_city", "stores_city", "orders_id", "customers_id", "orders"]


def test_the_plan_describes_the_query() -> None:
    answer = ask(**{**QUERIES["three facts"], "filters": ["customers.segment <> 'x'", "orders.revenue > 1"]})
    limit_warning = (
        "Only the first 1000 groups, ordered by the dimensions, are in the result; a larger `limit` gives more"
    )
    assert msgspec.to_builtins(answer.plan) == {
        "sources_used": ["orders", "customers", "returns"],
        "join_paths": ["orders → customers", "returns → customers"],
        "has_fan_out": True,
        "measure_groups": [
            {
                "source": "orders",
                "measures": ["orders.revenue", "fee share"],
                "joins": ["orders → customers"],
                "deduplicated": False,
            },
            {
                "source": "returns",
                "measures": ["returns.returns", "fee share"],
                "joins": ["returns → customers"],
                "deduplicated": False,
            },
            {"source": "customers", "measures": ["customers.customers"], "joins": [], "deduplicated": False},
        ],
        "where_filters": ["customers.segment <> 'x'"],
        "having_filters": ["orders.revenue > 1"],
        "columns": msgspec.to_builtins(answer.columns),
        "warnings": [limit_warning],
        "limit_warning": limit_warning,
    }


def test_the_plan_warns_of_numbers_that_may_be_misread() -> None:
    counted = ask(**{**QUERIES["rows counted once"], "limit": None}).plan
    assert (counted.has_fan_out, counted.measure_groups[0].deduplicated) == (True, True)
    assert counted.warnings == [
        "customers.customers, count(distinct customers.home_store): a row of customers counts once in every group of "
        "orders.status that it belongs to, so that the groups may add up to more than the total"
    ]
    net = {"expr": "orders.revenue - returns.fees", "name": "net"}
    warned = ask(measures=[net], dimensions=["customers.segment"], limit=None).plan.warnings
    assert warned == [
        "net may be NULL in groups in which one of orders, returns has no rows; write coalesce(…, 0) around its "
        "measures to count that as 0"
    ]
    safe = {"expr": "coalesce(orders.revenue, 0) - coalesce(returns.fees, 0)", "name": "net"}
    plain = [
        {"measures": [safe], "dimensions": ["customers.segment"], "limit": None},
        {"measures": [net]},
        {"measures": ["orders.revenue"], "dimensions": ["customers.segment"], "limit": None},
        # Orders are filtered by, not grouped by: each customer counts once.
        {"measures": ["customers.customers"], "filters": ["orders.status = 'x'"]},
    ]
    assert [ask(**query).plan.warnings for query in plain] == [[], [], [], []]
    assert [ask(**query).plan.has_fan_out for query in plain] == [True, True, False, True]
    limited = ask(measures=["orders.revenue"], dimensions=["orders.status"], order_by=["revenue:desc"], limit=3).plan
    assert limited.warnings == [
        "Only the first 3 groups, ordered by revenue:desc, are in the result; a larger `limit` gives more"
    ]


def test_a_join_declared_from_both_sides_is_one_join() -> None:
    joins = [
        *SHOP["customers"]["joins"],
        {"to": "orders", "on": "id = orders.customer_id", "relationship": "one_to_many"},
    ]
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.segment"]}
    assert ask(shop(customers={"joins": joins}), **query).sql == ask(**query).sql


def test_a_dimension_without_a_measure_is_a_list() -> None:
    assert "orders" not in ask(dimensions=["customers.segment"]).sql
    assert "FROM public.orders" in ask(dimensions=["stores.city", "orders.status"]).sql
    both = words(ask(dimensions=["stores.city", "customers.segment"]).sql)
    assert "FROM customers LEFT JOIN stores AS home" in both  # as it would be without the alias
    both = ask(dimensions=["customers.segment", "home.city"]).sql
    assert "FROM customers" in both


def test_a_quotient_is_a_fraction_and_nothing_for_zero() -> None:
    sql = words(ask(measures=["orders.orders / customers.customers"]).sql)
    assert "CAST(combined.orders_orders AS DOUBLE PRECISION) / NULLIF(combined.customers_customers, 0)" in sql


def test_a_result_name_may_be_filtered_by() -> None:
    sql = words(ask(measures=[{"expr": "sum(orders.tax)", "name": "taxes"}], filters=["taxes > 3 and taxes < 9"]).sql)
    assert "HAVING SUM(orders.tax) > 3 AND SUM(orders.tax) < 9" in sql


def test_a_measure_that_is_not_selected_may_filter_and_order() -> None:
    sql = words(ask(dimensions=["orders.status"], filters=["orders.orders > 3"], order_by=["orders.revenue:desc"]).sql)
    assert "HAVING COUNT(*) > 3 ORDER BY SUM(orders.amount) DESC NULLS LAST" in sql


def test_precedence_survives() -> None:
    changes = {"columns": [*SHOP["orders"]["columns"], {"name": "x", "type": "number", "expr": "net - 1"}]}
    model = shop(orders=changes)
    sql = "".join(ask(model, measures=["sum(orders.x * 2)"]).sql.split())
    assert "SUM(((orders.amount-orders.tax)-1)*2)" in sql
    sql = words(ask(measures=["orders.revenue"], filters=["orders.tax = 1 or orders.tax = 2", "orders.id = 3"]).sql)
    assert "WHERE ( orders.tax = 1 OR orders.tax = 2 ) AND orders.id = 3" in sql


def test_filter_clauses_are_written_for_every_dialect() -> None:
    sql = ask(measures=["sum(orders.amount) filter (where orders.tax > 1)"], dialect="postgres").sql
    assert "SUM(CASE WHEN orders.tax > 1 THEN orders.amount END)" in sql


@pytest.mark.parametrize("dialect", ["mysql", "snowflake", "clickhouse"])
def test_a_divisor_that_is_safe_already_does_not_take_the_fraction_away(dialect: str) -> None:
    """`NULLIF(…, 0)` was taken for a division that had been through before: MySQL gave four digits."""
    plain, guarded = (
        ask(dialect=dialect, measures=[{"expr": f"sum(orders.amount) / {divisor}", "name": "x"}]).sql
        for divisor in ("count(orders.*)", "nullif(count(orders.*), 0)")
    )
    assert plain == guarded
    other = words(ask(dialect=dialect, measures=["orders.orders / nullif(orders.revenue, 5)"]).sql).upper()
    assert "NULLIF(NULLIF(SUM(ORDERS.AMOUNT), 5), 0)" in other


def test_mariadb_has_no_function_for_regular_expressions() -> None:
    query = {"measures": ["orders.orders"], "filters": ["not orders.status regexp '^p' and orders.status rlike 'd$'"]}
    sql = words(ask(dialect="mysql", **query).sql)
    assert "WHERE NOT (orders.status REGEXP '^p') AND (orders.status REGEXP 'd$')" in sql


NESTED = """WITH stores AS (SELECT id FROM orders WHERE amount > 1), picked AS (SELECT s.id FROM stores s)
    SELECT id, 1 AS customer_id, 5 AS fee, 'x' AS reason
    FROM (WITH picked AS (SELECT 7 AS id) SELECT * FROM picked UNION ALL SELECT id FROM stores) AS both_of_them
    WHERE id IN (SELECT picked.id FROM picked) OR id = 7; -- the last line"""


@pytest.mark.parametrize("dialect", ["tsql", "databricks"])
def test_tables_of_a_source_stay_its_own_where_a_dialect_has_them_at_the_top(dialect: str) -> None:
    """`stores`, a part of one source, became the table that another source reads: its rows were counted instead."""
    model = shop(orders={"table": "orders"}, returns={"table": None, "sql": NESTED})
    query = {"measures": ["returns.returns", "stores.stores", "home.stores"], "dimensions": []}
    sql = ask(model, dialect, **query).sql
    expected = "\n".join(ask(model, "duckdb", **query).sql.split())
    with connect("duckdb", "") as database:
        database.run("CREATE TABLE orders AS SELECT * FROM (VALUES (1, 0), (2, 5), (3, 9)) AS t(id, amount)", ())
        database.run("CREATE TABLE stores AS SELECT * FROM range(10) AS t(id)", ())
        assert database.rows(expected) == [(3.0, 10.0, 10.0)]
        assert database.rows(sqlglot.transpile(sql, read=dialect, write="duckdb")[0]) == [(3.0, 10.0, 10.0)]
