"""Catalogues show columns and values of denied tables: their readers are refused while anything is denied."""

from __future__ import annotations

import pytest

from ktx_daemon.sql.policy.patterns import Denied
from tests.unit.test_policy_tables import deny, is_refused

DENIED = [deny("salaries"), deny(columns=("main.customers.email",))]
READS = [
    ("duckdb", "DESCRIBE salaries"),
    ("duckdb", "SHOW ALL TABLES"),
    ("duckdb", "SELECT column_name FROM (DESCRIBE salaries)"),
    ("duckdb", "SELECT sql FROM duckdb_tables()"),
    ("duckdb", "SELECT sql FROM duckdb_tables"),
    ("duckdb", "SELECT constraint_text FROM duckdb_constraints()"),
    ("duckdb", "SELECT sql FROM sqlite_master"),
    ("duckdb", "SELECT name FROM pragma_table_info('orders')"),
    ("duckdb", "SELECT column_name FROM information_schema.columns"),
    ("duckdb", "SELECT column_default FROM shop.information_schema.columns"),
    ("sqlite", "SELECT sql FROM main.sqlite_schema"),
    ("sqlite", "SELECT name FROM pragma_table_xinfo('orders')"),
    ("postgres", "SELECT conbin FROM pg_constraint"),
    ("postgres", 'SELECT enumlabel FROM "pg_catalog"."pg_enum"'),
    ("postgres", "SELECT check_clause FROM INFORMATION_SCHEMA.check_constraints"),
    ("postgres", "SELECT pg_catalog.pg_get_viewdef(16384)"),
    ("postgres", "SELECT col_description(16384, 1) AS d"),
    ("mysql", "SHOW CREATE TABLE orders"),
    ("mysql", "SHOW TABLES"),
    ("mysql", "DESCRIBE orders"),
    ("mysql", "SELECT a FROM information_schema.`columns`"),
    ("clickhouse", "SELECT create_table_query FROM system.tables"),
    ("clickhouse", "DESCRIBE TABLE orders"),
    ("bigquery", "SELECT ddl FROM shop.INFORMATION_SCHEMA.TABLES"),
    ("bigquery", "SELECT ddl FROM `p.region-eu.INFORMATION_SCHEMA.TABLES`"),
    ("snowflake", "SELECT get_ddl('table', 'ORDERS') AS d"),
    ("snowflake", "SELECT a FROM snowflake.account_usage.columns"),
    ("tsql", "SELECT object_definition(1) AS d"),
    ("tsql", "SELECT definition FROM sys.check_constraints"),
    ("trino", "SELECT a FROM hive.information_schema.columns"),
    ("spark", "DESCRIBE TABLE orders"),
]
ALLOWED = [
    ("duckdb", "SELECT n FROM orders"),
    ("duckdb", "SELECT n FROM range(3) t(n)"),
    ("postgres", "SELECT n FROM public.pg_orders"),
    ("postgres", "SELECT information_schema.n FROM orders information_schema"),
    ("mysql", "SELECT a FROM shop.tables"),
    ("postgres", "SELECT 'pg_catalog.pg_class' AS a FROM public.orders"),
]


@pytest.mark.parametrize(("dialect", "sql"), READS)
def test_catalogues_are_refused(dialect: str, sql: str) -> None:
    assert [denied for denied in DENIED if not is_refused(sql, dialect, denied)] == []


@pytest.mark.parametrize(("dialect", "sql"), ALLOWED)
def test_names_of_catalogues_elsewhere_are_allowed(dialect: str, sql: str) -> None:
    assert not is_refused(sql, dialect, Denied())
    assert [denied for denied in DENIED if is_refused(sql, dialect, denied)] == []
