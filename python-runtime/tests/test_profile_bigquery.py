"""Profiles of BigQuery on the emulator; bytes, partitions and samples, which it does not have, are played."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.bigquery import DATASET, PROJECT, Jobs, Reply, Result, connection_url, play, result_page, run
from tests.daemon import Daemon
from tests.profile import by_name, profile, profile_tables

TABLE = {"catalog": PROJECT, "db": DATASET, "name": "events", "estimated_rows": 10}
COLUMNS = [{"name": "id", "type": "INT64"}, {"name": "at", "type": "TIMESTAMP"}, {"name": "doc", "type": "JSON"}]


def test_table_is_profiled(daemon: Daemon, bigquery: int) -> None:
    rows = ", ".join(
        f"({n}, {'NULL' if n % 2 else repr(f's{n % 6}')}, {n}.5, DATE '2024-01-0{n % 9 + 1}')" for n in range(20)
    )
    run(bigquery, "CREATE TABLE profiled (a INT64, b STRING, c NUMERIC, d DATE)", f"INSERT INTO profiled VALUES {rows}")
    table = profile_tables(daemon, "bigquery", connection_url(bigquery), DATASET, hashes=8)["profiled"]
    run(bigquery, "DROP TABLE profiled")
    columns = table["columns"]
    assert (table["rows"], table["rows_exact"], table["statements"]) == (20, True, 2)
    assert [columns[name]["nulls"] for name in "abcd"] == [0, 10, 0, 0]
    assert [columns[name]["distinct"] for name in "abcd"] == [20, 3, 20, 9]
    assert (columns["c"]["min"], columns["c"]["max"], columns["c"]["mean"]) == (0.5, 19.5, 10.0)
    assert {each["value"]: each["count"] for each in columns["b"]["values"]} == {"s0": 4, "s2": 3, "s4": 3}
    assert (columns["d"]["min"], columns["d"]["max"]) == ("2024-01-01", "2024-01-09")


def answers(statement: str) -> Result | Reply:
    """Return the partitions of a table, or what a statement measures of 100 rows."""
    if "INFORMATION_SCHEMA" in statement:
        return "STRING INTEGER", [["20240229", 60_000], ["20240228", 70_000], ["20240101", 9]]
    if "UNION ALL" in statement:
        return "INTEGER INTEGER STRING INTEGER", [[0, 7, "1", 100]]
    values = [100, 100, 1, "1", "1", 1.0, 90, 50, "2024-02-28 00:00:00+00", "2024-02-29 00:00:00+00", 100]
    kinds = "INTEGER INTEGER INTEGER STRING STRING FLOAT INTEGER INTEGER STRING STRING INTEGER"
    return result_page(kinds, [values], totalBytesProcessed="5000")


def played(daemon: Daemon, table: dict[str, Any], size: int = 0, **options: Any) -> tuple[dict[str, Any], list[str]]:
    with play(Jobs(answers, size=size)) as player:
        requested = {**TABLE, "columns": COLUMNS, **table}
        found = profile(daemon, "bigquery", connection_url(player.port), tables=[requested], **options)
    return by_name(found["tables"][0]), player.statements


def test_newest_partitions_are_read_where_a_filter_is_required(daemon: Daemon) -> None:
    required = {"partition_key": "TIMESTAMP_TRUNC(at, DAY)", "partition_filter_required": True}
    table, statements = played(daemon, required)
    assert "unread" not in table
    assert (table["rows"], table["rows_exact"], table["sampled_rows"], table["bytes"]) == (100, False, 100, 5000)
    assert "WHERE `at` >= TIMESTAMP '2024-02-28 00:00:00+00'" in statements[1]
    unknown, _ = played(daemon, {**required, "partition_key": "f(x)"})
    assert unknown["unread"] == "The table requires a filter by partition, and its partition key is unknown"


@pytest.mark.parametrize(("limit", "is_read"), [(4_000, False), (4_001, True)])
def test_dry_run_limits_the_bytes(daemon: Daemon, limit: int, is_read: bool) -> None:
    table, statements = played(daemon, {}, size=4_001, max_bytes=limit)
    assert ("unread" not in table, bool(statements)) == (is_read, is_read)


def test_large_table_is_sampled_by_blocks(daemon: Daemon) -> None:
    table, statements = played(daemon, {"estimated_rows": 10_000_000}, sample_rows=1_000_000)
    assert "TABLESAMPLE SYSTEM (10.000000 PERCENT)" in statements[0]
    assert "APPROX_COUNT_DISTINCT(`id`)" in statements[0]
    assert (table["rows"], table["sampled_rows"]) == (10_000_000, 100)
    assert not re.search("doc.*doc", statements[0])
