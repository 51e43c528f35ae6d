"""Questions on periods of a calendar table, each with SQL written by hand."""

from __future__ import annotations

from typing import Any

Case = tuple[dict[str, Any], str]
ROWS = "sales s LEFT JOIN days d ON d.day = CAST(s.sold AS DATE)"
ORDERED = "ORDER BY ALL NULLS LAST"
REVENUE = ["sales.revenue"]
MONTHS = "(SELECT DISTINCT fiscal_month AS m, fiscal_year AS y FROM days WHERE fiscal_month IS NOT NULL)"


def _plain(column: str) -> str:
    return f"SELECT d.{column}, sum(amount), count(*) FROM {ROWS} GROUP BY 1 {ORDERED}"


CASES: dict[str, Case] = {
    **{
        f"groups by {unit}; days that are missing have none": (
            {"measures": [*REVENUE, "sales.count"], "dimensions": [f"metric_time:{unit}"]},
            _plain("week_start" if unit == "week" else unit),
        )
        for unit in ("week", "fiscal_month", "fiscal_quarter", "fiscal_year")
    },
    "a time column": (
        {"measures": REVENUE, "dimensions": ["sales.sold:fiscal_quarter", "shops.city"]},
        f"""SELECT d.fiscal_quarter, city, sum(amount) FROM {ROWS} LEFT JOIN shops h ON h.id = s.shop_id
        GROUP BY 1, 2 {ORDERED}""",
    ),
    "periods without a measure": (
        {"dimensions": ["sales.sold:fiscal_year"]},
        f"SELECT DISTINCT d.fiscal_year FROM {ROWS} {ORDERED}",
    ),
    "a fiscal and a calendar period": (
        {"measures": REVENUE, "dimensions": ["metric_time:fiscal_year", "metric_time:year"]},
        f"SELECT d.fiscal_year, date_trunc('year', sold), sum(amount) FROM {ROWS} GROUP BY 1, 2 {ORDERED}",
    ),
    "a filter on a period": (
        {
            "measures": REVENUE,
            "dimensions": ["metric_time:fiscal_month"],
            "filters": ["metric_time_fiscal_month >= '2024-02-04'"],
        },
        f"SELECT d.fiscal_month, sum(amount) FROM {ROWS} WHERE fiscal_month >= '2024-02-04' GROUP BY 1 {ORDERED}",
    ),
    "gaps are filled with the periods of the table": (
        {"measures": [*REVENUE, "sales.count"], "dimensions": ["metric_time:fiscal_month"], "fill_gaps": True},
        f"""SELECT m, (SELECT sum(amount) FROM {ROWS} WHERE fiscal_month IS NOT DISTINCT FROM m),
          (SELECT count(*) FROM {ROWS} WHERE fiscal_month IS NOT DISTINCT FROM m)
        FROM (SELECT m FROM {MONTHS} UNION ALL SELECT NULL) {ORDERED}""",
    ),
    "gaps between bounds, and the year of each month": (
        {
            "measures": REVENUE,
            "dimensions": ["metric_time:fiscal_month", "metric_time:fiscal_year"],
            "filters": ["metric_time >= '2024-01-15'", "metric_time < '2024-04-07'"],
            "fill_gaps": True,
        },
        f"""SELECT m, y, (SELECT sum(amount) FROM {ROWS} WHERE fiscal_month IS NOT DISTINCT FROM m
          AND sold >= '2024-01-15' AND sold < '2024-04-07')
        FROM (SELECT m, y FROM {MONTHS} WHERE m BETWEEN '2023-12-31' AND '2024-04-06' UNION ALL SELECT NULL, NULL)
        {ORDERED}""",
    ),
    "gaps of a missing day are filled with days": (
        {
            "measures": ["sales.count"],
            "dimensions": ["metric_time:day", "metric_time:fiscal_month"],
            "filters": ["metric_time >= '2024-05-14'", "metric_time < '2024-05-18'"],
            "fill_gaps": True,
        },
        """SELECT d, (SELECT fiscal_month FROM days WHERE day = d),
          (SELECT count(*) FROM sales WHERE CAST(sold AS DATE) = d)
        FROM (SELECT unnest(generate_series(DATE '2024-05-14', DATE '2024-05-17', INTERVAL 1 DAY))::date AS d)
        ORDER BY ALL""",
    ),
    "a running sum of rows that have a period": (
        {"measures": ["cumulative(sales.revenue)"], "dimensions": ["metric_time:fiscal_quarter"]},
        f"""SELECT q, (SELECT sum(amount) FROM {ROWS} WHERE fiscal_quarter <= q)
        FROM (SELECT DISTINCT fiscal_quarter AS q FROM days WHERE fiscal_quarter IS NOT NULL) {ORDERED}""",
    ),
    "a running distinct count of rows that have a period": (
        {"measures": ["cumulative(sales.shops)"], "dimensions": ["metric_time:fiscal_quarter"]},
        f"""SELECT q, (SELECT count(DISTINCT shop_id) FROM {ROWS} WHERE fiscal_quarter <= q)
        FROM (SELECT DISTINCT fiscal_quarter AS q FROM days WHERE fiscal_quarter IS NOT NULL) {ORDERED}""",
    ),
    "a fiscal year to date by fiscal month, of which one lacks its first day": (
        {
            "measures": ["period_to_date(sales.revenue, 'fiscal_year')", "period_to_date(sales.shops, 'fiscal_year')"],
            "dimensions": ["metric_time:fiscal_month"],
        },
        f"""SELECT m, (SELECT sum(amount) FROM {ROWS} WHERE fiscal_month <= m AND fiscal_year = y),
          (SELECT count(DISTINCT shop_id) FROM {ROWS} WHERE fiscal_month <= m AND fiscal_year = y)
        FROM {MONTHS} {ORDERED}""",
    ),
    "a fiscal quarter to date by day": (
        {
            "measures": ["period_to_date(sales.revenue, 'fiscal_quarter')"],
            "dimensions": ["metric_time:day"],
            "filters": ["metric_time >= '2024-02-02'", "metric_time < '2024-02-06'"],
        },
        f"""SELECT day, (SELECT sum(amount) FROM {ROWS} WHERE CAST(sold AS DATE) <= t.day
          AND d.fiscal_quarter = t.fiscal_quarter)
        FROM days t WHERE day BETWEEN '2024-02-02' AND '2024-02-05' {ORDERED}""",
    ),
    "days of the year before, by fiscal month": (
        {
            "measures": ["previous(sales.revenue, '1 year')"],
            "dimensions": ["metric_time:day", "metric_time:fiscal_month"],
            "filters": ["metric_time >= '2024-01-01'", "metric_time < '2025-02-01'"],
        },
        f"""SELECT later, (SELECT fiscal_month FROM days WHERE day = later), sum(amount)
        FROM (SELECT CAST(sold + INTERVAL 1 YEAR AS DATE) AS later, amount FROM sales)
        WHERE later BETWEEN '2024-01-01' AND '2025-01-31' GROUP BY 1 {ORDERED}""",
    ),
    "a moving average over periods of the table": (
        {"measures": ["moving_average(sales.revenue, 2)"], "dimensions": ["metric_time:fiscal_year"]},
        f"""SELECT y, CASE WHEN y IS NOT NULL THEN avg(r) OVER (ORDER BY y NULLS LAST ROWS 1 PRECEDING) END
        FROM (SELECT fiscal_year AS y, sum(amount) AS r FROM {ROWS} GROUP BY 1) {ORDERED}""",
    ),
    "an average of periods": (
        {"measures": ["avg(per(sales.revenue, 'metric_time:fiscal_month'))"]},
        f"SELECT avg(r) FROM (SELECT sum(amount) AS r FROM {ROWS} GROUP BY fiscal_month)",
    ),
    "a share of a year": (
        {
            "measures": ["percent_of_total(sales.revenue, 'metric_time:fiscal_year')"],
            "dimensions": ["metric_time:fiscal_year", "metric_time:fiscal_quarter"],
        },
        f"""SELECT y, q, r / sum(r) OVER (PARTITION BY y) FROM (SELECT fiscal_year AS y, fiscal_quarter AS q,
          sum(amount) AS r FROM {ROWS} GROUP BY 1, 2) {ORDERED}""",
    ),
}
