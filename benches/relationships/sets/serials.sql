-- All numbers are series of one length, so that only names and heads distinguish the targets.
CREATE TABLE customers AS SELECT
    i AS id,
    words(i, 1) AS name,
    pick(i, 1, 50) AS region_id
FROM range(1, 1001) AS rows(i);

CREATE TABLE suppliers AS SELECT
    i AS id,
    words(i, 2) AS name,
    pick(i, 2, 50) AS region_id
FROM range(1, 1001) AS rows(i);

CREATE TABLE products AS SELECT
    i AS id,
    pick(i, 3, 1000) AS supplier_id,
    pick(i, 4, 40) AS category_id,
    pick(i, 5, 1000) AS weight
FROM range(1, 1001) AS rows(i);

CREATE TABLE categories AS SELECT i AS id, words(i, 3) AS title FROM range(1, 41) AS rows(i);

CREATE TABLE regions AS SELECT i AS id, words(i, 4) AS title FROM range(1, 51) AS rows(i);

CREATE TABLE orders AS SELECT
    i AS id,
    pick(i, 6, 1000) AS customer_id,
    pick(i, 7, 1000) AS score,
    pick(i, 8, 5) AS priority
FROM range(1, 1001) AS rows(i);

CREATE TABLE order_items AS SELECT
    i AS id,
    pick(i, 9, 1000) AS order_id,
    pick(i, 10, 1000) AS product_id,
    pick(i, 11, 40) AS quantity
FROM range(1, 4001) AS rows(i);

CREATE TABLE shipments AS SELECT
    i AS id,
    pick(i, 12, 1000) AS order_id,
    pick(i, 13, 1000) AS "ref1",
    pick(i, 14, 50) AS floor
FROM range(1, 1001) AS rows(i);

CREATE TABLE payments AS SELECT
    i AS id,
    pick(i, 15, 1000) AS order_id,
    pick(i, 16, 1000) AS external_no,
    pick(i, 17, 1000) AS amount
FROM range(1, 1001) AS rows(i);

CREATE TABLE refunds AS SELECT
    i AS id,
    pick(i, 18, 1000) AS payment_id,
    pick(i, 19, 40) AS reason_code
FROM range(1, 901) AS rows(i);
