-- Names of columns do not say what they refer to; the values do.
CREATE TABLE countries AS SELECT
    code(i, 3) AS iso,
    words(i, 40) AS label,
    pick(i, 1, 6) AS continent
FROM range(1, 201) AS rows(i);

CREATE TABLE currencies AS SELECT code(i * 3 + 5000, 3) AS ccy, words(i, 41) AS label FROM range(1, 151) AS rows(i);

CREATE TABLE airfields AS SELECT
    code(i * 7 + 100000, 4) AS icao,
    words(i, 42) AS label,
    code(pick(i, 2, 200), 3) AS located_in
FROM range(1, 1501) AS rows(i);

CREATE TABLE legs AS SELECT
    code(pick(i, 3, 1500) * 7 + 100000, 4) AS dep,
    code(pick(i, 4, 1500) * 7 + 100000, 4) AS arr,
    pick(i, 5, 900) AS fare,
    code(pick(i, 6, 150) * 3 + 5000, 3) AS paid_in,
    substr('FJWY', CAST(1 + i % 4 AS INTEGER), 1) AS cabin
FROM range(1, 9001) AS rows(i);

CREATE TABLE tickets AS SELECT
    CAST(md5(CAST(i AS VARCHAR)) AS UUID) AS tid,
    words(i, 43) AS holder,
    code(pick(i, 7, 180), 3) AS nation
FROM range(1, 701) AS rows(i);

CREATE TABLE scans AS SELECT
    pick(i, 8, 3000) AS "at",
    CAST(md5(CAST(pick(i, 9, 700) AS VARCHAR)) AS UUID) AS doc,
    pick(i, 10, 40) AS gate
FROM range(1, 5001) AS rows(i);
