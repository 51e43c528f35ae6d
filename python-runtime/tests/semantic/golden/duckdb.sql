-- one fact
SELECT
  customers.segment AS segment,
  home.city AS city,
  SUM(orders.amount) AS revenue,
  SUM(orders.amount) / NULLIF(COUNT(*), 0) AS average,
  SUM(
    CASE
      WHEN orders.status = 'paid' AND orders.amount > 0
      THEN orders.amount - orders.tax
    END
  ) AS paid_net,
  AVG(orders.amount) AS avg_orders_amount
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
  SUM(orders.amount) > 10
ORDER BY
  revenue DESC,
  segment ASC,
  city ASC
LIMIT 50;

-- every granularity
SELECT
  DATE_TRUNC('SECOND', CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at_second,
  DATE_TRUNC('MINUTE', CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at_minute,
  DATE_TRUNC('HOUR', CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at_hour,
  CAST(orders.ordered_at AS DATE) AS ordered_at_day,
  CAST(DATE_TRUNC('WEEK', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_week,
  CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_month,
  CAST(DATE_TRUNC('QUARTER', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_quarter,
  CAST(DATE_TRUNC('YEAR', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_year,
  CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_fiscal_month,
  CAST(DATE_TRUNC('QUARTER', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_fiscal_quarter,
  CAST(DATE_TRUNC('YEAR', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS ordered_at_fiscal_year,
  CAST(EXTRACT(HOUR FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_hour_of_day,
  CAST(EXTRACT(ISODOW FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_day_of_week,
  CAST(EXTRACT(DAY FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_day_of_month,
  CAST(EXTRACT(DAYOFYEAR FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_day_of_year,
  CAST(EXTRACT(WEEK FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_week_of_year,
  CAST(EXTRACT(MONTH FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_month_of_year,
  CAST(EXTRACT(QUARTER FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT) AS ordered_at_quarter_of_year,
  COUNT(*) AS orders
FROM public.orders AS orders
GROUP BY
  DATE_TRUNC('SECOND', CAST(orders.ordered_at AS TIMESTAMP)),
  DATE_TRUNC('MINUTE', CAST(orders.ordered_at AS TIMESTAMP)),
  DATE_TRUNC('HOUR', CAST(orders.ordered_at AS TIMESTAMP)),
  CAST(orders.ordered_at AS DATE),
  CAST(DATE_TRUNC('WEEK', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('QUARTER', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('YEAR', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('MONTH', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('QUARTER', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(DATE_TRUNC('YEAR', CAST(orders.ordered_at AS TIMESTAMP)) AS DATE),
  CAST(EXTRACT(HOUR FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(ISODOW FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(DAY FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(DAYOFYEAR FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(WEEK FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(MONTH FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT),
  CAST(EXTRACT(QUARTER FROM CAST(orders.ordered_at AS TIMESTAMP)) AS INT)
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
  ordered_at_quarter_of_year ASC;

-- three facts
WITH orders_facts AS (
  SELECT
    customers.segment AS segment,
    SUM(orders.amount) AS revenue
  FROM public.orders AS orders
  JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    customers.segment
), returns_facts AS (
  SELECT
    customers.segment AS segment,
    COUNT(*) AS returns,
    SUM(returns.fee) AS returns_fees
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
    COUNT(*) AS customers
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
  combined.returns_fees / NULLIF(combined.revenue, 0) AS "fee share"
FROM combined
ORDER BY
  segment ASC
LIMIT 1000;

-- rows counted once
SELECT
  customers_rows.status AS status,
  COUNT(*) AS customers,
  COUNT(DISTINCT customers_rows.home_store) AS count_distinct_customers_home_store
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
LIMIT 1000;
