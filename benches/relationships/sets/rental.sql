CREATE TABLE country AS SELECT i AS country_id, words(i, 19) AS country FROM range(1, 110) AS rows(i);

CREATE TABLE city AS SELECT
    i AS city_id,
    words(i, 20) AS city,
    pick(i, 1, 109) AS country_id
FROM range(1, 601) AS rows(i);

CREATE TABLE address AS SELECT
    i AS address_id,
    words(i, 21) AS address,
    pick(i, 2, 600) AS city_id
FROM range(1, 604) AS rows(i);

CREATE TABLE store AS SELECT i AS store_id, i AS manager_staff_id, i AS address_id FROM range(1, 3) AS rows(i);

CREATE TABLE staff AS SELECT
    i AS staff_id,
    words(i, 22) AS first_name,
    i + 2 AS address_id,
    i AS store_id
FROM range(1, 3) AS rows(i);

CREATE TABLE customer AS SELECT
    i AS customer_id,
    pick(i, 3, 2) AS store_id,
    words(i, 23) AS first_name,
    i + 4 AS address_id
FROM range(1, 600) AS rows(i);

CREATE TABLE language AS SELECT i AS language_id, words(i, 24) AS name FROM range(1, 7) AS rows(i);

CREATE TABLE film AS SELECT
    i AS film_id,
    words(i, 25) AS title,
    2006 AS release_year,
    1 AS language_id,
    CASE WHEN i < 0 THEN i END AS original_language_id,
    pick(i, 4, 140) AS length,
    pick(i, 5, 5) + 2 AS rental_duration
FROM range(1, 1001) AS rows(i);

CREATE TABLE category AS SELECT i AS category_id, words(i, 26) AS name FROM range(1, 17) AS rows(i);

CREATE TABLE film_category AS SELECT i AS film_id, pick(i, 6, 16) AS category_id FROM range(1, 1001) AS rows(i);

CREATE TABLE actor AS SELECT i AS actor_id, words(i, 27) AS first_name FROM range(1, 201) AS rows(i);

CREATE TABLE film_actor AS SELECT
    CAST(1 + i % 200 AS INTEGER) AS actor_id,
    CAST(1 + (i * 37 + i // 200) % 1000 AS INTEGER) AS film_id
FROM range(1, 5463) AS rows(i);

CREATE TABLE inventory AS SELECT
    i AS inventory_id,
    pick(i, 7, 1000) AS film_id,
    pick(i, 8, 2) AS store_id
FROM range(1, 4582) AS rows(i);

CREATE TABLE rental AS SELECT
    i AS rental_id,
    pick(i, 9, 4581) AS inventory_id,
    pick(i, 10, 599) AS customer_id,
    pick(i, 11, 2) AS staff_id
FROM range(1, 16045) AS rows(i);

CREATE TABLE payment AS SELECT
    i AS payment_id,
    pick(i, 12, 599) AS customer_id,
    pick(i, 13, 2) AS staff_id,
    i AS rental_id,
    pick(i, 14, 12) AS amount
FROM range(1, 16045) AS rows(i);
