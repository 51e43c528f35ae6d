"""Questions over time, each with SQL written by hand."""

from __future__ import annotations

from typing import Any

Case = tuple[dict[str, Any], str]
ORDERED = "ORDER BY 1 NULLS LAST"
BOOKED = "date_trunc('month', booked_on)"
BY_MONTH = [{"field": "metric_time", "granularity": "month"}]
BY_DAY = [{"field": "metric_time", "granularity": "day"}]
MONTHS = f"(SELECT DISTINCT {BOOKED} AS m FROM sales)"
FILLED = (
    "(SELECT unnest(generate_series(DATE '2023-02-01', DATE '2024-12-01', INTERVAL 1 MONTH)) AS m UNION SELECT NULL)"
)
DATED = ["sales.booked_on is not null"]
ALL_DAYS = "(SELECT unnest(generate_series(DATE '2023-02-28', DATE '2024-12-30', INTERVAL 1 DAY)) AS d)"
IN_ZURICH = "happened AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Zurich'"


def _measured(expr: str, groups: list[dict[str, Any]], **keys: Any) -> dict[str, Any]:
    return {"measures": [{"expr": expr, "name": "value"}], "dimensions": groups, **keys}


def _of_months(value: str, months: str = MONTHS, where: str = "WHERE m IS NOT NULL") -> str:
    return f"SELECT m, ({value}) FROM {months} {where} {ORDERED}"


CASES: dict[str, Case] = {
    # --- metric_time ---
    "months with a gap, and rows without a time": (
        {"measures": ["sales.revenue"], "dimensions": BY_MONTH},
        f"SELECT {BOOKED}, sum(amount) FROM sales GROUP BY 1 {ORDERED}",
    ),
    "filled gaps: NULL for a sum, 0 for a count": (
        {"measures": ["sales.revenue", "sales.count"], "dimensions": BY_MONTH, "fill_gaps": True},
        f"""SELECT m, (SELECT sum(amount) FROM sales WHERE {BOOKED} IS NOT DISTINCT FROM m),
          (SELECT count(*) FROM sales WHERE {BOOKED} IS NOT DISTINCT FROM m) FROM {FILLED} {ORDERED}""",
    ),
    "filled gaps with a value of their own": (
        {"measures": ["sales.revenue_or_0"], "dimensions": BY_MONTH, "fill_gaps": True},
        f"""SELECT m, coalesce((SELECT sum(amount) FROM sales WHERE {BOOKED} IS NOT DISTINCT FROM m), 0)
        FROM {FILLED} {ORDERED}""",
    ),
    "two facts of different range": (
        {"measures": ["sales.revenue", "visits.count"], "dimensions": BY_MONTH},
        f"""SELECT m, (SELECT sum(amount) FROM sales WHERE {BOOKED} IS NOT DISTINCT FROM m),
          (SELECT count(*) FROM visits WHERE date_trunc('month', visited_on) IS NOT DISTINCT FROM m)
        FROM (SELECT {BOOKED} AS m FROM sales UNION SELECT date_trunc('month', visited_on) FROM visits) {ORDERED}""",
    ),
    "one fact by two of its times": (
        {"measures": ["sales.revenue", "sales.shipped"], "dimensions": BY_MONTH},
        f"""SELECT m, (SELECT sum(amount) FROM sales WHERE {BOOKED} IS NOT DISTINCT FROM m),
          (SELECT sum(amount) FROM sales WHERE date_trunc('month', shipped_on) IS NOT DISTINCT FROM m)
        FROM (SELECT {BOOKED} AS m FROM sales UNION SELECT date_trunc('month', shipped_on) FROM sales) {ORDERED}""",
    ),
    "a period without rows of one fact": (
        {
            "measures": ["sales.count", "visits.count"],
            "dimensions": BY_MONTH,
            "filters": ["metric_time >= '2024-06-01'", "metric_time < '2024-07-01'"],
        },
        "SELECT DATE '2024-06-01', 0, 2",
    ),
    # --- units ---
    "weeks from Sunday": (
        {"measures": ["sales.count"], "dimensions": [{"field": "sales.booked_on", "granularity": "week"}]},
        f"SELECT date_trunc('week', booked_on + 1) - INTERVAL 1 DAY, count(*) FROM sales GROUP BY 1 {ORDERED}",
    ),
    "weeks of a year": (
        {"measures": ["sales.count"], "dimensions": [{"field": "sales.booked_on", "granularity": "week_of_year"}]},
        f"SELECT weekofyear(booked_on), count(*) FROM sales GROUP BY 1 {ORDERED}",
    ),
    "days of a week": (
        {"measures": ["sales.count"], "dimensions": [{"field": "sales.booked_on", "granularity": "day_of_week"}]},
        f"SELECT isodow(booked_on), count(*) FROM sales GROUP BY 1 {ORDERED}",
    ),
    "fiscal years from April": (
        {"measures": ["sales.revenue"], "dimensions": [{"field": "metric_time", "granularity": "fiscal_year"}]},
        f"""SELECT date_trunc('year', booked_on - INTERVAL 3 MONTH) + INTERVAL 3 MONTH, sum(amount)
        FROM sales GROUP BY 1 {ORDERED}""",
    ),
    # --- time zones ---
    "days around daylight saving": (
        {"measures": ["events.count"], "dimensions": BY_DAY, "time_zone": "Europe/Zurich"},
        f"SELECT date_trunc('day', {IN_ZURICH}), count(*) FROM events GROUP BY 1 {ORDERED}",
    ),
    "days of a truncated time around daylight saving": (
        {
            "measures": ["events.count"],
            "dimensions": [{"expr": "events.happened", "granularity": "day", "name": "day"}],
            "time_zone": "Europe/Zurich",
        },
        f"SELECT date_trunc('day', {IN_ZURICH}), count(*) FROM events GROUP BY 1 {ORDERED}",
    ),
    "most events of a day around daylight saving": (
        {"measures": ["max(per(events.count, 'events.happened:day'))"], "time_zone": "Europe/Zurich"},
        f"SELECT max(n) FROM (SELECT count(*) AS n FROM events GROUP BY date_trunc('day', {IN_ZURICH}))",
    ),
    "hours of a day with one hour less": (
        {
            "measures": ["events.count"],
            "dimensions": [{"field": "metric_time", "granularity": "hour"}],
            "filters": ["events.id between 2 and 5"],
            "time_zone": "Europe/Zurich",
        },
        f"SELECT date_trunc('hour', {IN_ZURICH}), count(*) FROM events WHERE id BETWEEN 2 AND 5 GROUP BY 1 {ORDERED}",
    ),
    # --- calculations ---
    "a total of all time, in each month since the first sale": (
        _measured("cumulative(sales.revenue)", BY_MONTH, filters=DATED),
        _of_months("SELECT sum(amount) FROM sales WHERE booked_on < m + INTERVAL 1 MONTH", FILLED),
    ),
    "a trailing window, in each day that has a sale in it": (
        _measured("rolling(sales.revenue, '7 days')", BY_DAY, filters=DATED),
        f"""SELECT d, sum(amount) FROM {ALL_DAYS} JOIN sales ON booked_on > d - INTERVAL 7 DAY AND booked_on <= d
        GROUP BY 1 {ORDERED}""",
    ),
    "a year to date": (
        _measured("period_to_date(sales.revenue, 'year')", BY_MONTH, filters=DATED),
        _of_months(
            """SELECT sum(amount) FROM sales
            WHERE booked_on >= date_trunc('year', m) AND booked_on < m + INTERVAL 1 MONTH""",
            FILLED,
        ),
    ),
    "a fiscal year to date": (
        _measured("period_to_date(sales.revenue, 'fiscal_year')", BY_MONTH, filters=DATED),
        f"""SELECT m, sum(amount) FROM {FILLED} JOIN sales ON booked_on < m + INTERVAL 1 MONTH
          AND booked_on >= date_trunc('year', m - INTERVAL 3 MONTH) + INTERVAL 3 MONTH GROUP BY 1 {ORDERED}""",
    ),
    "the year before": (
        {"measures": ["sales.count", "previous(sales.revenue, '1 year')"], "dimensions": BY_MONTH, "filters": DATED},
        f"""SELECT m, (SELECT count(*) FROM sales WHERE {BOOKED} = m),
          (SELECT sum(amount) FROM sales WHERE {BOOKED} = m - INTERVAL 1 YEAR)
        FROM {MONTHS} WHERE m IS NOT NULL {ORDERED}""",
    ),
    "the day a year before a leap day, and before the day before": (
        _measured("previous(sales.revenue, '1 year')", BY_DAY, filters=DATED),
        f"SELECT d, sum(amount) FROM {ALL_DAYS} JOIN sales ON booked_on = d - INTERVAL 1 YEAR GROUP BY 1 {ORDERED}",
    ),
    "a difference, in each month that has a sale, or one before": (
        _measured("change(sales.revenue, '1 month')", BY_MONTH, filters=DATED),
        f"""SELECT m, (SELECT sum(amount) FROM sales WHERE {BOOKED} = m)
          - (SELECT sum(amount) FROM sales WHERE {BOOKED} = m - INTERVAL 1 MONTH)
        FROM {FILLED} WHERE EXISTS (FROM sales WHERE {BOOKED} IN (m, m - INTERVAL 1 MONTH)) {ORDERED}""",
    ),
    "a growth": (
        _measured("growth(sales.revenue, '1 year')", BY_MONTH, filters=DATED),
        _of_months(
            f"""SELECT sum(amount) / (SELECT sum(amount) FROM sales WHERE {BOOKED} = m - INTERVAL 1 YEAR) - 1
            FROM sales WHERE {BOOKED} = m"""
        ),
    ),
    "a moving average in the gaps": (
        _measured("moving_average(sales.count, 3)", BY_MONTH, filters=DATED, fill_gaps=True),
        f"""SELECT m, avg(n) OVER (ORDER BY m ROWS 2 PRECEDING) FROM (SELECT m,
          (SELECT count(*) FROM sales WHERE {BOOKED} = m) AS n FROM {FILLED} WHERE m IS NOT NULL) {ORDERED}""",
    ),
    # --- balances ---
    "a balance at the last time": (
        {"measures": ["balances.last"], "dimensions": BY_MONTH},
        """SELECT m, (SELECT sum(amount) FROM balances WHERE day = last) FROM (
          SELECT date_trunc('month', day) AS m, max(day) AS last FROM balances GROUP BY 1) WHERE m IS NOT NULL
        UNION ALL SELECT NULL, NULL ORDER BY 1 NULLS LAST""",
    ),
    "a balance of each account at its last time": (
        {"measures": ["balances.last_of_accounts"], "dimensions": BY_MONTH, "filters": ["balances.day is not null"]},
        f"""SELECT m, sum(amount) FROM (SELECT date_trunc('month', day) AS m, amount FROM balances b
          WHERE day = (SELECT max(day) FROM balances o WHERE o.account IS NOT DISTINCT FROM b.account
            AND date_trunc('month', o.day) = date_trunc('month', b.day))) GROUP BY 1 {ORDERED}""",
    ),
    "a balance at the first time of all": (
        {"measures": ["balances.first"]},
        "SELECT sum(amount) FROM balances WHERE day = (SELECT min(day) FROM balances)",
    ),
    "an average balance": (
        {"measures": ["balances.average"], "dimensions": BY_MONTH, "filters": ["balances.day is not null"]},
        f"""SELECT date_trunc('month', day), avg(total) FROM (SELECT day, sum(amount) AS total FROM balances
          WHERE day IS NOT NULL GROUP BY 1) GROUP BY 1 {ORDERED}""",
    ),
    "an average balance beside rows without a time": (
        {"measures": ["balances.average"]},
        "SELECT avg(total) FROM (SELECT sum(amount) AS total FROM balances WHERE day IS NOT NULL GROUP BY day)",
    ),
    # --- conversion ---
    "visits with a sale within a week": (
        {"measures": ["visits.converted"], "dimensions": ["customers.name"]},
        f"""SELECT c.name, count(s.id) FROM visits v LEFT JOIN customers c ON c.id = v.customer_id
          LEFT JOIN (SELECT DISTINCT v.id FROM visits v JOIN sales s ON s.customer_id = v.customer_id
            AND s.booked_on >= v.visited_on AND s.booked_on < v.visited_on + INTERVAL 7 DAY) s ON s.id = v.id
        GROUP BY 1 {ORDERED}""",
    ),
}
