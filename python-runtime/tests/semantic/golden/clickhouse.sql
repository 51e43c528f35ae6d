-- one fact
SELECT
  customers.segment AS segment,
  home.city AS city,
  sum(orders.amount) AS revenue,
  CAST(sum(orders.amount) AS Nullable(Float64)) / nullIf(count(*), 0) AS average,
  sum(
    CASE
      WHEN orders.status = 'paid' AND orders.amount > 0
      THEN orders.amount - orders.tax
    END
  ) AS paid_net,
  avg(orders.amount) AS avg_orders_amount
FROM public.orders AS orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
LEFT JOIN stores AS home
  ON customers.home_store = home.id
WHERE
  (
    orders.is_gift AND orders.status IN ('paid', 'sent')
  )
  AND orders.status = 'paid'
GROUP BY
  customers.segment,
  home.city
HAVING
  sum(orders.amount) > 10
ORDER BY
  revenue DESC,
  segment ASC,
  city ASC
LIMIT 50
SETTINGS join_use_nulls = 1;

-- every granularity
SELECT
  addSeconds(
    dateTrunc('MINUTE', toDateTime64(orders.ordered_at, 6)),
    toSecond(toDateTime64(orders.ordered_at, 6))
  ) AS ordered_at_second,
  dateTrunc('MINUTE', toDateTime64(orders.ordered_at, 6)) AS ordered_at_minute,
  dateTrunc('HOUR', toDateTime64(orders.ordered_at, 6)) AS ordered_at_hour,
  toDate32(orders.ordered_at) AS ordered_at_day,
  subtractDays(toDate32(orders.ordered_at), toDayOfWeek(orders.ordered_at) - 1) AS ordered_at_week,
  makeDate32(toYear(orders.ordered_at), toMonth(orders.ordered_at), 1) AS ordered_at_month,
  makeDate32(toYear(orders.ordered_at), toQuarter(orders.ordered_at) * 3 - 2, 1) AS ordered_at_quarter,
  makeDate32(toYear(orders.ordered_at), 1, 1) AS ordered_at_year,
  makeDate32(toYear(orders.ordered_at), toMonth(orders.ordered_at), 1) AS ordered_at_fiscal_month,
  makeDate32(toYear(orders.ordered_at), toQuarter(orders.ordered_at) * 3 - 2, 1) AS ordered_at_fiscal_quarter,
  makeDate32(toYear(orders.ordered_at), 1, 1) AS ordered_at_fiscal_year,
  toHour(toDateTime64(orders.ordered_at, 0)) AS ordered_at_hour_of_day,
  toDayOfWeek(orders.ordered_at) AS ordered_at_day_of_week,
  toDayOfMonth(orders.ordered_at) AS ordered_at_day_of_month,
  toDayOfYear(orders.ordered_at) AS ordered_at_day_of_year,
  toISOWeek(orders.ordered_at) AS ordered_at_week_of_year,
  toMonth(orders.ordered_at) AS ordered_at_month_of_year,
  toQuarter(orders.ordered_at) AS ordered_at_quarter_of_year,
  count(*) AS orders
FROM public.orders AS orders
GROUP BY
  addSeconds(
    dateTrunc('MINUTE', toDateTime64(orders.ordered_at, 6)),
    toSecond(toDateTime64(orders.ordered_at, 6))
  ),
  dateTrunc('MINUTE', toDateTime64(orders.ordered_at, 6)),
  dateTrunc('HOUR', toDateTime64(orders.ordered_at, 6)),
  toDate32(orders.ordered_at),
  subtractDays(toDate32(orders.ordered_at), toDayOfWeek(orders.ordered_at) - 1),
  makeDate32(toYear(orders.ordered_at), toMonth(orders.ordered_at), 1),
  makeDate32(toYear(orders.ordered_at), toQuarter(orders.ordered_at) * 3 - 2, 1),
  makeDate32(toYear(orders.ordered_at), 1, 1),
  makeDate32(toYear(orders.ordered_at), toMonth(orders.ordered_at), 1),
  makeDate32(toYear(orders.ordered_at), toQuarter(orders.ordered_at) * 3 - 2, 1),
  makeDate32(toYear(orders.ordered_at), 1, 1),
  toHour(toDateTime64(orders.ordered_at, 0)),
  toDayOfWeek(orders.ordered_at),
  toDayOfMonth(orders.ordered_at),
  toDayOfYear(orders.ordered_at),
  toISOWeek(orders.ordered_at),
  toMonth(orders.ordered_at),
  toQuarter(orders.ordered_at)
ORDER BY
  ordered_at_second ASC,
  ordered_at_minute ASC,
  ordered_at_hour ASC,
  ordered_at_day ASC,
  ordered_at_week ASC,
  ordered_at_month ASC,
  ordered_at_quarter ASC,
  ordered_at_year ASC,
  ordered_at_fiscal_month ASC,
  ordered_at_fiscal_quarter ASC,
  ordered_at_fiscal_year ASC,
  ordered_at_hour_of_day ASC,
  ordered_at_day_of_week ASC,
  ordered_at_day_of_month ASC,
  ordered_at_day_of_year ASC,
  ordered_at_week_of_year ASC,
  ordered_at_month_of_year ASC,
  ordered_at_quarter_of_year ASC
SETTINGS join_use_nulls = 1;

-- three facts
WITH orders_facts AS (
  SELECT
    customers.segment AS segment,
    sum(orders.amount) AS revenue
  FROM public.orders AS orders
  JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    customers.segment
), returns_facts AS (
  SELECT
    customers.segment AS segment,
    count(*) AS returns,
    sum(returns.fee) AS returns_fees
  FROM (
    SELECT
      id,
      customer_id,
      fee
    FROM raw_returns
    WHERE
      NOT is_test
  ) AS returns
  JOIN customers
    ON returns.customer_id = customers.id
  GROUP BY
    customers.segment
), customers_facts AS (
  SELECT
    customers.segment AS segment,
    count(*) AS customers
  FROM customers
  GROUP BY
    customers.segment
), combined AS (
  SELECT
    stacked.segment,
    MAX(stacked.revenue) AS revenue,
    COALESCE(MAX(stacked.returns), 0) AS returns,
    MAX(stacked.returns_fees) AS returns_fees,
    COALESCE(MAX(stacked.customers), 0) AS customers
  FROM (
    SELECT
      orders_facts.segment,
      orders_facts.revenue,
      NULL AS returns,
      NULL AS returns_fees,
      (
        SELECT
          customers_facts.customers
        FROM customers_facts
        WHERE
          1 = 0
      ) AS customers
    FROM orders_facts
    UNION ALL
    SELECT
      returns_facts.segment,
      NULL AS revenue,
      returns_facts.returns,
      returns_facts.returns_fees,
      NULL AS customers
    FROM returns_facts
    UNION ALL
    SELECT
      customers_facts.segment,
      NULL AS revenue,
      NULL AS returns,
      NULL AS returns_fees,
      customers_facts.customers
    FROM customers_facts
  ) AS stacked
  GROUP BY
    stacked.segment
  HAVING
    COUNT(*) = 3
)
SELECT
  combined.segment,
  combined.revenue AS revenue,
  combined.returns AS returns,
  combined.customers AS customers,
  CAST(combined.returns_fees AS Nullable(Float64)) / nullIf(combined.revenue, 0) AS "fee share"
FROM combined
ORDER BY
  segment ASC
LIMIT 1000
SETTINGS join_use_nulls = 1;

-- rows counted once
SELECT
  customers_rows.status AS status,
  count(*) AS customers,
  count(DISTINCT customers_rows.home_store) AS count_distinct_customers_home_store
FROM (
  SELECT DISTINCT
    orders.status AS status,
    customers.id AS id,
    customers.home_store AS home_store
  FROM customers
  LEFT JOIN public.orders AS orders
    ON orders.customer_id = customers.id
  WHERE
    (
      orders.amount - orders.tax
    ) > 5
) AS customers_rows
GROUP BY
  customers_rows.status
ORDER BY
  status ASC
LIMIT 1000
SETTINGS join_use_nulls = 1;
