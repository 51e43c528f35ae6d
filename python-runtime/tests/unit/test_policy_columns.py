"""Denied columns: neither mentioned nor expanded, and other columns of the table are allowed."""

from __future__ import annotations

import pytest

from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS
from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.violation import PolicyDeniedError
from ktx_daemon.sql.read_only import check_read_only
from tests.unit.test_policy_tables import Denied, deny, is_refused

SECRET = deny(columns=("public.users.secret", "main.users.secret"))

READS = [
    "SELECT secret FROM users",
    "SELECT u.SECRET FROM public.users u",
    "SELECT id FROM users WHERE secret = 'x'",
    "SELECT id FROM users ORDER BY secret",
    "SELECT max(secret) FROM users",
    "SELECT count(*) FROM users GROUP BY lower(secret)",
    "SELECT count(secret) FROM users",
    "SELECT * FROM users",
    "SELECT u.* FROM users u",
    "SELECT users.* FROM users JOIN orders ON orders.user_id = users.id",
    "SELECT o.id, users.* FROM orders o, public.users",
    "SELECT id FROM (SELECT * FROM users) x",
    "WITH x AS (SELECT * FROM users) SELECT id FROM x",
    "SELECT id FROM orders UNION SELECT secret FROM users",
    "SELECT (SELECT secret FROM users u WHERE u.id = o.id) AS a FROM orders o",
    "SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.code = secret)",
    "SELECT id FROM users u WHERE EXISTS (SELECT * FROM orders o WHERE o.code = u.secret)",
    "SELECT o.id FROM orders o JOIN users u ON o.code = u.secret",
    "SELECT o.id FROM orders o JOIN users u USING (secret)",
    "SELECT orders.id FROM orders NATURAL JOIN users",
    "SELECT row_number() OVER (ORDER BY secret) AS n FROM users",
    "SELECT CASE WHEN secret = 'x' THEN 1 END AS a FROM users",
    "SELECT u FROM users u",
    "SELECT count(u) FROM users u",
    "SELECT accounts.secret FROM users accounts",
    "SELECT a.secret FROM accounts x JOIN (users) a ON a.id = x.id",
]
ALLOWED = [
    "SELECT count(*) FROM users",
    "SELECT id, u.name FROM users u WHERE u.id > 3 ORDER BY name",
    "SELECT secret FROM accounts",
    "SELECT a.secret FROM accounts a JOIN users u ON u.id = a.id",
    "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id",
    "SELECT * FROM (SELECT id, name FROM users) x",
    "WITH x AS (SELECT id FROM users) SELECT * FROM x",
    "SELECT id FROM users WHERE name = 'secret'",
    "SELECT id FROM orders o WHERE EXISTS (SELECT * FROM users u WHERE u.id = o.user_id)",
    "WITH users AS (SELECT secret FROM accounts) SELECT secret FROM users",
    "SELECT * FROM crm.users",
    "WITH a AS (SELECT secret FROM accounts) SELECT u.id FROM users u JOIN a ON a.secret = u.name",
    "SELECT count(*) AS secret FROM users",
]


@pytest.mark.parametrize("dialect", SUPPORTED_DIALECTS)
def test_every_dialect(dialect: str) -> None:
    assert [sql for sql in READS if not is_refused(sql, dialect, SECRET)] == []
    # In DuckDB and Spark, the first part of a name may be a catalog.
    parsed = [sql for sql in ALLOWED if not is_refused(sql, dialect, Denied()) and "crm" not in sql]
    assert [sql for sql in parsed if is_refused(sql, dialect, SECRET)] == []
    assert len(parsed) > len(ALLOWED) - 4 or dialect in ("dax", "prql"), "no SQL"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", 'SELECT "secret" FROM users'),
        ("postgres", "SELECT (u).secret FROM users u"),
        ("postgres", "SELECT (u).* FROM users u"),
        ("postgres", "SELECT u::text FROM users u"),
        ("postgres", "SELECT row_to_json(u) FROM users u"),
        ("postgres", "SELECT to_jsonb(users) -> 'secret' FROM users"),
        ("postgres", "SELECT secret(u) FROM users u"),
        ("postgres", "SELECT u.to_jsonb FROM users u"),
        ("postgres", "SELECT ROW(u.*) FROM users u"),
        ("postgres", "SELECT id FROM users u WHERE u IS NOT NULL"),
        ("postgres", "SELECT id FROM users u WHERE u = ROW(1, 'x')"),
        ("postgres", "SELECT array_agg(u ORDER BY id) FROM users u"),
        ("postgres", "SELECT c FROM users AS u(a, b, c)"),
        ("postgres", "SELECT x.c FROM (users JOIN orders USING (id)) AS x(a, b, c)"),
        ("postgres", "SELECT x.secret FROM (users JOIN orders USING (id)) AS x"),
        ("postgres", "SELECT e.value FROM users u, LATERAL jsonb_each(to_jsonb(u)) AS e"),
        ("postgres", "SELECT e.value FROM users u CROSS JOIN LATERAL (SELECT u.*) AS e"),
        ("postgres", "TABLE users"),
        ("postgres", "SELECT id FROM orders WHERE (1, 2) IN (TABLE users)"),
        ("postgres", "SELECT id FROM users u WHERE EXISTS (SELECT * FROM users EXCEPT SELECT 1, 'x')"),
        ("redshift", "SELECT x FROM users u, u.secret AS x"),
        ("duckdb", "FROM users"),
        ("duckdb", "SELECT #3 FROM users"),
        ("duckdb", "SELECT COLUMNS('s.*') FROM users"),
        ("duckdb", "SELECT COLUMNS(*) FROM users"),
        ("duckdb", "SELECT COLUMNS(c -> c LIKE 's%') FROM users"),
        ("duckdb", "SELECT * EXCLUDE (id) FROM users"),
        ("duckdb", "SELECT u.* LIKE 's%' FROM users u"),
        ("duckdb", "SELECT unnest(u) FROM users u"),
        ("duckdb", "SELECT u['secret'] FROM users u"),
        ("duckdb", "SUMMARIZE users"),
        ("duckdb", "PIVOT users ON id"),
        ("duckdb", "UNPIVOT users ON id INTO NAME n VALUE v"),
        ("duckdb", "SELECT id FROM users PIVOT (count(*) FOR id IN (1))"),
        ("bigquery", "SELECT TO_JSON_STRING(u) FROM users u"),
        ("bigquery", "SELECT AS STRUCT u.* FROM users u"),
        ("bigquery", "SELECT x FROM users u, u.secret AS x"),
        ("bigquery", "SELECT x FROM users u, UNNEST(u.secret) AS x"),
        ("bigquery", "SELECT u.secret.part FROM users u"),
        ("bigquery", "FROM users |> WHERE secret = 'x' |> SELECT id"),
        ("bigquery", "FROM users |> AGGREGATE count(*) GROUP BY secret"),
        ("snowflake", "SELECT $3 FROM users"),
        ("snowflake", "SELECT u.$3 FROM users u"),
        ("snowflake", "SELECT OBJECT_CONSTRUCT(*) FROM users"),
        ("snowflake", "SELECT HASH(*) FROM users"),
        ("snowflake", "SELECT * ILIKE 's%' FROM users"),
        ("snowflake", "SELECT a FROM TABLE('users')"),
        ("snowflake", "SELECT IDENTIFIER('secret') FROM users"),
        ("spark", "SELECT IDENTIFIER('u.secret') FROM users u"),
        ("spark", "SELECT struct(*) FROM users"),
        ("spark", "SELECT `s.*` FROM users"),
        ("spark", "SELECT c FROM users LATERAL VIEW explode(map('a', secret)) t AS k, c"),
        ("clickhouse", "SELECT COLUMNS('s') FROM users"),
        ("clickhouse", "SELECT tuple(*) FROM users"),
        ("clickhouse", "SELECT * APPLY(max) FROM users"),
        ("clickhouse", "SELECT x FROM users ARRAY JOIN secret AS x"),
        ("clickhouse", "SELECT users.secret FROM users AS u"),
        ("oracle", "SELECT JSON_OBJECT(*) FROM users"),
        ("oracle", "SELECT VALUE(u) FROM users u"),
        ("tsql", "SELECT CHECKSUM(*) FROM users"),
        ("tsql", "SELECT [secret] FROM users"),
        ("tsql", "SELECT \uff53ecret FROM users"),
        ("tsql", "SELECT $IDENTITY FROM users"),
        ("tsql", "SELECT u.a FROM users u CROSS APPLY (SELECT u.* FOR JSON PATH) x(a)"),
        ("mysql", "SELECT `secret` FROM users"),
        ("mysql", "SELECT s\u00e9cret FROM users"),
        ("mysql", "TABLE users"),
        ("sqlite", "SELECT u.'secret' FROM users u"),
        ("sqlite", "SELECT 'u'.'secret' FROM users u"),
        ("sqlite", "SELECT 'u'.secret FROM users u"),
        ("sqlite", "SELECT 'u'.* FROM users u"),
        ("sqlite", "SELECT main.users.'secret' FROM users"),
        ("sqlite", "SELECT orders.id FROM orders JOIN users USING ('secret')"),
        ("sqlite", "SELECT rowid FROM users"),
        ("sqlite", "SELECT id FROM users WHERE users MATCH 'secret: x'"),
        ("sqlite", "SELECT id FROM orders WHERE (1, 2) IN users"),
        ("trino", "SELECT a FROM users MATCH_RECOGNIZE (PATTERN (x) DEFINE x AS id > 1)"),
        ("trino", "SELECT x.id FROM TABLE(exclude_columns(input => TABLE(users), columns => DESCRIPTOR(id))) x"),
    ],
)
def test_dialects_other_ways(dialect: str, sql: str) -> None:
    assert is_refused(sql, dialect, SECRET)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "SELECT u.id FROM users u, LATERAL jsonb_each(u.data) AS e"),
        ("postgres", "SELECT public.users.id FROM public.users"),
        ("postgres", "SELECT status.status FROM status JOIN users ON users.id = status.id"),
        ("bigquery", "SELECT u.address.city FROM users u, UNNEST(u.tags) AS tag"),
        ("duckdb", "SELECT u.id, n FROM users u, range(3) r(n)"),
        ("tsql", "SELECT TOP 3 id FROM users"),
        ("clickhouse", "SELECT id FROM users FINAL LIMIT 1 BY id"),
    ],
)
def test_other_columns_are_allowed(dialect: str, sql: str) -> None:
    check_policy(check_read_only(sql, dialect), dialect, SECRET)


def test_refusal_names_the_column_and_the_key() -> None:
    with pytest.raises(PolicyDeniedError) as mentioned:
        check_policy("SELECT u.secret FROM users u", "postgres", SECRET)
    assert str(mentioned.value) == "The data policy denies the column secret of the table users"
    assert mentioned.value.hint.endswith("it is denied by 'public.users.secret' of policy.deny.columns in ktx.yaml")
    with pytest.raises(PolicyDeniedError, match="may read all columns of the table users") as expanded:
        check_policy("SELECT * FROM users", "postgres", SECRET)
    assert expanded.value.hint.startswith("Name the columns to read; ")
