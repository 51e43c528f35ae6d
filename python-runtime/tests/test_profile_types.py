"""Profiles of every type of `docs/values.md` on each database: no type costs another column its profile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from pg8000.native import Connection

from tests.clickhouse import run as run_clickhouse
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.profile import profile_tables
from tests.spark import run_statements
from tests.test_clickhouse import port_of
from tests.test_execution import connect_mysql
from tests.test_values import rows

SCHEMA = "ktx_types"
# Types that a table cannot have.
NOT_STORED = {
    "clickhouse": ("toIntervalNanosecond", "Nothing"),
    "spark": ("NULL", "parse_json", "make_interval", "INTERVAL"),
    "mysql": (),
}


def cases(driver: str) -> list[tuple[str, Any]]:
    """Return the expressions of a database with their values."""
    left_out = NOT_STORED.get(driver, ())
    return [(sql, value) for _, sql, value in rows(driver) if not sql.startswith(left_out or ("\0",))]


def select(driver: str) -> str:
    return "SELECT " + ", ".join(f"{sql} AS c{index}" for index, (sql, _) in enumerate(cases(driver)))


def create_postgres(_: Path) -> str:
    url = database_url("KTX_TEST_POSTGRES_URL")
    parts = urlsplit(url)
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as server:
        server.run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        server.run(f"CREATE SCHEMA {SCHEMA}")
        server.run("SET TimeZone = 'UTC'")
        server.execute_simple(f"CREATE TABLE {SCHEMA}.t AS {without_record()}")
    return url


def without_record() -> str:
    """Return the SELECT of PostgreSQL with NULL for the record, which is no type of a column."""
    return select("postgres").replace("ROW(1, 'a b', NULL)", "CAST(NULL AS text)")


def create_sqlite(folder: Path) -> str:
    path = folder / "types.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE t AS {select('sqlite')}")
    return str(path)


def create_duckdb(folder: Path) -> str:
    path = folder / "types.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(f"SET TimeZone = 'UTC'; CREATE TABLE t AS {select('duckdb')}")
    return str(path)


def create_mysql(_: Path) -> str:
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.t AS {select('mysql')}")
    return database_url("KTX_TEST_MYSQL_URL")


CREATE: dict[str, tuple[Callable[[Path], str], str | None]] = {
    "postgres": (create_postgres, SCHEMA),
    "mysql": (create_mysql, SCHEMA),
    "sqlite": (create_sqlite, None),
    "duckdb": (create_duckdb, None),
}


@pytest.mark.parametrize("driver", CREATE)
def test_all_types_are_profiled(daemon: Daemon, tmp_path: Path, driver: str) -> None:
    create, schema = CREATE[driver]
    check(driver, profile_tables(daemon, driver, create(tmp_path), schema, hashes=256))


def test_all_types_of_clickhouse_are_profiled(daemon: Daemon, clickhouse: str) -> None:
    order = "ENGINE = MergeTree ORDER BY tuple() SETTINGS allow_nullable_key = 1"
    run_clickhouse(
        port_of(clickhouse), f"CREATE DATABASE {SCHEMA}", f"CREATE TABLE {SCHEMA}.t {order} AS {select('clickhouse')}"
    )
    check("clickhouse", profile_tables(daemon, "clickhouse", clickhouse, SCHEMA, hashes=256))


def test_all_types_of_spark_are_profiled(daemon: Daemon, sail: str) -> None:
    run_statements(sail, (f"CREATE SCHEMA {SCHEMA}", f"CREATE TABLE {SCHEMA}.t USING parquet AS {select('spark')}"))
    check("spark", profile_tables(daemon, "spark", sail, SCHEMA, hashes=256))


def check(driver: str, tables: dict[str, Any]) -> None:
    """Compare the least, the greatest and the only frequent value of each column with the documented value."""
    table = tables["t"]
    assert "unread" not in table
    assert (table["rows"], table["rows_exact"], table["statements"]) == (1, True, 2)
    assert len(table["columns"]) == len(cases(driver))
    measured = 0
    for index, (sql, value) in enumerate(cases(driver)):
        column = table["columns"][f"c{index}"]
        expected = 0 if value is None or sql.startswith("ROW") else 1
        assert 1 - column["nulls"] == expected or value is None, sql
        shown = [column[name] for name in ("min", "max") if name in column]
        shown += [each["value"] for each in column.get("values", ())]
        measured += bool(shown)
        assert all(each == value or str(value).startswith(str(each)) for each in shown), (sql, shown)
    assert measured * 2 >= len(cases(driver))
