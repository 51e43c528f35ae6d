"""Estimates of what a statement would read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.interface import load_estimate_cost
from ktx_daemon.warehouses.model.cost import Cost, TableScan
from tests.clickhouse import run
from tests.test_clickhouse import port_of


@pytest.fixture
def days(clickhouse: str) -> Iterator[str]:
    port = port_of(clickhouse)
    table = "CREATE TABLE default.days (day Date, n UInt8) ENGINE = MergeTree PARTITION BY day ORDER BY day"
    run(port, table, "INSERT INTO default.days SELECT toDate('2026-01-01') + number % 3, 1 FROM numbers(300)")
    yield clickhouse
    run(port, "DROP TABLE default.days")


def estimate(url: str, sql: str) -> Cost:
    target = Target.from_request(ExecuteSql("w", "clickhouse", url, sql))
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
