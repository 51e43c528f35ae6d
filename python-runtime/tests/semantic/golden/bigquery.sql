-- one fact
SELECT
  customers.segment AS segment,
  home.city AS city,
  sum(orders.amount) AS revenue,
  CAST(sum(orders.amount) AS FLOAT64) / NULLIF(count(*), 0) AS average,
  sum(
    CASE
      WHEN orders.status = 'paid' AND orders.amount > 0
      THEN orders.amount - orders.tax
    END
  ) AS paid_net,
  avg(CAST(orders.amount AS FLOAT64)) AS avg_orders_amount
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
  segment ASC NULLS LAST,
  city ASC NULLS LAST
LIMIT 50;

-- every granularity
SELECT
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), SECOND) AS ordered_at_second,
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), MINUTE) AS ordered_at_minute,
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), HOUR) AS ordered_at_hour,
  CAST(orders.ordered_at AS DATE) AS ordered_at_day,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), ISOWEEK) AS ordered_at_week,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), MONTH) AS ordered_at_month,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), QUARTER) AS ordered_at_quarter,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), YEAR) AS ordered_at_year,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), MONTH) AS ordered_at_fiscal_month,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), QUARTER) AS ordered_at_fiscal_quarter,
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), YEAR) AS ordered_at_fiscal_year,
  EXTRACT(HOUR FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_hour_of_day,
  MOD(EXTRACT(DAYOFWEEK FROM CAST(orders.ordered_at AS DATETIME)) + 5, 7) + 1 AS ordered_at_day_of_week,
  EXTRACT(DAY FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_day_of_month,
  EXTRACT(DAYOFYEAR FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_day_of_year,
  EXTRACT(ISOWEEK FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_week_of_year,
  EXTRACT(MONTH FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_month_of_year,
  EXTRACT(QUARTER FROM CAST(orders.ordered_at AS DATETIME)) AS ordered_at_quarter_of_year,
  count(*) AS orders
FROM public.orders AS orders
GROUP BY
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), SECOND),
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), MINUTE),
  DATETIME_TRUNC(CAST(orders.ordered_at AS DATETIME), HOUR),
  CAST(orders.ordered_at AS DATE),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), ISOWEEK),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), MONTH),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), QUARTER),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), YEAR),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), MONTH),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), QUARTER),
  DATE_TRUNC(CAST(orders.ordered_at AS DATE), YEAR),
  EXTRACT(HOUR FROM CAST(orders.ordered_at AS DATETIME)),
  MOD(EXTRACT(DAYOFWEEK FROM CAST(orders.ordered_at AS DATETIME)) + 5, 7) + 1,
  EXTRACT(DAY FROM CAST(orders.ordered_at AS DATETIME)),
  EXTRACT(DAYOFYEAR FROM CAST(orders.ordered_at AS DATETIME)),
  EXTRACT(ISOWEEK FROM CAST(orders.ordered_at AS DATETIME)),
  EXTRACT(MONTH FROM CAST(orders.ordered_at AS DATETIME)),
  EXTRACT(QUARTER FROM CAST(orders.ordered_at AS DATETIME))
ORDER BY
  ordered_at_second ASC NULLS LAST,
  ordered_at_minute ASC NULLS LAST,
  ordered_at_hour ASC NULLS LAST,
  ordered_at_day ASC NULLS LAST,
  ordered_at_week ASC NULLS LAST,
  ordered_at_month ASC NULLS LAST,
  ordered_at_quarter ASC NULLS LAST,
  ordered_at_year ASC NULLS LAST,
  ordered_at_fiscal_month ASC NULLS LAST,
  ordered_at_fiscal_quarter ASC NULLS LAST,
  ordered_at_fiscal_year ASC NULLS LAST,
  ordered_at_hour_of_day ASC NULLS LAST,
  ordered_at_day_of_week ASC NULLS LAST,
  ordered_at_day_of_month ASC NULLS LAST,
  ordered_at_day_of_year ASC NULLS LAST,
  ordered_at_week_of_year ASC NULLS LAST,
  ordered_at_month_of_year ASC NULLS LAST,
  ordered_at_quarter_of_year ASC NULLS LAST;

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
  CAST(combined.returns_fees AS FLOAT64) / NULLIF(combined.revenue, 0) AS `fee share`
FROM combined
ORDER BY
  segment ASC NULLS LAST
LIMIT 1000;

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
  status ASC NULLS LAST
LIMIT 1000;
