"""Queries that are prone to double counting, compared with handwritten SQL with EXISTS, IN and subqueries.

The model has fan-outs, chasm traps, roles, a self-join, composite keys and missing keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.retail import MODEL, rows

SOURCES = msgspec.convert(MODEL, list[Source])
BUYERS = "orders o LEFT JOIN customers c ON c.id = o.customer_id LEFT JOIN regions r ON r.id = c.region_id"
PLACES = "orders o LEFT JOIN stores s ON s.id = o.store_id LEFT JOIN regions h ON h.id = s.region_id"
ITEMS = "items i LEFT JOIN orders o ON o.id = i.order_id LEFT JOIN customers c ON c.id = o.customer_id"
REFUNDED = (
    "refunds f LEFT JOIN items i ON i.order_id = f.order_id AND i.line = f.line LEFT JOIN orders o ON o.id = i.order_id"
)
TICKETS = "tickets t LEFT JOIN customers c ON c.id = t.customer_id"

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "from one to many and on to one": (
        {"measures": ["customers.total_credit", "customers.average_credit"], "dimensions": ["stores.city"]},
        f"""WITH x AS (SELECT c.id, s.city FROM customers c LEFT JOIN ({PLACES}) ON o.customer_id = c.id)
        SELECT city,
          (SELECT sum(credit) FROM customers WHERE id IN (SELECT id FROM x WHERE city IS NOT DISTINCT FROM d.city)),
          (SELECT avg(credit) FROM customers WHERE id IN (SELECT id FROM x WHERE city IS NOT DISTINCT FROM d.city))
        FROM (SELECT DISTINCT city FROM x) d ORDER BY city NULLS LAST""",
    ),
    "a chasm between four facts": (
        {
            "measures": ["orders.revenue", "tickets.tickets", "customers.total_credit", "items.sales"],
            "dimensions": ["customers.name"],
        },
        f"""SELECT name, (SELECT sum(amount) FROM {BUYERS} WHERE c.name IS NOT DISTINCT FROM d.name),
          (SELECT count(*) FROM {TICKETS} WHERE c.name IS NOT DISTINCT FROM d.name),
          (SELECT sum(credit) FROM customers c WHERE c.name IS NOT DISTINCT FROM d.name),
          (SELECT sum(quantity * price) FROM {ITEMS} WHERE c.name IS NOT DISTINCT FROM d.name)
        FROM (SELECT name FROM customers UNION SELECT NULL) d ORDER BY name NULLS LAST""",
    ),
    "facts without a dimension": (
        {"measures": ["orders.revenue", "tickets.tickets", "orders.per_customer", "refunds.refunded"]},
        """SELECT (SELECT sum(amount) FROM orders), (SELECT count(*) FROM tickets),
          (SELECT sum(amount) FROM orders) / (SELECT count(*) FROM customers), (SELECT sum(amount) FROM refunds)""",
    ),
    "different ones counted by two facts": (
        {
            "measures": [
                "orders.buyers",
                "count(distinct tickets.customer_id)",
                {"expr": "orders.buyers / nullif(count(distinct tickets.customer_id), 0)", "name": "share"},
            ],
            "dimensions": ["customers.name"],
        },
        f"""SELECT name, buyers, askers, buyers / nullif(askers, 0) FROM (SELECT name,
          (SELECT count(DISTINCT customer_id) FROM {BUYERS} WHERE c.name IS NOT DISTINCT FROM d.name) AS buyers,
          (SELECT count(DISTINCT customer_id) FROM {TICKETS} WHERE c.name IS NOT DISTINCT FROM d.name) AS askers
        FROM (SELECT name FROM customers UNION SELECT NULL) d) ORDER BY name NULLS LAST""",
    ),
    "a filter on many rows": (
        {
            "measures": ["orders.revenue", "orders.orders", "orders.average"],
            "dimensions": ["customers.name"],
            "filters": ["items.quantity > 1"],
        },
        f"""SELECT c.name, sum(amount), count(*), avg(amount) FROM {BUYERS}
        WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.quantity > 1)
        GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "filters on the same one of many rows": (
        {"measures": ["orders.revenue"], "filters": ["categories.name = 'food'", "items.quantity > 1"]},
        """SELECT sum(amount) FROM orders WHERE id IN (SELECT order_id FROM items i JOIN products p ON p.id = product_id
          WHERE quantity > 1 AND category_id = 1)""",
    ),
    "a filter three steps away": (
        {"measures": ["customers.customers", "customers.average_credit"], "filters": ["refunds.reason = 'bad'"]},
        f"""SELECT count(*), avg(credit) FROM customers
        WHERE id IN (SELECT customer_id FROM {REFUNDED} WHERE reason = 'bad')""",
    ),
    "two branches that multiply": (
        {"measures": ["customers.total_credit"], "dimensions": ["orders.status", "tickets.severity"]},
        """SELECT status, severity, sum(credit) FROM (SELECT DISTINCT status, severity, c.id, credit FROM customers c
          LEFT JOIN orders o ON o.customer_id = c.id LEFT JOIN tickets t ON t.customer_id = c.id)
        GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "without the empty groups of two facts": (
        {
            "measures": ["orders.revenue", "tickets.tickets"],
            "dimensions": ["customers.name"],
            "include_empty": False,
        },
        f"""SELECT c.name, sum(amount), (SELECT count(*) FROM tickets t JOIN customers k ON k.id = t.customer_id
          WHERE k.name IS NOT DISTINCT FROM c.name) AS n FROM {BUYERS} WHERE c.id IS NOT NULL
        GROUP BY c.name HAVING n > 0 ORDER BY 1 NULLS LAST""",
    ),
    "conditions on measures, ordered by a third": (
        {
            "measures": ["orders.revenue"],
            "dimensions": ["customers.name", "orders.status"],
            "filters": ["orders.orders >= 2", "orders.revenue > 50"],
            "order_by": ["orders.average:desc"],
            "limit": 3,
        },
        f"""SELECT c.name, status, sum(amount) FROM {BUYERS} GROUP BY 1, 2 HAVING count(*) >= 2 AND sum(amount) > 50
        ORDER BY avg(amount) DESC NULLS LAST, 1 NULLS LAST, 2 NULLS LAST LIMIT 3""",
    ),
    "a condition on another fact": (
        {"measures": ["customers.customers"], "dimensions": ["customers.id"], "filters": ["tickets.tickets = 0"]},
        """SELECT id, 1 FROM customers c WHERE NOT EXISTS (SELECT 1 FROM tickets WHERE customer_id = c.id)
        ORDER BY id""",
    ),
    "measures with filters, a segment of the query": (
        {
            "measures": ["orders.northern", "sum(orders.amount) filter (where orders.status = 'paid')", "items.sales"],
            "dimensions": ["orders.status"],
            "segments": ["orders.large"],
        },
        f"""SELECT status, sum(amount) FILTER (WHERE r.name = 'north'), sum(amount) FILTER (WHERE status = 'paid'),
          (SELECT sum(quantity * price) FROM items i JOIN orders p ON p.id = i.order_id
           WHERE p.amount > 50 AND p.status IS NOT DISTINCT FROM o.status)
        FROM {BUYERS} WHERE amount > 50 GROUP BY status ORDER BY 1 NULLS LAST""",
    ),
    "a source joined with itself": (
        {"measures": ["orders.revenue", "orders.orders"], "dimensions": ["parent.status"]},
        """SELECT p.status, sum(o.amount), count(*) FROM orders o LEFT JOIN orders p ON p.id = o.parent_id
        GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "the role as what is counted": (
        {"measures": ["parent.revenue", "parent.orders"], "dimensions": ["orders.status"]},
        """SELECT status, sum(amount), count(*) FROM (SELECT DISTINCT o.status, p.id, p.amount FROM orders p
          LEFT JOIN orders o ON o.parent_id = p.id) GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    # The role's join with customers, in reverse, reached all orders: statuses of orders without children were counted.
    "the role of many rows": (
        {"measures": ["customers.customers"], "dimensions": ["parent.status"]},
        """SELECT status, count(*) FROM (SELECT DISTINCT p.status, c.id FROM customers c
          LEFT JOIN orders o ON o.customer_id = c.id LEFT JOIN orders p ON p.id = o.parent_id)
        GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "dimensions of a role alone": (
        {"dimensions": ["customers.name", "parent.status"]},
        """SELECT DISTINCT c.name, p.status FROM orders o LEFT JOIN customers c ON c.id = o.customer_id
          LEFT JOIN orders p ON p.id = o.parent_id ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "one table in two roles": (
        {"measures": ["orders.revenue"], "dimensions": ["customer_region.name", "store_region.name"]},
        f"""SELECT r.name, h.name, sum(amount) FROM {BUYERS} LEFT JOIN stores s ON s.id = o.store_id
          LEFT JOIN regions h ON h.id = s.region_id GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "a grain and a join of two columns": (
        {"measures": ["items.sales", "items.items"], "dimensions": ["refunds.reason"]},
        """SELECT reason, sum(quantity * price), count(*) FROM (SELECT DISTINCT reason, i.* FROM items i
          LEFT JOIN refunds f ON f.order_id = i.order_id AND f.line = i.line) GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "what one row reads of another source": (
        {
            "measures": ["items.weighted", "sum(items.quantity * orders.amount) / count(items.*)"],
            "dimensions": ["customers.name"],
        },
        f"""SELECT c.name, sum(quantity * amount), sum(quantity * amount) / count(*) FROM {ITEMS}
        GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "a difference of two facts": (
        {
            "measures": [{"expr": "coalesce(orders.revenue, 0) - coalesce(refunds.refunded, 0)", "name": "net"}],
            "dimensions": ["stores.city"],
        },
        f"""SELECT city, coalesce((SELECT sum(o.amount) FROM {PLACES} WHERE s.city IS NOT DISTINCT FROM d.city), 0)
          - coalesce((SELECT sum(f.amount) FROM {REFUNDED} LEFT JOIN stores s ON s.id = o.store_id
                      WHERE s.city IS NOT DISTINCT FROM d.city), 0)
        FROM (SELECT city FROM stores UNION SELECT NULL) d ORDER BY 1 NULLS LAST""",
    ),
    "customers by the months of their orders": (
        {
            "measures": ["customers.total_credit", "count(distinct customers.id)"],
            "dimensions": [{"field": "orders.placed", "granularity": "month"}],
        },
        """SELECT m, sum(credit), count(*) FROM (SELECT DISTINCT date_trunc('month', placed) AS m, c.id, credit
          FROM customers c LEFT JOIN orders o ON o.customer_id = c.id) GROUP BY 1 ORDER BY 1 NULLS LAST""",
    ),
    "a name of the result that is a column of the table": (
        {
            "measures": [{"expr": "sum(-orders.amount)", "name": "amount"}],
            "dimensions": ["orders.status"],
            "order_by": ["amount:desc"],
        },
        "SELECT status, -sum(amount) FROM orders GROUP BY 1 ORDER BY 2 DESC NULLS LAST",
    ),
}


@pytest.fixture(scope="module")
def expected_results() -> dict[str, list[tuple[Any, ...]]]:
    with connect("duckdb", "") as connected:
        connected.load(rows())
        return {name: connected.rows(sql) for name, (_, sql) in CASES.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_by_hand_{secrets.token_hex(4)}") as connected:
        connected.load(rows())
        yield connected


def test_model_is_valid() -> None:
    found = validate(SOURCES, "postgres")
    assert found.errors == []
    assert all("There are several join paths" in warning for warning in found.warnings)


@pytest.mark.parametrize("name", CASES)
def test_result_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    sql = compile_query(SOURCES, msgspec.convert(CASES[name][0], Query), database.dialect).sql
    assert database.rows(sql) == expected_results[name], sql
    assert len(expected_results[name]) > ("dimensions" in CASES[name][0]), "an answer of one group proves little"
