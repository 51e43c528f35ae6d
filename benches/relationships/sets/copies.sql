-- Copies, snapshots and views of tables.
CREATE TABLE customers AS SELECT
    i AS customer_id,
    words(i, 44) AS name,
    pick(i, 1, 30) AS country_id
FROM range(1, 601) AS rows(i);

CREATE TABLE countries AS SELECT i AS country_id, words(i, 45) AS name FROM range(1, 31) AS rows(i);

CREATE TABLE customers_backup AS SELECT
    i AS customer_id,
    words(i, 44) AS name,
    pick(i, 1, 30) AS country_id
FROM range(1, 551) AS rows(i);

CREATE TABLE customer_snapshots AS SELECT
    CAST(1 + (i - 1) % 600 AS INTEGER) AS customer_id,
    DATE '2024-01-01' + CAST((i - 1) // 600 * 30 AS INTEGER) AS taken_on,
    pick(i, 2, 9000) AS balance
FROM range(1, 2401) AS rows(i);

CREATE TABLE orders AS SELECT
    i AS order_id,
    pick(i, 3, 600) AS customer_id,
    words(pick(i, 3, 600), 44) AS customer_name
FROM range(1, 3001) AS rows(i);

CREATE TABLE orders_wide AS SELECT
    i AS order_id,
    pick(i, 3, 600) AS customer_id,
    pick(i, 4, 30) AS country_id,
    pick(i, 5, 700) AS total
FROM range(1, 3001) AS rows(i);

CREATE VIEW active_customers AS SELECT * FROM customers WHERE customer_id % 2 = 0;

CREATE VIEW order_report AS SELECT o.order_id, c.customer_id, c.country_id
FROM orders o JOIN customers c USING (customer_id);
