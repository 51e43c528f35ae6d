-- `commentable_id` refers to two tables; the numbers are contained in each of them.
CREATE TABLE users AS SELECT
    i AS id,
    'u' || i || '@example.org' AS email,
    CASE WHEN i > 9 THEN i // 3 END AS invited_by_id
FROM range(1, 501) AS rows(i);

CREATE TABLE posts AS SELECT
    i AS id,
    pick(i, 1, 500) AS author_id,
    words(i, 37) AS title,
    CASE WHEN i % 4 = 0 THEN i // 2 END AS parent_id
FROM range(1, 2001) AS rows(i);

CREATE TABLE photos AS SELECT
    i AS id,
    pick(i, 2, 500) AS user_id,
    pick(i, 3, 500) AS width
FROM range(1, 2001) AS rows(i);

CREATE TABLE comments AS SELECT
    i AS id,
    pick(i, 4, 500) AS user_id,
    CASE WHEN i % 2 = 0 THEN 'Post' ELSE 'Photo' END AS commentable_type,
    pick(i, 5, 2000) AS commentable_id
FROM range(1, 6001) AS rows(i);

CREATE TABLE attachments AS SELECT
    i AS id,
    CASE WHEN i % 2 = 0 THEN 'Post' ELSE 'Photo' END AS post_type,
    pick(i, 6, 2000) AS post_id
FROM range(1, 901) AS rows(i);

CREATE TABLE tags AS SELECT i AS id, words(i, 38) AS label FROM range(1, 91) AS rows(i);

CREATE TABLE taggings AS SELECT
    CAST(1 + i % 90 AS INTEGER) AS tag_id,
    CAST(1 + i // 2 AS INTEGER) AS post_id,
    pick(i, 7, 9) AS taggable_rank
FROM range(1, 3001) AS rows(i);
