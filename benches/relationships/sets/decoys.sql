-- Numbers that look like references: grades, positions, years, counts, and three statuses.
CREATE TABLE status AS SELECT
    i AS id,
    substr('newopendone', CAST(i * 3 - 2 AS INTEGER), 3) AS label
FROM range(1, 4) AS rows(i);

CREATE TABLE lines AS SELECT i AS id, words(i, 47) AS name FROM range(1, 201) AS rows(i);

CREATE TABLE years AS SELECT i AS id, words(i, 48) AS label FROM range(1, 31) AS rows(i);

CREATE TABLE levels AS SELECT i AS id, words(i, 49) AS label FROM range(1, 6) AS rows(i);

CREATE TABLE machines AS SELECT
    i AS id,
    pick(i, 1, 200) AS line_id,
    pick(i, 2, 3) AS status_id,
    pick(i, 3, 30) + 1989 AS built_year,
    pick(i, 4, 12) AS "level",
    i * 17 + 3 AS serial_no
FROM range(1, 401) AS rows(i);

CREATE TABLE readings AS SELECT
    i AS id,
    pick(i, 5, 400) AS machine_id,
    pick(i, 6, 8) AS line_number,
    pick(i, 7, 5) AS grade,
    pick(i, 8, 25) AS years,
    pick(i, 9, 200) AS "rank",
    pick(i, 10, 24) + -1 AS "hour"
FROM range(1, 9001) AS rows(i);

CREATE TABLE parts AS SELECT
    i AS id,
    pick(i, 11, 380) AS machine_id,
    pick(i, 12, 200) AS quantity,
    pick(i, 13, 30) AS page
FROM range(1, 351) AS rows(i);
