-- Composite keys that others refer to.
CREATE TABLE terms AS SELECT
    'T' || CAST(2018 + (i - 1) // 2 AS VARCHAR) || CAST(1 + i % 2 AS VARCHAR) AS term_code,
    words(i, 56) AS starts
FROM range(1, 13) AS rows(i);

CREATE TABLE courses AS SELECT
    substr('MATPHYCHEBIOART', CAST(1 + 3 * (i % 5) AS INTEGER), 3) AS dept_code,
    CAST(100 + (i - 1) // 5 AS INTEGER) AS course_no,
    words(i, 57) AS title
FROM range(1, 61) AS rows(i);

CREATE TABLE sections AS SELECT
    substr('MATPHYCHEBIOART', CAST(1 + 3 * (i % 5) AS INTEGER), 3) AS dept_code,
    CAST(100 + ((i - 1) % 60) // 5 AS INTEGER) AS course_no,
    CAST(1 + (i - 1) // 60 AS INTEGER) AS section_no,
    pick(i, 1, 45) AS teacher_id
FROM range(1, 601) AS rows(i);

CREATE TABLE teachers AS SELECT i AS teacher_id, words(i, 58) AS name FROM range(1, 46) AS rows(i);

CREATE TABLE students AS SELECT i + 5000 AS student_id, words(i, 59) AS name FROM range(1, 901) AS rows(i);

CREATE TABLE enrollments AS SELECT
    CAST(5001 + i % 900 AS INTEGER) AS student_id,
    substr('MATPHYCHEBIOART', CAST(1 + 3 * ((1 + i // 10) % 5) AS INTEGER), 3) AS dept_code,
    CAST(100 + ((i // 10) % 60) // 5 AS INTEGER) AS course_no,
    CAST(1 + (i // 900 + i) % 10 AS INTEGER) AS section_no,
    pick(i, 4, 5) AS grade
FROM range(1, 6001) AS rows(i);
