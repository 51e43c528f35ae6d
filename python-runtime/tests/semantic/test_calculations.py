"""Composition, calculations over time and over groups, compared with handwritten SQL on four databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Calendar, Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.trade import METRICS, MODEL, rows

SOURCES = msgspec.convert(MODEL, list[Source])
SHARED = msgspec.convert(METRICS, Model)

MONTH = {"field": "metric_time", "granularity": "month"}
DAY = {"field": "metric_time", "granularity": "day"}
YEAR = {"field": "metric_time", "granularity": "year"}
ORDERS = "orders o LEFT JOIN customers c ON c.id = o.customer_id"


def months(first: str, last: str) -> str:
    return f"(SELECT unnest(generate_series(date '{first}', date '{last}', interval 1 month))::date AS m)"


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "measures that use each other by name": (
        {
            "measures": [
                {"expr": "rev / n", "name": "r"},
                {"expr": "sum(orders.amount)", "name": "rev"},
                {"expr": "count(visits.id)", "name": "n"},
                {"expr": "r * 2 + orders.count", "name": "more"},
            ],
            "dimensions": ["customers.region"],
        },
        f"""WITH o AS (SELECT region, sum(amount) AS rev, count(*) AS c FROM {ORDERS} GROUP BY 1),
          v AS (SELECT region, count(*) AS n FROM visits v LEFT JOIN customers c ON c.id = v.customer_id GROUP BY 1)
        SELECT o.region, rev / n, rev, n, rev / n * 2 + c
        FROM o JOIN v ON o.region IS NOT DISTINCT FROM v.region ORDER BY 1 NULLS LAST""",
    ),
    "metrics of the model": (
        {"measures": ["conversion", "order_value", "value_of_conversion"], "dimensions": [MONTH]},
        """SELECT m, CASE WHEN v > 0 THEN n / v END, coalesce(s / nullif(n, 0), -1),
          CASE WHEN v > 0 THEN n / v END * coalesce(s / nullif(n, 0), -1)
        FROM (SELECT m, (SELECT count(*) FROM visits WHERE date_trunc('month', day) IS NOT DISTINCT FROM m) AS v,
            (SELECT count(*) FROM orders WHERE date_trunc('month', placed) IS NOT DISTINCT FROM m) AS n,
            (SELECT sum(amount) FROM orders WHERE date_trunc('month', placed) IS NOT DISTINCT FROM m) AS s
          FROM (SELECT date_trunc('month', day) AS m FROM visits UNION SELECT date_trunc('month', placed) FROM orders))
        ORDER BY 1 NULLS LAST""",
    ),
    "a fact by two of its dates": (
        {"measures": ["orders.revenue", "orders.shipped_revenue"], "dimensions": [MONTH]},
        """SELECT m, (SELECT sum(amount) FROM orders WHERE date_trunc('month', placed) IS NOT DISTINCT FROM m),
          (SELECT sum(amount) FROM orders WHERE date_trunc('month', shipped) IS NOT DISTINCT FROM m)
        FROM (SELECT date_trunc('month', placed) AS m FROM orders UNION SELECT date_trunc('month', shipped) FROM orders)
        ORDER BY 1 NULLS LAST""",
    ),
    "a filter on the time of each fact": (
        {
            "measures": ["orders.revenue", "orders.shipped_revenue", "visits.count"],
            "dimensions": [YEAR],
            "filters": ["metric_time >= '2024-02-10'"],
        },
        """SELECT y, (SELECT sum(amount) FROM orders WHERE date_trunc('year', placed) = y AND placed >= '2024-02-10'),
          (SELECT sum(amount) FROM orders WHERE date_trunc('year', shipped) = y AND shipped >= '2024-02-10'),
          (SELECT count(*) FROM visits WHERE date_trunc('year', day) = y AND day >= '2024-02-10')
        FROM (SELECT date '2024-01-01' AS y UNION SELECT date '2025-01-01') ORDER BY 1""",
    ),
    "the month a year before": (
        {
            "measures": [
                "orders.revenue",
                "previous(orders.revenue, '1 year')",
                "orders.growth",
                "change(orders.count, '12 months')",
            ],
            "dimensions": [MONTH],
        },
        """WITH t AS (SELECT date_trunc('month', placed) AS m, sum(amount) AS s, count(*) AS n FROM orders GROUP BY 1)
        SELECT g.m, t.s, b.s, t.s / b.s - 1, coalesce(t.n, 0) - coalesce(b.n, 0)
        FROM (SELECT m FROM t UNION SELECT m + interval 1 year FROM t WHERE m < '2024-05-01') g
        LEFT JOIN t ON t.m IS NOT DISTINCT FROM g.m LEFT JOIN t b ON b.m + interval 1 year = g.m
        ORDER BY 1 NULLS LAST""",
    ),
    "days a month before": (
        {"measures": ["orders.revenue", "previous(orders.revenue, '1 month')"], "dimensions": [DAY]},
        """WITH t AS (SELECT placed AS d, sum(amount) AS s FROM orders GROUP BY 1),
          days AS (SELECT unnest(generate_series(date '2024-01-01', date '2025-04-02', interval 1 day))::date AS d)
        SELECT days.d, t.s, b.s FROM days LEFT JOIN t ON t.d = days.d
        LEFT JOIN t b ON b.d = (days.d - interval 1 month)::date WHERE t.d IS NOT NULL OR b.d IS NOT NULL
        UNION ALL SELECT NULL, 5, NULL ORDER BY 1 NULLS LAST""",
    ),
    "days a year before a leap day": (
        {
            "measures": ["orders.revenue", "previous(orders.revenue, '1 year')"],
            "dimensions": [DAY],
            "filters": ["metric_time between '2025-01-01' and '2025-03-31'"],
        },
        """SELECT * FROM (VALUES (date '2025-01-15', NULL, 100), ('2025-01-31', 300, NULL), ('2025-02-10', NULL, 50),
          ('2025-02-28', 80, NULL), ('2025-03-03', 60, NULL)) ORDER BY 1""",
    ),
    "members without facts beside a time": (
        {
            "measures": ["orders.count"],
            "dimensions": ["metric_time:year", "customers.name"],
            "filters": ["metric_time >= '2025-04-01'"],
            "include_empty": True,
        },
        """SELECT * FROM (VALUES (date '2025-01-01', 'Bo', 1), ('2025-01-01', 'Di', 1), ('2025-01-01', NULL, 1),
          (NULL, 'Ada', 0), (NULL, 'Cy', 0), (NULL, 'Ed', 0)) ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "running values of two times in a range": (
        {
            "measures": ["cumulative(orders.revenue)", "orders.shipped_revenue", "rolling(visits.count, '1 month')"],
            "dimensions": [MONTH],
            "filters": ["metric_time between '2025-02-01' and '2025-03-31'"],
        },
        """SELECT * FROM (VALUES (date '2025-02-01', 840, 300, 2), ('2025-03-01', 900, 140, 0)) ORDER BY 1""",
    ),
    "a trailing window of the year before, by day": (
        {
            "measures": ["previous(rolling(orders.buyers, '2 months'), '1 year')"],
            "dimensions": ["metric_time:day"],
            "filters": ["metric_time between '2025-02-28' and '2025-03-01'"],
        },
        """SELECT d::date, (SELECT count(DISTINCT customer_id) FROM orders WHERE placed <= d - interval 1 year
            AND placed >= d - interval 1 year + interval 1 day - interval 2 month)
        FROM generate_series(date '2025-02-28', date '2025-03-01', interval 1 day) AS s(d) ORDER BY 1""",
    ),
    "one time of all measures": (
        {"measures": ["orders.count", "visits.count"], "filters": ["metric_time in ('2025-01-31', '2025-02-01')"]},
        "SELECT 1, 1",
    ),
    "a running value until one time": (
        {
            "measures": ["cumulative(orders.count)"],
            "dimensions": [MONTH],
            "filters": ["metric_time = '2025-01-31'"],
        },
        "SELECT date '2025-01-01', 6",
    ),
    "an earlier period without dimensions": (
        {
            "measures": ["orders.revenue", "previous(orders.revenue, '1 month')", "growth(orders.revenue, '1 month')"],
            "filters": ["metric_time >= '2025-02-01'", "metric_time < '2025-03-01'"],
        },
        "SELECT 80, 300, 80 / 300 - 1",
    ),
    "cumulative values over gaps": (
        {
            "measures": [
                "orders.revenue",
                "cumulative(orders.revenue)",
                "cumulative(orders.buyers)",
                "rolling(orders.revenue, '2 months')",
                "period_to_date(orders.revenue, 'year')",
                "cumulative(orders.large)",
            ],
            "dimensions": [MONTH],
        },
        f"""SELECT * FROM (SELECT m, (SELECT sum(amount) FROM orders WHERE date_trunc('month', placed) = m),
          (SELECT sum(amount) FROM orders WHERE placed < m + interval 1 month),
          (SELECT count(DISTINCT customer_id) FROM orders WHERE placed < m + interval 1 month),
          (SELECT sum(amount) FROM orders WHERE placed < m + interval 1 month AND placed >= m - interval 1 month),
          (SELECT sum(amount) FROM orders WHERE placed < m + interval 1 month AND placed >= date_trunc('year', m)),
          (SELECT sum(amount) FROM orders WHERE placed < m + interval 1 month AND amount >= 100)
        FROM {months("2024-01-01", "2025-04-01")}) UNION ALL SELECT NULL, 5, NULL, 0, NULL, NULL, NULL
        ORDER BY 1 NULLS LAST""",
    ),
    "cumulative values by region in a range": (
        {
            "measures": ["orders.revenue", "cumulative(orders.revenue)", "rolling(orders.count, '90 days')"],
            "dimensions": [MONTH, "customers.region"],
            "filters": ["metric_time >= '2025-01-15'", "metric_time < '2025-06-01'"],
        },
        f"""SELECT m, region,
          (SELECT sum(amount) FROM {ORDERS} WHERE date_trunc('month', placed) = m AND placed >= '2025-01-15'
            AND c.region IS NOT DISTINCT FROM r.region),
          (SELECT sum(amount) FROM {ORDERS} WHERE placed < m + interval 1 month
            AND c.region IS NOT DISTINCT FROM r.region),
          (SELECT count(*) FROM {ORDERS} WHERE placed < m + interval 1 month
            AND placed >= (m + interval 1 month)::date - 90 AND c.region IS NOT DISTINCT FROM r.region)
        FROM {months("2025-01-01", "2025-05-01")}, (SELECT DISTINCT region FROM {ORDERS} WHERE placed < '2025-06-01') r
        WHERE EXISTS (SELECT 1 FROM {ORDERS} WHERE placed < m + interval 1 month
          AND c.region IS NOT DISTINCT FROM r.region)
        ORDER BY 1, 2 NULLS LAST""",
    ),
    "cumulative values of two facts in a range with both ends": (
        {
            "measures": ["cumulative(orders.revenue)", "visits.count"],
            "dimensions": [MONTH],
            "filters": ["metric_time >= '2025-01-01'", "metric_time < '2025-04-01'"],
        },
        f"""SELECT m, (SELECT sum(amount) FROM orders WHERE placed < m + interval 1 month),
          (SELECT count(*) FROM visits WHERE date_trunc('month', day) = m)
        FROM {months("2025-01-01", "2025-03-01")} ORDER BY 1""",
    ),
    "cumulative quotients of two facts": (
        {"measures": ["cumulative(conversion)"], "dimensions": [MONTH]},
        f"""SELECT m, (SELECT count(*) FROM orders WHERE placed < m + interval 1 month)
          / (SELECT count(*) FROM visits WHERE day < m + interval 1 month)
        FROM {months("2024-01-01", "2025-06-01")} ORDER BY 1""",
    ),
    "running values of the year before": (
        {
            "measures": ["previous(period_to_date(orders.revenue, 'year'), '1 year')"],
            "dimensions": [MONTH],
            "filters": ["metric_time >= '2025-01-01'", "metric_time < '2025-05-01'"],
        },
        f"""SELECT m, (SELECT sum(amount) FROM orders WHERE placed < m - interval 11 month AND placed >= '2024-01-01')
        FROM {months("2025-01-01", "2025-04-01")} ORDER BY 1""",
    ),
    "running values of the day a year before": (
        {
            "measures": ["previous(cumulative(orders.revenue), '1 year')"],
            "dimensions": [DAY],
            "filters": ["metric_time >= '2025-02-28'", "metric_time < '2025-03-02'"],
        },
        "SELECT * FROM (VALUES (date '2025-02-28', 150), (date '2025-03-01', 350)) ORDER BY 1",
    ),
    "gaps": (
        {
            "measures": ["orders.revenue", "orders.count", "orders.filled"],
            "dimensions": [MONTH],
            "filters": ["metric_time between '2024-11-01' and '2025-06-30'"],
            "fill_gaps": True,
        },
        f"""SELECT m, sum(amount), count(id), coalesce(sum(amount), 0)
        FROM {months("2024-11-01", "2025-06-01")} LEFT JOIN orders ON date_trunc('month', placed) = m
        GROUP BY 1 ORDER BY 1""",
    ),
    "gaps by region": (
        {
            "measures": ["orders.count"],
            "dimensions": ["customers.region", {"field": "metric_time", "granularity": "quarter"}],
            "filters": ["metric_time < '2025-01-01'"],
            "fill_gaps": True,
        },
        f"""SELECT region, q,
          (SELECT count(*) FROM {ORDERS} WHERE date_trunc('quarter', placed) = q AND c.region = r.region)
        FROM (SELECT unnest(['north', 'south']) AS region) r,
          (SELECT unnest(generate_series(date '2024-01-01', date '2024-10-01', interval 3 month))::date AS q)
        ORDER BY 1, 2""",
    ),
    "moving averages": (
        {
            "measures": ["moving_average(orders.revenue, 3)", "moving_average(orders.filled, 3)"],
            "dimensions": [MONTH],
        },
        f"""SELECT m, a, b FROM (SELECT m, count(id) AS n,
            avg(sum(amount)) OVER (ORDER BY m ROWS 2 PRECEDING) AS a,
            avg(coalesce(sum(amount), 0)) OVER (ORDER BY m ROWS 2 PRECEDING) AS b
          FROM {months("2024-01-01", "2025-04-01")} LEFT JOIN orders ON date_trunc('month', placed) = m GROUP BY 1)
        WHERE n > 0 UNION ALL SELECT NULL, NULL, NULL ORDER BY 1 NULLS LAST""",
    ),
    "shares, ranks and fixed values": (
        {
            "measures": [
                "percent_of_total(orders.revenue)",
                "percent_of_total(orders.revenue, customers.region)",
                "fixed(orders.buyers)",
                "fixed(orders.buyers, customers.region)",
                "rank(orders.revenue, customers.region)",
                "running_share(orders.revenue)",
                "orders.count / fixed(visits.count)",
            ],
            "dimensions": ["customers.region", "customers.name"],
        },
        f"""SELECT region, name, s / sum(s) OVER (), s / sum(s) OVER (PARTITION BY region),
          (SELECT count(DISTINCT customer_id) FROM orders),
          (SELECT count(DISTINCT customer_id) FROM {ORDERS} WHERE c.region IS NOT DISTINCT FROM g.region),
          rank() OVER (PARTITION BY region ORDER BY s DESC),
          sum(s) OVER (ORDER BY s DESC, region NULLS LAST, name NULLS LAST ROWS UNBOUNDED PRECEDING) / sum(s) OVER (),
          n / 6
        FROM (SELECT region, name, sum(amount) AS s, count(*) AS n FROM {ORDERS} GROUP BY 1, 2) g
        ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "fixed counts and filled sums of groups without rows": (
        {
            "measures": ["visits.count", "fixed(orders.count, metric_time)", "fixed(orders.filled, metric_time)"],
            "dimensions": [MONTH, "customers.name"],
            "filters": ["metric_time >= '2025-05-01'"],
        },
        "SELECT date '2025-06-01', 'Cy', 1, 0, 0",
    ),
    "a moving average beside rows without a time": (
        {
            "measures": ["orders.count", "moving_average(orders.count, 2)"],
            "dimensions": [YEAR],
        },
        "SELECT * FROM (VALUES (date '2024-01-01', 5, 5), (date '2025-01-01', 6, 5.5), (NULL, 1, NULL)) ORDER BY 1",
    ),
    "a nested aggregate of all periods, and a filter on their name": (
        {
            "measures": ["fixed(max(per(orders.revenue, customers.id)))"],
            "dimensions": [{**YEAR, "name": "year"}],
            "filters": ["year >= '2025-01-01'"],
        },
        "SELECT date '2025-01-01', 300",
    ),
    "shares within a month, filtered": (
        {
            "measures": ["percent_of_total(orders.revenue, metric_time)"],
            "dimensions": [MONTH, "customers.name"],
            "filters": ["metric_time >= '2025-01-01'", "percent_of_total(orders.revenue, metric_time) < 0.9"],
        },
        f"""SELECT m, name, p FROM (SELECT date_trunc('month', placed) AS m, name,
          sum(amount) / sum(sum(amount)) OVER (PARTITION BY date_trunc('month', placed)) AS p
          FROM {ORDERS} WHERE placed >= '2025-01-01' GROUP BY 1, 2) WHERE p < 0.9 ORDER BY 1, 2 NULLS LAST""",
    ),
    "the first of each region and the others": (
        {
            "measures": ["orders.revenue", {"expr": "orders.revenue / orders.count", "name": "value"}],
            "dimensions": ["customers.region", "customers.name"],
            "top": {"by": "orders.revenue", "limit": 1, "per": ["customers.region"], "others": True},
        },
        f"""WITH g AS (SELECT region, name, sum(amount) AS s, count(*) AS n,
          row_number() OVER (PARTITION BY region ORDER BY sum(amount) DESC NULLS LAST, name NULLS LAST) AS p
          FROM {ORDERS} GROUP BY 1, 2)
        SELECT region, CASE WHEN p = 1 THEN name END, CASE WHEN p = 1 THEN 0 ELSE 1 END, sum(s), sum(s) / sum(n)
        FROM g GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "others after a group of NULL": (
        {
            "measures": ["orders.count"],
            "dimensions": ["customers.region"],
            "filters": ["orders.placed >= '2025-04-01'"],
            "top": {"by": "orders.count", "limit": 1, "others": True},
        },
        "SELECT * FROM (VALUES (NULL, 0, 2), (NULL, 1, 1)) ORDER BY 2",
    ),
    "the two first": (
        {
            "measures": ["orders.count"],
            "dimensions": ["customers.name"],
            "top": {"by": "orders.count", "limit": 2},
            "order_by": ["orders.count:desc"],
        },
        f"SELECT name, count(*) FROM {ORDERS} GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST LIMIT 2",
    ),
    "balances by month": (
        {
            "measures": [f"balances.{name}" for name in ("closing", "opening", "final", "average", "in_credit")],
            "dimensions": [MONTH],
        },
        """SELECT * FROM (VALUES (date '2025-01-01', 110, 100, 110, 100, 110),
          (date '2025-02-01', 90, 90, -30, 45, 120), (date '2025-03-01', 7, 7, 7, 7, 7)) ORDER BY 1""",
    ),
    "balances by region": (
        {
            "measures": ["balances.closing", "balances.average", "percent_of_total(balances.closing)"],
            "dimensions": ["balances.region"],
        },
        "SELECT * FROM (VALUES ('north', 120, 310 / 3, 120 / 97), ('south', -23, -13 / 3, -23 / 97)) ORDER BY 1",
    ),
    "nested aggregates": (
        {
            "measures": [
                "orders.revenue",
                "avg(per(orders.revenue, customers.id))",
                "max(per(orders.count, 'metric_time:month'))",
                "count(per(orders.count, customers.id, 'metric_time:year'))",
            ],
            "dimensions": ["customers.region"],
        },
        f"""SELECT region, sum(amount),
          (SELECT avg(s) FROM (SELECT sum(amount) AS s FROM {ORDERS} WHERE c.region IS NOT DISTINCT FROM g.region
            GROUP BY c.id)),
          (SELECT max(n) FROM (SELECT count(*) AS n FROM {ORDERS} WHERE c.region IS NOT DISTINCT FROM g.region
            GROUP BY date_trunc('month', placed))),
          (SELECT count(*) FROM (SELECT 1 FROM {ORDERS} WHERE c.region IS NOT DISTINCT FROM g.region
            GROUP BY c.id, date_trunc('year', placed)))
        FROM (SELECT region, amount FROM {ORDERS}) g GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "a nested aggregate of the month before": (
        {
            "measures": ["previous(avg(per(orders.revenue, customers.id)), '1 month')"],
            "dimensions": [MONTH],
            "filters": ["metric_time >= '2025-01-01'", "metric_time < '2025-05-01'"],
        },
        "SELECT * FROM (VALUES (date '2025-01-01', 40), ('2025-02-01', 300), ('2025-03-01', 80), ('2025-04-01', 60))",
    ),
    "a time column that is the time of the measures": (
        {
            "measures": ["cumulative(orders.revenue)"],
            "dimensions": [{"field": "orders.placed", "granularity": "quarter"}],
            "filters": ["orders.placed >= '2024-03-05'", "orders.placed < '2025-04-01'"],
        },
        """SELECT q::date, (SELECT sum(amount) FROM orders WHERE placed < q + interval 3 month)
        FROM generate_series(date '2024-01-01', date '2025-01-01', interval 3 month) AS s(q) ORDER BY 1""",
    ),
}


@pytest.fixture(scope="module")
def expected_results() -> dict[str, list[tuple[Any, ...]]]:
    with connect("duckdb", "") as connected:
        connected.load(rows())
        return {name: connected.rows(sql) for name, (_, sql) in CASES.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_calculations_{secrets.token_hex(4)}") as connected:
        connected.load(rows())
        yield connected


@pytest.mark.parametrize("name", CASES)
def test_result_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    compiled = compile_query(SOURCES, msgspec.convert(CASES[name][0], Query), database.dialect, SHARED)
    assert database.rows(compiled.sql) == expected_results[name], compiled.sql
    assert len(compiled.columns) == len(expected_results[name][0])


def compile_trade(**query: Any) -> Any:
    return compile_query(SOURCES, msgspec.convert(query, Query), "duckdb", SHARED)


def test_plan_explains_calculations() -> None:
    plan = compile_trade(
        measures=[
            "orders.growth",
            "percent_of_total(orders.revenue)",
            "rolling(orders.buyers, '90 days')",
            "order_value",
        ],
        dimensions=[MONTH],
        top={"by": "orders.growth", "limit": 3, "others": False},
    ).plan
    assert [(fact.measures, fact.offset, fact.window) for fact in plan.facts] == [
        (["growth", "percent_of_total_orders_revenue", "order_value"], None, None),
        (["growth"], "1 year", None),
        (["rolling_orders_buyers_90_days"], None, "the 90 days until the end of each period"),
        (["percent_of_total_orders_revenue"], None, None),
    ]
    assert {fact.time for fact in plan.facts} == {"orders.placed"}
    assert plan.calculations == [
        "percent_of_total_orders_revenue: one of its values is that of all rows as one group",
        "Only the 3 groups with the largest growth are in the result; the others are left out",
    ]
    assert plan.nulls[0] == (
        "growth: NULL if the rows of orders in the group have no value, or the rows of orders in the group 1 year "
        "before have no value, or the divisor is zero or NULL"
    )
    assert plan.nulls[-1] == "order_value: -1 in place of NULL"


@pytest.mark.parametrize(
    ("calendar", "unit"),
    [
        ({"retail": {"pattern": "4-4-5"}}, "month"),
        ({"fiscal_year_start": 2}, "quarter"),
        ({"fiscal_year_start": 4}, "year"),
    ],
)
def test_periods_that_overlap_those_of_the_fiscal_year_are_refused(calendar: dict[str, Any], unit: str) -> None:
    model = msgspec.structs.replace(SHARED, calendar=msgspec.convert(calendar, Calendar))
    dimensions = [f"metric_time:{unit}", f"metric_time:fiscal_{unit}"]
    query = msgspec.convert({"measures": ["cumulative(orders.revenue)"], "dimensions": dimensions}, Query)
    with pytest.raises(SemanticError, match=f"because a {unit} can be in two of them; leave one out"):
        compile_query(SOURCES, query, "duckdb", model)
    quarters = msgspec.structs.replace(SHARED, calendar=Calendar(fiscal_year_start=4))
    dimensions = ["metric_time:quarter", "metric_time:fiscal_year"]
    query = msgspec.convert({"measures": ["cumulative(orders.revenue)"], "dimensions": dimensions}, Query)
    compile_query(SOURCES, query, "duckdb", quarters)


def test_plan_says_null_of_the_measures_that_can_be_null_only() -> None:
    plan = compile_trade(
        measures=["orders.revenue", "orders.count", "rank(percent_of_total(orders.revenue))"],
        dimensions=["customers.name"],
    ).plan
    assert [sentence.partition(":")[0] for sentence in plan.nulls] == [
        "revenue",
        "rank_percent_of_total_orders_revenue",
    ]
    assert [sentence.partition(":")[0] for sentence in plan.calculations] == [
        "rank_percent_of_total_orders_revenue"
    ] * 2


WEEK = {"field": "metric_time", "granularity": "week"}
ERRORS: dict[str, tuple[dict[str, Any], str]] = {
    "an offset without a time": (
        {"measures": ["cumulative(orders.revenue)"], "dimensions": ["customers.region"]},
        "A cumulative measure needs the periods of metric_time, such as metric_time by month",
    ),
    "a source without a time": (
        {"measures": ["customers.count"], "dimensions": [MONTH]},
        "customers has no time column for metric_time; declare it in the source, as in `time: created_at`",
    ),
    "an offset of a source without a time": (
        {"measures": ["previous(customers.count, '1 year')"]},
        "customers has no time column for metric_time; declare it in the source, as in `time: created_at`",
    ),
    "an earlier period of no period": (
        {"measures": ["previous(orders.revenue, '1 year')"], "dimensions": ["customers.region"]},
        "A calculation over time needs periods: add metric_time as a dimension, or a filter on it",
    ),
    "a total of earlier periods": (
        {"measures": ["percent_of_total(previous(orders.revenue, '1 year'))"], "dimensions": [MONTH]},
        "previous(m, …) has a value for each metric_time_month, and no total over them, as fixed values and shares "
        "need; name the periods, as in percent_of_total(previous(m, …), metric_time_month) and fixed(previous(m, …), "
        "metric_time_month)",
    ),
    "a total of running values": (
        {"measures": ["fixed(cumulative(orders.revenue), 'metric_time:year')"], "dimensions": [YEAR, MONTH]},
        "cumulative(m) has a value for each metric_time_month, and no total over them, as fixed values and shares "
        "need; name the periods, as in percent_of_total(cumulative(m), metric_time_month) and fixed(cumulative(m), "
        "metric_time_month), or write cumulative(m) / fixed(m) for the part of the total until the end of each period",
    ),
    "a total of running values from a first day": (
        {
            "measures": ["percent_of_total(cumulative(orders.revenue))"],
            "dimensions": [MONTH],
            "filters": ["metric_time >= '2024-01-01'"],
        },
        "cumulative(m) has a value for each metric_time_month, and no total over them, as fixed values and shares "
        "need; name the periods, as in percent_of_total(cumulative(m), metric_time_month) and fixed(cumulative(m), "
        "metric_time_month)",
    ),
    "weeks and years": (
        {"measures": ["previous(orders.revenue, '1 year')"], "dimensions": [WEEK]},
        "A week cannot be compared with that of 1 year before: weeks and months do not align; write '52 weeks', or "
        "group by day",
    ),
    "a quarter and a month": (
        {
            "measures": ["previous(orders.revenue, '1 month')"],
            "dimensions": [{"field": "metric_time", "granularity": "quarter"}],
        },
        "A quarter cannot be compared with that of 1 month before: the offset has to be a number of quarters; group by "
        "a finer unit",
    ),
    "a duration without a number": (
        {"measures": ["previous(orders.revenue, 'year')"], "dimensions": [MONTH]},
        "'year' is not a duration; write a positive number and a unit, such as '7 days'; units: second, minute, hour, "
        "day, week, month, quarter, year",
    ),
    "a function without its argument": (
        {"measures": ["rolling(orders.revenue)"], "dimensions": [MONTH]},
        "The expression 'rolling(orders.revenue)' calls rolling with wrong arguments; write rolling(measure, '7 days')",
    ),
    "a dimension that is not selected": (
        {"measures": ["percent_of_total(orders.revenue, customers.region)"], "dimensions": ["customers.name"]},
        "The expression 'percent_of_total(orders.revenue, customers.region)' names customers.region, which is no "
        "dimension of the query; there are: customers.name",
    ),
    "a running share of a distinct count": (
        {"measures": ["running_share(orders.buyers)"], "dimensions": ["customers.name"]},
        "running_share adds the groups up, which is right for sums and counts only, not for distinct counts, averages, "
        "extremes and quotients",
    ),
    "others of a distinct count": (
        {
            "measures": ["orders.buyers"],
            "dimensions": ["customers.name"],
            "top": {"by": "orders.buyers", "limit": 1, "others": True},
        },
        "The other groups cannot be one row, because a measure of the query does not follow from its groups; leave "
        "`others` out, or select sums, counts, extremes and calculations with them only",
    ),
    "an aggregate of an aggregate": (
        {"measures": ["avg(sum(orders.amount))"], "dimensions": ["customers.region"]},
        "The expression 'avg(sum(orders.amount))' aggregates an aggregate; write the inner one as per(measure, "
        "dimension), as in avg(per(orders.revenue, customers.id))",
    ),
    "a part of the periods of a month": (
        {"measures": ["orders.revenue"], "dimensions": [MONTH, "metric_time:day_of_week"], "fill_gaps": True},
        "metric_time_day_of_week is a part of a time; calculations over time need metric_time by day beside it",
    ),
    "periods that overlap": (
        {"measures": ["cumulative(orders.revenue)"], "dimensions": [WEEK, MONTH]},
        "metric_time_week and metric_time_month cannot be the periods of one calculation over time, because a week can "
        "be in two of them; leave one out",
    ),
    "a metric with a typing error": (
        {"measures": ["conversions * 2"]},
        "'conversions' is no metric, and no measure that the query names; did you mean 'conversion' or "
        "'value_of_conversion'?",
    ),
    "a range that is not one": (
        {
            "measures": ["cumulative(orders.revenue)"],
            "dimensions": [MONTH],
            "filters": ["metric_time < '2024-05-01' or metric_time > '2025-01-01'"],
        },
        "The filter 'metric_time < '2024-05-01' or metric_time > '2025-01-01'' is no range of metric_time, which "
        "calculations over time need; compare it with values, connected by AND",
    ),
    "a name of the query and of the model": (
        {"measures": [{"expr": "orders.revenue", "name": "conversion"}]},
        "'conversion' is a metric of the model; give the measure of the query another name",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error_says_what_to_write(name: str) -> None:
    query, message = ERRORS[name]
    with pytest.raises(SemanticError) as caught:
        compile_trade(**query)
    assert str(caught.value) == message
