"""Denied tables: every way to name one is refused, and other tables are not."""

from __future__ import annotations

import pytest

from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS
from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.patterns import Denied, DeniedPattern
from ktx_daemon.sql.policy.violation import PolicyDeniedError
from ktx_daemon.sql.read_only import NotReadOnlyError, check_read_only


def deny(*tables: str, columns: tuple[str, ...] = ()) -> Denied:
    """Return what the patterns deny, which have no quotes."""
    return Denied(
        [DeniedPattern(text, text.split(".")) for text in tables],
        [DeniedPattern(text, text.split(".")) for text in columns],
    )


def is_refused(sql: str, dialect: str, denied: Denied) -> bool:
    """Return whether the statement is refused by the policy, or not read-only for all."""
    try:
        check_policy(check_read_only(sql, dialect), dialect, denied)
    except (PolicyDeniedError, NotReadOnlyError):
        return True
    return False


# `main` is the schema of SQLite and DuckDB.
SALARIES = deny("hr.salaries", "main.salaries")

# What every dialect reads as the table.
READS = [
    "SELECT a FROM hr.salaries",
    "SELECT a FROM salaries",
    "SELECT count(*) FROM HR.SALARIES AS s",
    "SELECT a FROM orders WHERE id IN (SELECT id FROM hr.salaries)",
    "SELECT a FROM orders o WHERE EXISTS (SELECT 1 FROM salaries s WHERE s.id = o.id)",
    "SELECT (SELECT max(a) FROM salaries) AS m",
    "WITH x AS (SELECT a FROM hr.salaries) SELECT a FROM x",
    "WITH salaries AS (SELECT a FROM salaries) SELECT a FROM salaries",
    "WITH x AS (SELECT a FROM salaries), salaries AS (SELECT 1 AS a) SELECT a FROM x",
    "WITH salaries AS (SELECT 1 AS a) SELECT a FROM hr.salaries",
    "SELECT a FROM (WITH salaries AS (SELECT 1 AS a) SELECT a FROM salaries) x UNION ALL SELECT a FROM salaries",
    "SELECT a FROM orders UNION ALL SELECT a FROM hr.salaries",
    "SELECT a FROM orders salaries JOIN hr.salaries s ON s.id = salaries.id",
    "SELECT a FROM ((hr.salaries))",
    "SELECT a /* orders */ FROM hr /* x */ . /* y */ salaries",
]
ALLOWED = [
    "SELECT salaries FROM orders",
    "SELECT salaries.a FROM orders salaries",
    "SELECT a FROM crm.orders AS hr",
    "SELECT 'hr.salaries' AS a FROM orders",
    "WITH salaries AS (SELECT 1 AS a) SELECT a FROM salaries",
    "WITH salaries AS (SELECT a FROM orders), x AS (SELECT a FROM salaries) SELECT a FROM x",
    "SELECT a FROM salaries_2020",
    "SELECT a -- FROM hr.salaries\nFROM orders",
]


@pytest.mark.parametrize("dialect", SUPPORTED_DIALECTS)
def test_every_dialect(dialect: str) -> None:
    assert [sql for sql in READS if not is_refused(sql, dialect, SALARIES)] == []
    parsed = [sql for sql in ALLOWED if not is_refused(sql, dialect, Denied())]
    assert [sql for sql in parsed if is_refused(sql, dialect, SALARIES)] == []
    assert len(parsed) > len(ALLOWED) - 3 or dialect in ("dax", "prql"), "no SQL"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", 'SELECT a FROM "hr"."salaries"'),
        ("postgres", 'SELECT a FROM shop."HR".Salaries'),
        ("postgres", "SELECT a FROM ONLY hr.salaries"),
        ("postgres", "TABLE salaries"),
        ("postgres", r'SELECT a FROM U&"\0073alaries"'),
        ("postgres", "SELECT a FROM orders, LATERAL (SELECT a FROM salaries) x"),
        ("postgres", "SELECT a FROM query_to_xml('SELECT * FROM hr.salaries', true, true, '')"),
        ("postgres", "SELECT a FROM dblink('host=x', 'SELECT a FROM hr.salaries') AS t(a int)"),
        ("postgres", "SELECT a FROM report(1)"),
        ("postgres", "SELECT a FROM ROWS FROM (report(1)) AS t"),
        ("postgres", "SELECT read_rows('hr.salaries')"),
        ("postgres", "SELECT most_common_vals FROM pg_stats"),
        ("postgres", "SELECT most_common_vals FROM pg_catalog.pg_stats WHERE tablename = 'salaries'"),
        ("postgres", "SELECT get_raw_page('hr.salaries', 0)"),
        ("postgres", "SELECT chunk_data FROM pg_toast.pg_toast_16384"),
        ("teradata", "SELECT salaries.a"),
        ("teradata", "SELECT o.a FROM orders o WHERE hr.salaries.id = o.id"),
        ("postgres", 'WITH "Salaries" AS (SELECT 1 AS a) SELECT a FROM Salaries'),
        ("snowflake", 'WITH "salaries" AS (SELECT 1 AS a) SELECT a FROM salaries'),
        ("clickhouse", "WITH salaries AS (SELECT 1 AS a) SELECT a FROM SALARIES"),
        ("clickhouse", "WITH (SELECT 1) AS salaries SELECT a FROM salaries"),
        ("clickhouse", "SELECT a FROM orders WHERE id IN salaries"),
        ("clickhouse", "SELECT a FROM merge('hr', 'sal.*')"),
        ("clickhouse", "SELECT a FROM cluster('c', hr.salaries)"),
        ("clickhouse", "SELECT joinGet('hr.salaries', 'a', 1)"),
        ("clickhouse", "SELECT a FROM loop('hr', 'salaries')"),
        ("sqlite", "SELECT a FROM 'salaries'"),
        ("sqlite", "SELECT a FROM [hr].[salaries]"),
        ("sqlite", "SELECT a FROM `salaries`"),
        ("sqlite", "SELECT a FROM orders WHERE id IN salaries"),
        ("sqlite", "SELECT a FROM orders WHERE id NOT IN 'salaries'"),
        ("sqlite", "SELECT a FROM orders WHERE id IN main.'salaries'"),
        ("sqlite", "SELECT a FROM orders WHERE id IN 'main'.'salaries'"),
        ("sqlite", "SELECT sample FROM sqlite_stat4"),
        ("mysql", "SELECT a FROM `hr`.`salaries`"),
        ("mysql", "TABLE salaries"),
        ("mysql", "WITH RECURSIVE x AS (SELECT a FROM salaries), salaries AS (SELECT 1 AS a) SELECT a FROM x"),
        ("mysql", "SELECT histogram FROM information_schema.column_statistics"),
        ("tsql", "SELECT a FROM shop..salaries"),
        ("tsql", "SELECT a FROM srv.shop.hr.salaries"),
        ("tsql", "SELECT a FROM [hr].[salaries ]"),
        ("tsql", "SELECT a FROM hr.\uff53alaries"),
        ("tsql", "SELECT a FROM orders CROSS APPLY (SELECT a FROM hr.salaries) x"),
        ("bigquery", "SELECT a FROM `shop-1.hr.salaries`"),
        ("bigquery", "SELECT a FROM `shop-1`.hr.salaries"),
        ("bigquery", "SELECT a FROM `hr.sal*`"),
        ("bigquery", "FROM hr.salaries |> SELECT a"),
        ("snowflake", "SELECT a FROM TABLE('hr.salaries')"),
        ("snowflake", "SELECT a FROM IDENTIFIER('hr.salaries')"),
        ("snowflake", "SELECT a FROM IDENTIFIER($t)"),
        ("snowflake", "SELECT a FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))"),
        ("duckdb", "FROM hr.salaries"),
        ("duckdb", "FROM s: salaries SELECT a"),
        ("duckdb", "SELECT a FROM shop.salaries"),
        ("duckdb", "SUMMARIZE hr.salaries"),
        ("duckdb", "DESCRIBE SELECT a FROM hr.salaries"),
        ("duckdb", "PIVOT hr.salaries ON a"),
        ("duckdb", "SELECT a FROM query_table('hr.salaries')"),
        ("duckdb", "SELECT a FROM pragma_storage_info('salaries')"),
        ("duckdb", "SELECT a FROM read_csv('x')"),
        ("spark", "SELECT readable_metrics FROM hr.salaries.files"),
        ("spark", "SELECT a FROM hr.salaries.tag_june"),
        ("spark", "SELECT a FROM hr.`salaries$snapshots`"),
        ("spark", "SELECT a FROM salaries VERSION AS OF 1"),
        ("trino", 'SELECT a FROM hr."salaries$partitions"'),
        ("trino", "SELECT a FROM TABLE(exclude_columns(input => TABLE(hr.salaries), columns => DESCRIPTOR(b)))"),
        ("oracle", "SELECT a FROM hr.salaries@remote.example.com"),
        ("oracle", "SELECT low_value FROM all_tab_columns"),
        ("oracle", "SELECT a FROM TABLE(report(1))"),
    ],
)
def test_dialects_other_ways(dialect: str, sql: str) -> None:
    assert is_refused(sql, dialect, SALARIES)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "SELECT a FROM crm.salaries"),
        ("postgres", "SELECT a FROM generate_series(1, 3) AS a"),
        ("postgres", "SELECT x.value FROM orders, jsonb_each(orders.data) AS x"),
        ("teradata", "SELECT o.a FROM orders o"),
        ("oracle", "SELECT 1 FROM dual"),
        ("mysql", "SELECT 1 FROM dual"),
        ("snowflake", "SELECT f.value FROM orders, LATERAL FLATTEN(input => orders.tags) f"),
        ("spark", "SELECT c FROM orders LATERAL VIEW explode(tags) t AS c"),
        ("spark", "SELECT a FROM salaries.orders"),
        ("duckdb", "SELECT a FROM shop.crm.salaries"),
        ("duckdb", "SELECT a FROM range(3) t(a)"),
        ("bigquery", "SELECT a FROM `hr.orders_*`"),
        ("bigquery", "SELECT a FROM orders, UNNEST(orders.tags) AS a"),
        ("clickhouse", "SELECT number FROM numbers(3)"),
        ("tsql", "SELECT a FROM crm..orders"),
        ("trino", "SELECT a FROM UNNEST(ARRAY[1]) AS t(a)"),
    ],
)
def test_other_tables_are_allowed(dialect: str, sql: str) -> None:
    check_policy(check_read_only(sql, dialect), dialect, SALARIES)


def test_name_without_a_schema_is_in_the_known_ones() -> None:
    denied = deny("hr.*")
    with pytest.raises(PolicyDeniedError):
        check_policy("SELECT a FROM orders", "postgres", denied)
    check_policy("SELECT a FROM orders", "postgres", denied, path=["pg_catalog", "public"])
    with pytest.raises(PolicyDeniedError):
        check_policy("SELECT a FROM orders", "postgres", denied, path=["public", "hr"])
    check_policy("SELECT a FROM orders", "sqlite", denied)
    check_policy("SELECT format_name('ann') FROM hr2.orders", "postgres", denied)


def test_refusal_names_the_object_and_the_key() -> None:
    with pytest.raises(PolicyDeniedError) as certain:
        check_policy("SELECT a FROM hr.salaries", "postgres", SALARIES)
    assert str(certain.value) == "The data policy denies the table hr.salaries"
    assert certain.value.hint == "Read another table; it is denied by 'hr.salaries' of policy.deny.tables in ktx.yaml"
    with pytest.raises(PolicyDeniedError, match="The name salaries may mean a table that"):
        check_policy("SELECT a FROM salaries", "postgres", SALARIES)


def test_patterns_have_wildcards_and_quoted_parts() -> None:
    denied = Denied([DeniedPattern("x", ["staging", "*"]), DeniedPattern("y", ["a[*].b"])])
    for sql, expected in [
        ("SELECT a FROM Staging.anything", True),
        ("SELECT a FROM staging_2.anything", False),
        ('SELECT a FROM "A*.b"', True),
        ('SELECT a FROM other."ax.b"', False),
    ]:
        assert is_refused(sql, "postgres", denied) is expected, sql
