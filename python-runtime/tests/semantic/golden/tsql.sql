-- one fact
SELECT
TOP 50
  customers.segment AS segment,
  home.city AS city,
  SUM(orders.amount) AS revenue,
  CAST(SUM(orders.amount) AS FLOAT) / NULLIF(COUNT(*), 0) AS average,
  SUM(
    CASE
      WHEN orders.status = 'paid' AND orders.amount > 0
      THEN orders.amount - orders.tax
    END
  ) AS paid_net,
  AVG(CAST(orders.amount AS FLOAT)) AS avg_orders_amount
FROM [public].orders AS orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
LEFT JOIN stores AS home
  ON customers.home_store = home.id
WHERE
  (
    orders.is_gift <> 0 AND orders.status IN ('paid', 'sent')
  )
  AND orders.status = 'paid'
GROUP BY
  customers.segment,
  home.city
HAVING
  SUM(orders.amount) > 10
ORDER BY
  revenue DESC,
  CASE WHEN customers.segment IS NULL THEN 1 ELSE 0 END, customers.segment ASC,
  CASE WHEN home.city IS NULL THEN 1 ELSE 0 END, home.city ASC;

-- every granularity
SELECT
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    DATEPART(SECOND, orders.ordered_at),
    0
  ) AS ordered_at_second,
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    0,
    0
  ) AS ordered_at_minute,
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    0,
    0,
    0
  ) AS ordered_at_hour,
  CAST(orders.ordered_at AS DATE) AS ordered_at_day,
  DATEADD(
    DAY,
    -(
      (
        (
          DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
        ) + 7
      ) % 7
    ),
    CAST(orders.ordered_at AS DATE)
  ) AS ordered_at_week,
  DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) AS ordered_at_month,
  DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) AS ordered_at_quarter,
  DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) AS ordered_at_year,
  DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) AS ordered_at_fiscal_month,
  DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) AS ordered_at_fiscal_quarter,
  DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) AS ordered_at_fiscal_year,
  DATEPART(HOUR, CAST(orders.ordered_at AS DATETIME2)) AS ordered_at_hour_of_day,
  (
    (
      DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
    ) + 7
  ) % 7 + 1 AS ordered_at_day_of_week,
  DATEPART(DAY, orders.ordered_at) AS ordered_at_day_of_month,
  DATEPART(DAYOFYEAR, orders.ordered_at) AS ordered_at_day_of_year,
  DATEPART(ISO_WEEK, orders.ordered_at) AS ordered_at_week_of_year,
  DATEPART(MONTH, orders.ordered_at) AS ordered_at_month_of_year,
  DATEPART(QUARTER, orders.ordered_at) AS ordered_at_quarter_of_year,
  COUNT(*) AS orders
FROM [public].orders AS orders
GROUP BY
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    DATEPART(SECOND, orders.ordered_at),
    0
  ),
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    0,
    0
  ),
  DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    0,
    0,
    0
  ),
  CAST(orders.ordered_at AS DATE),
  DATEADD(
    DAY,
    -(
      (
        (
          DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
        ) + 7
      ) % 7
    ),
    CAST(orders.ordered_at AS DATE)
  ),
  DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1),
  DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1),
  DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1),
  DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1),
  DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1),
  DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1),
  DATEPART(HOUR, CAST(orders.ordered_at AS DATETIME2)),
  (
    (
      DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
    ) + 7
  ) % 7 + 1,
  DATEPART(DAY, orders.ordered_at),
  DATEPART(DAYOFYEAR, orders.ordered_at),
  DATEPART(ISO_WEEK, orders.ordered_at),
  DATEPART(MONTH, orders.ordered_at),
  DATEPART(QUARTER, orders.ordered_at)
ORDER BY
  CASE WHEN DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    DATEPART(SECOND, orders.ordered_at),
    0
  ) IS NULL THEN 1 ELSE 0 END, DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    DATEPART(SECOND, orders.ordered_at),
    0
  ) ASC,
  CASE WHEN DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    0,
    0
  ) IS NULL THEN 1 ELSE 0 END, DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    DATEPART(MINUTE, orders.ordered_at),
    0,
    0
  ) ASC,
  CASE WHEN DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    0,
    0,
    0
  ) IS NULL THEN 1 ELSE 0 END, DATETIMEFROMPARTS(
    YEAR(orders.ordered_at),
    MONTH(orders.ordered_at),
    DAY(orders.ordered_at),
    DATEPART(HOUR, orders.ordered_at),
    0,
    0,
    0
  ) ASC,
  CASE WHEN CAST(orders.ordered_at AS DATE) IS NULL THEN 1 ELSE 0 END, CAST(orders.ordered_at AS DATE) ASC,
  CASE WHEN DATEADD(
    DAY,
    -(
      (
        (
          DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
        ) + 7
      ) % 7
    ),
    CAST(orders.ordered_at AS DATE)
  ) IS NULL THEN 1 ELSE 0 END, DATEADD(
    DAY,
    -(
      (
        (
          DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
        ) + 7
      ) % 7
    ),
    CAST(orders.ordered_at AS DATE)
  ) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), MONTH(orders.ordered_at), 1) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), DATEPART(QUARTER, orders.ordered_at) * 3 - 2, 1) ASC,
  CASE WHEN DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) IS NULL THEN 1 ELSE 0 END, DATEFROMPARTS(YEAR(orders.ordered_at), 1, 1) ASC,
  CASE WHEN DATEPART(HOUR, CAST(orders.ordered_at AS DATETIME2)) IS NULL THEN 1 ELSE 0 END, DATEPART(HOUR, CAST(orders.ordered_at AS DATETIME2)) ASC,
  CASE WHEN (
    (
      DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
    ) + 7
  ) % 7 + 1 IS NULL THEN 1 ELSE 0 END, (
    (
      DATEDIFF(DAY, CAST('1900-01-01' AS DATETIME2), CAST(orders.ordered_at AS DATETIME2)) % 7
    ) + 7
  ) % 7 + 1 ASC,
  CASE WHEN DATEPART(DAY, orders.ordered_at) IS NULL THEN 1 ELSE 0 END, DATEPART(DAY, orders.ordered_at) ASC,
  CASE WHEN DATEPART(DAYOFYEAR, orders.ordered_at) IS NULL THEN 1 ELSE 0 END, DATEPART(DAYOFYEAR, orders.ordered_at) ASC,
  CASE WHEN DATEPART(ISO_WEEK, orders.ordered_at) IS NULL THEN 1 ELSE 0 END, DATEPART(ISO_WEEK, orders.ordered_at) ASC,
  CASE WHEN DATEPART(MONTH, orders.ordered_at) IS NULL THEN 1 ELSE 0 END, DATEPART(MONTH, orders.ordered_at) ASC,
  CASE WHEN DATEPART(QUARTER, orders.ordered_at) IS NULL THEN 1 ELSE 0 END, DATEPART(QUARTER, orders.ordered_at) ASC;

-- three facts
WITH orders_facts AS (
  SELECT
    customers.segment AS segment,
    SUM(orders.amount) AS revenue
  FROM [public].orders AS orders
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
      id AS id,
      customer_id AS customer_id,
      fee AS fee
    FROM raw_returns
    WHERE
      NOT is_test <> 0
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
    stacked.segment AS segment,
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
TOP 1000
  combined.segment,
  combined.revenue AS revenue,
  combined.returns AS returns,
  combined.customers AS customers,
  CAST(combined.returns_fees AS FLOAT) / NULLIF(combined.revenue, 0) AS [fee share]
FROM combined
ORDER BY
  CASE WHEN combined.segment IS NULL THEN 1 ELSE 0 END, combined.segment ASC;

-- rows counted once
SELECT
TOP 1000
  customers_rows.status AS status,
  COUNT(*) AS customers,
  COUNT(DISTINCT customers_rows.home_store) AS count_distinct_customers_home_store
FROM (
  SELECT DISTINCT
    orders.status AS status,
    customers.id AS id,
    customers.home_store AS home_store
  FROM customers
  LEFT JOIN [public].orders AS orders
    ON orders.customer_id = customers.id
  WHERE
    (
      orders.amount - orders.tax
    ) > 5
) AS customers_rows
GROUP BY
  customers_rows.status
ORDER BY
  CASE WHEN customers_rows.status IS NULL THEN 1 ELSE 0 END, customers_rows.status ASC;
