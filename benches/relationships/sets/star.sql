CREATE TABLE dim_date AS SELECT
    CAST(strftime(DATE '2020-01-01' + CAST(i - 1 AS INTEGER), '%Y%m%d') AS INTEGER) AS date_key,
    DATE '2020-01-01' + CAST(i - 1 AS INTEGER) AS full_date,
    CAST(2020 + (i - 1) // 366 AS INTEGER) AS "year"
FROM range(1, 1462) AS rows(i);

CREATE TABLE dim_customer AS SELECT
    i AS customer_key,
    'C-' || lpad(CAST(i * 37 AS VARCHAR), 7, '0') AS customer_code,
    pick(i, 1, 4) AS segment
FROM range(1, 901) AS rows(i);

CREATE TABLE dim_product AS SELECT
    i AS product_key,
    code(i, 4) || '-' || CAST(i % 10 AS VARCHAR) AS sku,
    pick(i, 2, 30) AS brand_key
FROM range(1, 401) AS rows(i);

CREATE TABLE dim_brand AS SELECT i AS brand_key, words(i, 39) AS brand FROM range(1, 31) AS rows(i);

CREATE TABLE dim_store AS SELECT
    i AS store_key,
    CAST(strftime(DATE '2020-01-01' + CAST(i * 9 AS INTEGER), '%Y%m%d') AS INTEGER) AS open_date_key
FROM range(1, 26) AS rows(i);

CREATE TABLE fact_sales AS SELECT
    pick(i, 3, 900) AS customer_key,
    pick(i, 4, 400) AS product_key,
    pick(i, 5, 25) AS store_key,
    CAST(strftime(DATE '2020-01-01' + pick(i, 6, 1400), '%Y%m%d') AS INTEGER) AS order_date_key,
    CAST(strftime(DATE '2020-01-05' + pick(i, 6, 1400), '%Y%m%d') AS INTEGER) AS ship_date_key,
    DATE '2020-01-01' + pick(i, 6, 1400) AS order_date,
    pick(i, 7, 25) AS quantity,
    pick(i, 8, 30) AS units
FROM range(1, 20001) AS rows(i);

CREATE TABLE fact_stock AS SELECT
    pick(i, 9, 400) AS product_key,
    code(pick(i, 9, 400), 4) || '-' || CAST(pick(i, 9, 400) % 10 AS VARCHAR) AS sku,
    pick(i, 10, 400) AS "level"
FROM range(1, 5001) AS rows(i);
