"""The generated SQL, rule by rule, and golden files for every dialect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.sql.dialects import SUPPORTED
from semantic_layer.times.truncation import TIME_UNITS
from tests.semantic.databases import connect
from tests.semantic.shop import SHOP, collapse_white_space, compile_shop, shop_model

GOLDEN = Path(__file__).parent / "golden"
LIMIT_WARNING = "are in the result; a larger `limit` gives more"

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
        "dimensions": [{"field": "orders.ordered_at", "granularity": unit} for unit in TIME_UNITS],
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
def test_sql_of_every_dialect(dialect: str) -> None:
    texts = [f"-- {name}\n{compile_shop(dialect=dialect, **query).sql};\n" for name, query in QUERIES.items()]
    file = GOLDEN / f"{dialect}.sql"
    if os.environ.get("KTX_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(texts), encoding="utf-8")
    assert "\n".join(texts) == file.read_text(encoding="utf-8")
    assert len(sqlglot.parse("\n".join(texts), dialect=dialect)) == len(QUERIES)


def test_generated_sql_is_deterministic() -> None:
    for query in QUERIES.values():
        assert len({compile_shop(**query).sql for _ in range(5)}) == 1


def test_columns_are_described() -> None:
    found = compile_shop(
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
    week = compile_shop(dimensions=[{"field": "orders.ordered_at", "granularity": "week"}]).columns[0]
    assert (week.name, week.alias, week.granularity) == ("orders.ordered_at", "ordered_at_week", "week")


def test_duplicate_names_are_qualified_by_their_source() -> None:
    found = compile_shop(
        measures=["orders.orders"], dimensions=["home.city", "stores.city", "orders.id", "customers.id"]
    )
    names = [column.alias for column in found.columns]
    assert names == ["home_city", "stores_city", "orders_id", "customers_id", "orders"]


def test_plan_describes_the_query() -> None:
    answer = compile_shop(**{**QUERIES["three facts"], "filters": ["customers.segment <> 'x'", "orders.revenue > 1"]})
    limit_warning = (
        "Only the first 1000 groups, ordered by the dimensions, are in the result; a larger `limit` gives more"
    )
    plan = msgspec.to_builtins(answer.plan)
    facts, nulls = plan.pop("facts"), plan.pop("nulls")
    assert facts[0] == {
        "source": "orders",
        "measures": ["revenue", "fee share"],
        "grouped_by": ["segment"],
        "filters": ["customers.segment <> 'x'"],
        "paths": [{"path": "orders → customers", "finds": "at most one row of customers for each row of orders"}],
    }
    assert [fact["source"] for fact in facts] == ["orders", "returns", "customers"]
    assert nulls[0] == "revenue: NULL if the rows of orders in the group have no value"
    assert plan.pop("calculations") == [
        "Filters on measures apply to the groups, after shares and ranks are calculated"
    ]
    assert plan == {
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


def test_plan_warns_of_misinterpretations() -> None:
    counted = compile_shop(**{**QUERIES["rows counted once"], "limit": None}).plan
    assert (counted.has_fan_out, counted.measure_groups[0].deduplicated) == (True, True)
    assert counted.warnings == [
        "customers.customers, count(distinct customers.home_store): a row of customers counts once in every group of "
        "orders.status that it belongs to, so that the groups may add up to more than the total"
    ]
    net = {"expr": "orders.revenue - returns.fees", "name": "net"}
    warned = compile_shop(measures=[net], dimensions=["customers.segment"], limit=None).plan.warnings
    assert warned == [
        "net may be NULL in groups in which one of orders, returns has no rows; write coalesce(…, 0) around its "
        "measures to count that as 0"
    ]
    safe = {"expr": "coalesce(orders.revenue, 0) - coalesce(returns.fees, 0)", "name": "net"}
    plain = [
        {"measures": [safe], "dimensions": ["customers.segment"], "limit": None},
        {"measures": [net]},
        {"measures": ["orders.revenue"], "dimensions": ["customers.segment"], "limit": None},
        # Orders are only filtered by, so each customer counts once.
        {"measures": ["customers.customers"], "filters": ["orders.status = 'x'"]},
    ]
    assert [compile_shop(**query).plan.warnings for query in plain] == [[], [], [], []]
    assert [compile_shop(**query).plan.has_fan_out for query in plain] == [True, True, False, True]
    limited = compile_shop(
        measures=["orders.revenue"], dimensions=["orders.status"], order_by=["revenue:desc"], limit=3
    ).plan
    assert limited.warnings == [
        "Only the first 3 groups, ordered by revenue:desc, are in the result; a larger `limit` gives more"
    ]


def test_join_declared_on_both_sides_is_one_join() -> None:
    joins = [
        *SHOP["customers"]["joins"],
        {"to": "orders", "on": "id = orders.customer_id", "relationship": "one_to_many"},
    ]
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.segment"]}
    assert compile_shop(shop_model(customers={"joins": joins}), **query).sql == compile_shop(**query).sql


def test_dimension_without_a_measure_is_a_list() -> None:
    assert "orders" not in compile_shop(dimensions=["customers.segment"]).sql
    assert "FROM public.orders" in compile_shop(dimensions=["stores.city", "orders.status"]).sql
    both = collapse_white_space(compile_shop(dimensions=["stores.city", "customers.segment"]).sql)
    assert "FROM customers LEFT JOIN stores AS home" in both  # as without the alias
    both = compile_shop(dimensions=["customers.segment", "home.city"]).sql
    assert "FROM customers" in both


def test_quotient_is_a_fraction_and_null_for_zero() -> None:
    sql = collapse_white_space(compile_shop(measures=["orders.orders / customers.customers"]).sql)
    assert "CAST(combined.orders_orders AS DOUBLE PRECISION) / NULLIF(combined.customers_customers, 0)" in sql


def test_filter_may_use_a_result_name() -> None:
    sql = collapse_white_space(
        compile_shop(measures=[{"expr": "sum(orders.tax)", "name": "taxes"}], filters=["taxes > 3 and taxes < 9"]).sql
    )
    assert "HAVING SUM(orders.tax) > 3 AND SUM(orders.tax) < 9" in sql


def test_filter_and_order_may_use_other_measures() -> None:
    sql = collapse_white_space(
        compile_shop(dimensions=["orders.status"], filters=["orders.orders > 3"], order_by=["orders.revenue:desc"]).sql
    )
    assert "HAVING COUNT(*) > 3 ORDER BY SUM(orders.amount) DESC NULLS LAST" in sql


def test_operator_precedence_is_preserved() -> None:
    changes = {"columns": [*SHOP["orders"]["columns"], {"name": "x", "type": "number", "expr": "net - 1"}]}
    model = shop_model(orders=changes)
    sql = "".join(compile_shop(model, measures=["sum(orders.x * 2)"]).sql.split())
    assert "SUM(((orders.amount-orders.tax)-1)*2)" in sql
    sql = collapse_white_space(
        compile_shop(measures=["orders.revenue"], filters=["orders.tax = 1 or orders.tax = 2", "orders.id = 3"]).sql
    )
    assert "WHERE ( orders.tax = 1 OR orders.tax = 2 ) AND orders.id = 3" in sql


def test_filter_clauses_in_every_dialect() -> None:
    sql = compile_shop(measures=["sum(orders.amount) filter (where orders.tax > 1)"], dialect="postgres").sql
    assert "SUM(CASE WHEN orders.tax > 1 THEN orders.amount END)" in sql


@pytest.mark.parametrize("dialect", ["mysql", "snowflake", "clickhouse"])
def test_quotient_with_nullif_is_a_fraction(dialect: str) -> None:
    """A divisor `NULLIF(…, 0)` was mistaken for a converted division, and MySQL returned four digits."""
    plain, guarded = (
        compile_shop(dialect=dialect, measures=[{"expr": f"sum(orders.amount) / {divisor}", "name": "x"}]).sql
        for divisor in ("count(orders.*)", "nullif(count(orders.*), 0)")
    )
    assert plain == guarded
    other = collapse_white_space(
        compile_shop(dialect=dialect, measures=["orders.orders / nullif(orders.revenue, 5)"]).sql
    ).upper()
    assert "NULLIF(NULLIF(SUM(ORDERS.AMOUNT), 5), 0)" in other


def test_mariadb_has_no_function_for_regular_expressions() -> None:
    query = {"measures": ["orders.orders"], "filters": ["not orders.status regexp '^p' and orders.status rlike 'd$'"]}
    sql = collapse_white_space(compile_shop(dialect="mysql", **query).sql)
    assert "WHERE NOT (orders.status REGEXP '^p') AND (orders.status REGEXP 'd$')" in sql


NESTED = """WITH stores AS (SELECT id FROM orders WHERE amount > 1), picked AS (SELECT s.id FROM stores s)
    SELECT id, 1 AS customer_id, 5 AS fee, 'x' AS reason
    FROM (WITH picked AS (SELECT 7 AS id) SELECT * FROM picked UNION ALL SELECT id FROM stores) AS both_of_them
    WHERE id IN (SELECT picked.id FROM picked) OR id = 7; -- the last line"""


@pytest.mark.parametrize("dialect", ["tsql", "databricks"])
def test_hoisted_ctes_of_sources_do_not_collide(dialect: str) -> None:
    """The CTE `stores` of one source shadowed the table of another source, whose rows were not counted."""
    model = shop_model(orders={"table": "orders"}, returns={"table": None, "sql": NESTED})
    query = {"measures": ["returns.returns", "stores.stores", "home.stores"], "dimensions": []}
    sql = compile_shop(model, dialect, **query).sql
    expected = "\n".join(compile_shop(model, "duckdb", **query).sql.split())
    with connect("duckdb", "") as database:
        database.run("CREATE TABLE orders AS SELECT * FROM (VALUES (1, 0), (2, 5), (3, 9)) AS t(id, amount)", ())
        database.run("CREATE TABLE stores AS SELECT * FROM range(10) AS t(id)", ())
        assert database.rows(expected) == [(3.0, 10.0, 10.0)]
        assert database.rows(sqlglot.transpile(sql, read=dialect, write="duckdb")[0]) == [(3.0, 10.0, 10.0)]
