"""Questions with compositions, shares, ranks, nested aggregates, paths and filters, each with SQL written by hand."""

from __future__ import annotations

from tests.semantic.kinds.over_time import ORDERED, Case

BUYERS = "sales s LEFT JOIN customers c ON c.id = s.customer_id LEFT JOIN countries k ON k.id = c.country_id"
PER_NAME = f"(SELECT c.name, k.name AS country, sum(amount) AS r, count(*) AS n FROM {BUYERS} GROUP BY 1, 2)"
NAME, COUNTRY = "customers.name", "customers.countries.name"


def _by_name(expr: str, *others: str) -> dict[str, object]:
    return {"measures": [{"expr": expr, "name": "value"}], "dimensions": [*others, NAME]}


CASES: dict[str, Case] = {
    # --- composition ---
    "measures of the query by name": (
        {
            "measures": [
                {"expr": "sum(sales.amount)", "name": "rev"},
                {"expr": "count(sales.*)", "name": "n"},
                {"expr": "rev / n", "name": "each"},
                {"expr": "each * 100", "name": "cents"},
            ],
            "dimensions": [NAME],
        },
        f"SELECT name, r, n, r / n, r / n * 100 FROM {PER_NAME} {ORDERED}",
    ),
    "a metric of the model": (
        {"measures": ["basket"], "dimensions": [NAME]},
        f"SELECT name, r / n FROM {PER_NAME} {ORDERED}",
    ),
    # --- shares and ranks ---
    "a share of the total": (
        _by_name("percent_of_total(sales.revenue)"),
        f"SELECT name, r / (SELECT sum(amount) FROM sales) FROM {PER_NAME} {ORDERED}",
    ),
    "a fixed average, which is not that of the groups, and no other measure": (
        _by_name("fixed(avg(sales.amount))"),
        f"SELECT name, (SELECT avg(amount) FROM sales) FROM {PER_NAME} {ORDERED}",
    ),
    "a share of a subtotal": (
        _by_name(f"percent_of_total(sales.revenue, {COUNTRY})", COUNTRY),
        f"SELECT country, name, r / sum(r) OVER (PARTITION BY country) FROM {PER_NAME} {ORDERED}, 2 NULLS LAST",
    ),
    "a rank": (
        _by_name("rank(sales.revenue)"),
        f"SELECT name, rank() OVER (ORDER BY r DESC NULLS LAST) FROM {PER_NAME} {ORDERED}",
    ),
    "a running share": (
        _by_name("running_share(sales.revenue)"),
        f"""SELECT name, sum(r) OVER (ORDER BY r DESC NULLS LAST ROWS UNBOUNDED PRECEDING) / sum(r) OVER ()
        FROM {PER_NAME} {ORDERED}""",
    ),
    "the first of each country, and the others": (
        {
            "measures": ["sales.revenue"],
            "dimensions": [COUNTRY, NAME],
            "top": {"by": "revenue", "limit": 1, "per": [COUNTRY], "others": True},
        },
        f"""WITH g AS (SELECT *, row_number() OVER (PARTITION BY country ORDER BY r DESC NULLS LAST, name) AS i
          FROM {PER_NAME}) SELECT country, CASE WHEN i = 1 THEN name END, i > 1, sum(r) FROM g GROUP BY 1, 2, 3
        ORDER BY 1 NULLS LAST, 2 NULLS LAST""",
    ),
    "bins": (
        {
            "measures": ["sales.count"],
            "dimensions": [{"expr": "bin(sales.amount, 25)", "name": "band"}],
        },
        f"SELECT floor(amount / 25) * 25, count(*) FROM sales GROUP BY 1 {ORDERED}",
    ),
    # --- nested aggregates ---
    "an average of the totals of customers": (
        {"measures": [{"expr": "avg(per(sales.revenue, customers.id))", "name": "value"}]},
        f"SELECT avg(r) FROM (SELECT c.id, sum(amount) AS r FROM {BUYERS} GROUP BY 1)",
    ),
    "a median of daily counts": (
        {"measures": [{"expr": "median(per(sales.count, sales.booked_on))", "name": "value"}], "dimensions": [COUNTRY]},
        f"""SELECT name, median(n) FROM (SELECT k.name, booked_on, count(*) AS n FROM {BUYERS} GROUP BY 1, 2)
        GROUP BY 1 {ORDERED}""",
    ),
    "a fact's count as a column": (
        {"measures": ["customers.count"], "dimensions": ["customers.bought"]},
        f"""SELECT n, count(*) FROM (SELECT (SELECT count(*) FROM sales WHERE customer_id = c.id) AS n FROM customers c)
        GROUP BY 1 {ORDERED}""",
    ),
    "a fact's count as a filter": (
        {"measures": ["visits.count"], "filters": ["customers.bought >= 2"]},
        """SELECT count(*) FROM visits WHERE customer_id IN
          (SELECT customer_id FROM sales GROUP BY 1 HAVING count(*) >= 2)""",
    ),
    # --- paths ---
    "one of two ways to a source": (
        {"measures": ["sales.revenue"], "dimensions": ["products.suppliers.countries.name"]},
        f"""SELECT k.name, sum(amount) FROM sales s LEFT JOIN products p ON p.id = s.product_id
          LEFT JOIN suppliers u ON u.id = p.supplier_id LEFT JOIN countries k ON k.id = u.country_id
        GROUP BY 1 {ORDERED}""",
    ),
    "a way that the query chooses": (
        {
            "measures": ["sales.revenue"],
            "dimensions": ["regions.name"],
            "paths": {"regions": "customers.countries.regions"},
        },
        f"SELECT r.name, sum(amount) FROM {BUYERS} LEFT JOIN regions r ON r.id = k.region_id GROUP BY 1 {ORDERED}",
    ),
    # --- filters ---
    "members without rows": (
        {"dimensions": [NAME], "filters": ["not exists(sales.amount > 20)"]},
        "SELECT name FROM customers c WHERE id NOT IN (SELECT customer_id FROM sales WHERE amount > 20) ORDER BY 1",
    ),
    "a relative period": (
        {
            "measures": ["sales.count"],
            "filters": ["in_period(sales.booked_on, 'this quarter')"],
            "now": "2024-02-29T23:30:00Z",
        },
        "SELECT count(*) FROM sales WHERE booked_on >= '2024-01-01' AND booked_on < '2024-04-01'",
    ),
    "a relative period in the time zone of the query": (
        {
            "measures": ["events.count"],
            "filters": ["in_period(events.happened, 'today')"],
            "now": "2024-10-27T12:00:00Z",
            "time_zone": "Europe/Zurich",
        },
        "SELECT count(*) FROM events WHERE happened >= '2024-10-26 22:00:00' AND happened < '2024-10-27 23:00:00'",
    ),
    "parameters": (
        {
            "measures": ["sales.count"],
            "filters": ["sales.amount > :least", "customers.name in (:names)"],
            "parameters": {"least": 15, "names": ["Ann", "Ben"]},
        },
        f"SELECT count(*) FROM {BUYERS} WHERE amount > 15 AND c.name IN ('Ann', 'Ben')",
    ),
    "an expression as a dimension, and a filter on its name": (
        {
            "measures": ["sales.count"],
            "dimensions": [{"expr": "case when sales.amount > 30 then 'large' else 'small' end", "name": "size"}],
            "filters": ["size = 'small'"],
        },
        "SELECT 'small', count(*) FROM sales WHERE amount <= 30 OR amount IS NULL",
    ),
    "the second page": (
        {"measures": ["sales.revenue"], "dimensions": [NAME], "limit": 2, "offset": 1},
        f"SELECT name, r FROM {PER_NAME} {ORDERED} LIMIT 2 OFFSET 1",
    ),
}
