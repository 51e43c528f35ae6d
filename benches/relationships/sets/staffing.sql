CREATE TABLE regions AS SELECT i AS region_id, words(i, 50) AS region_name FROM range(1, 5) AS rows(i);

CREATE TABLE countries AS SELECT
    code(i, 2) AS country_id,
    words(i, 51) AS country_name,
    pick(i, 1, 4) AS region_id
FROM range(1, 26) AS rows(i);

CREATE TABLE locations AS SELECT
    900 + i * 100 AS location_id,
    words(i, 52) AS city,
    code(pick(i, 2, 14), 2) AS country_id
FROM range(1, 24) AS rows(i);

CREATE TABLE departments AS SELECT
    i * 10 AS department_id,
    words(i, 53) AS department_name,
    CASE WHEN i < 12 THEN 99 + i * 3 END AS manager_id,
    900 + pick(i, 3, 7) * 100 AS location_id
FROM range(1, 28) AS rows(i);

CREATE TABLE jobs AS SELECT
    code(i, 2) || '_' || code(i * 5, 4) AS job_id,
    words(i, 54) AS job_title,
    pick(i, 4, 9000) AS min_salary
FROM range(1, 20) AS rows(i);

CREATE TABLE employees AS SELECT
    99 + i AS employee_id,
    words(i, 55) AS last_name,
    pick(i, 5, 20000) AS salary,
    code(pick(i, 6, 19), 2) || '_' || code(pick(i, 6, 19) * 5, 4) AS job_id,
    CASE WHEN i > 1 THEN 99 + 1 + i // 8 END AS manager_id,
    pick(i, 7, 11) * 10 AS department_id
FROM range(1, 108) AS rows(i);

CREATE TABLE job_history AS SELECT
    CAST(100 + i % 40 AS INTEGER) AS employee_id,
    DATE '2001-01-01' + CAST(i // 40 * 400 + i AS INTEGER) AS start_date,
    code(pick(i, 8, 19), 2) || '_' || code(pick(i, 8, 19) * 5, 4) AS job_id,
    pick(i, 9, 11) * 10 AS department_id
FROM range(1, 61) AS rows(i);
