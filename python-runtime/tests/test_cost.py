"""Estimates of what a statement would read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from pg8000.native import Connection

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.interface import load_estimate_cost
from ktx_daemon.warehouses.model.cost import Cost, TableScan
from tests.clickhouse import run
from tests.conftest import database_url
from tests.test_clickhouse import port_of
from tests.test_execution import connect_mysql


@pytest.fixture
def days(clickhouse: str) -> Iterator[str]:
    port = port_of(clickhouse)
    table = "CREATE TABLE default.days (day Date, n UInt8) ENGINE = MergeTree PARTITION BY day ORDER BY day"
    run(port, table, "INSERT INTO default.days SELECT toDate('2026-01-01') + number % 3, 1 FROM numbers(300)")
    yield clickhouse
    run(port, "DROP TABLE default.days")


def estimate(url: str, sql: str, driver: str = "clickhouse") -> Cost:
    target = Target.from_request(ExecuteSql("w", driver, url, sql))
    return load_estimate_cost(target)(target, sql)


def test_only_partitions_that_a_statement_reads_are_counted(days: str) -> None:
    assert estimate(days, "SELECT sum(n) FROM default.days WHERE day = '2026-01-02'") == Cost(
        100, None, [TableScan("default", "days", 100, 1)]
    )
    whole = estimate(days, "SELECT sum(n) FROM default.days")
    assert (whole.rows, whole.tables[0].parts) == (300, 3)


def test_statement_that_reads_no_table_costs_nothing(days: str) -> None:
    assert estimate(days, "SELECT 1") == Cost(0, None, [])


def test_statement_that_the_database_refuses_is_an_error(days: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        estimate(days, "SELECT nope FROM default.days")
    assert refused.value.code == "query_failed"


@pytest.fixture
def orders_in_postgres() -> Iterator[str]:
    """1,000 orders of 10 customers; the table of orders has two partitions."""
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as server:
        server.run("CREATE SCHEMA ktx_cost")
        server.run("CREATE TABLE ktx_cost.customers AS SELECT n AS id FROM generate_series(1, 10) AS n")
        server.run("CREATE TABLE ktx_cost.orders (id int, customer int, PRIMARY KEY (id)) PARTITION BY RANGE (id)")
        server.run("CREATE TABLE ktx_cost.orders_1 PARTITION OF ktx_cost.orders FOR VALUES FROM (1) TO (801)")
        server.run("CREATE TABLE ktx_cost.orders_2 PARTITION OF ktx_cost.orders FOR VALUES FROM (801) TO (2001)")
        server.run("INSERT INTO ktx_cost.orders SELECT n, n % 10 FROM generate_series(1, 1000) AS n")
        server.run("ANALYZE ktx_cost.customers")
        server.run("ANALYZE ktx_cost.orders")
        yield parts.geturl()
        server.run("DROP SCHEMA ktx_cost CASCADE")


def test_scans_of_postgres_read_whole_tables_or_the_rows_of_an_index(orders_in_postgres: str) -> None:
    whole = estimate(orders_in_postgres, "SELECT count(*) FROM ktx_cost.orders WHERE customer = 1", "postgres")
    scans = [TableScan("ktx_cost", "orders_1", 800, 1), TableScan("ktx_cost", "orders_2", 200, 1)]
    assert (whole.rows, whole.tables) == (1000, scans)
    assert whole.bytes is not None
    assert whole.bytes % 8192 == 0
    one = estimate(orders_in_postgres, "SELECT customer FROM ktx_cost.orders WHERE id = 7", "postgres")
    assert (one.rows, one.tables) == (1, [TableScan("ktx_cost", "orders_1", 1, 1)])
    assert one.bytes is not None
    assert one.bytes < whole.bytes


def test_index_in_a_nested_loop_of_postgres_is_read_for_each_outer_row(orders_in_postgres: str) -> None:
    sql = "SELECT count(*) FROM ktx_cost.customers AS c JOIN ktx_cost.orders_1 AS o ON o.id = c.id"
    joined = estimate(
        orders_in_postgres + "?options=-c%20enable_hashjoin=off%20-c%20enable_mergejoin=off", sql, "postgres"
    )
    assert joined.tables == [TableScan("ktx_cost", "customers", 10, 1), TableScan("ktx_cost", "orders_1", 10, 1)]
    assert estimate(orders_in_postgres, "SELECT 1", "postgres") == Cost(0, 0, [])


def test_statement_that_postgres_refuses_is_an_error(orders_in_postgres: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        estimate(orders_in_postgres, "SELECT nope FROM ktx_cost.orders", "postgres")
    assert refused.value.code == "query_failed"


@pytest.fixture
def orders_in_mysql() -> Iterator[str]:
    """1,000 orders and 10 customers."""
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("CREATE DATABASE ktx_cost")
        cursor.execute("CREATE TABLE ktx_cost.customers (id int PRIMARY KEY) SELECT seq AS id FROM mysql.seq_1_to_10")
        cursor.execute("CREATE TABLE ktx_cost.orders (id int PRIMARY KEY) SELECT seq AS id FROM mysql.seq_1_to_1000")
        cursor.execute("ANALYZE TABLE ktx_cost.customers, ktx_cost.orders")
        yield urlsplit(database_url("KTX_TEST_MYSQL_URL"))._replace(path="/ktx_cost").geturl()
        cursor.execute("DROP DATABASE ktx_cost")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1", 0),
        ("SELECT count(*) FROM orders", 1000),
        ("SELECT id FROM orders WHERE id = 7", 1),
        ("SELECT count(*) FROM customers AS c JOIN orders AS o USING (id)", 20),
        ("SELECT id FROM customers UNION ALL SELECT id FROM orders", 1010),
    ],
)
def test_rows_of_a_plan_of_mysql_are_counted(orders_in_mysql: str, sql: str, rows: int) -> None:
    assert estimate(orders_in_mysql, sql, "mysql") == Cost(rows, None, [])


def test_statement_that_mysql_refuses_is_an_error(orders_in_mysql: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        estimate(orders_in_mysql, "SELECT nope FROM orders", "mysql")
    assert refused.value.code == "query_failed"
