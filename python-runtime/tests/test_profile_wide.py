"""Wide tables, long texts, DuckDB's own summary, and failures within a child process."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.daemon import Daemon
from tests.profile import open_place, profile, profile_tables, read_tables, request_table

# The most columns of a table.
WIDTHS = {"postgres": 1600, "mysql": 1000, "sqlite": 2000, "duckdb": 2000}


@pytest.mark.parametrize("driver", WIDTHS)
def test_wide_table_has_a_statement_for_some_hundred_columns(
    daemon: Daemon, driver: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    count = WIDTHS[driver]
    with open_place(driver, tmp_path, request.getfixturevalue) as place:
        place.create("wide", {f"c{number}": "integer" for number in range(count)}, [range(count), [None] * count])
        table = place.profile(daemon, hashes=4)["wide"]
    assert "unread" not in table
    assert table["statements"] == 2 * -(-count // (100 if driver == "duckdb" else 200))
    assert [column["min"] for column in table["columns"].values()] == list(range(count))
    assert {column["nulls"] for column in table["columns"].values()} == {1}


@pytest.fixture
def summary(tmp_path: Path) -> tuple[str, Any]:
    path = tmp_path / "numbers.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT n AS a, n % 37 AS b, sqrt(n) AS c, nullif(n % 5, 0) / 4 AS d, "
            "'x' || n AS e, DATE '2020-01-01' + CAST(n % 99 AS INTEGER) AS f FROM range(5000) r(n)"
        )
        found = connection.execute("SELECT column_name, min, max, avg, count, null_percentage FROM (SUMMARIZE t)")
        rows = found.fetchall()
    return str(path), rows


def test_profile_equals_the_summary_of_duckdb(daemon: Daemon, summary: tuple[str, Any]) -> None:
    path, rows = summary
    columns = profile_tables(daemon, "duckdb", path, None)["t"]["columns"]
    for name, least, greatest, mean, count, nulls in rows:
        column = columns[name]
        assert column["nulls"] == round(float(nulls) * count / 100)
        for own, other in ((column["min"], least), (column["max"], greatest)):
            assert own == other if isinstance(own, str) else own == float(other)
        if name not in "ef":
            assert column["mean"] == pytest.approx(float(mean))


def test_long_texts_are_cut(daemon: Daemon, tmp_path: Path) -> None:
    with open_place("sqlite", tmp_path, None) as place:
        place.create("t", {"a": "text"}, [["x" * 101], ["y" * 100], ["z" * 5000]])
        column = place.profile(daemon)["t"]["columns"]["a"]
    assert (column["min"], column["max"]) == ("x" * 100 + "…", "z" * 100 + "…")
    assert [each["value"] for each in column["values"]] == ["x" * 100 + "…", "y" * 100, "z" * 100 + "…"]
    assert column["max_length"] == 5000


def test_formats_are_found(daemon: Daemon, tmp_path: Path) -> None:
    with open_place("duckdb", tmp_path, None) as place:
        rows = [[f"2024-01-{number:02}", number % 2, 1_700_000_000 + number] for number in range(1, 29)]
        place.create("t", {"day": "text", "active": "integer", "created_at": "bigint"}, rows)
        columns = place.profile(daemon)["t"]["columns"]
    kinds = {name: [each["kind"] for each in column["formats"]] for name, column in columns.items()}
    assert kinds == {"day": ["iso_date"], "active": ["boolean"], "created_at": ["epoch_seconds"]}


def test_error_has_no_value_of_the_table(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "view.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE t AS SELECT 'hunter2' AS password")
        connection.execute("CREATE VIEW quoted AS SELECT CAST(password AS INTEGER) AS n FROM t")
        connection.execute("CREATE VIEW unquoted AS SELECT error('boom ' || password) AS m, 1 AS password FROM t")
        connection.execute("CREATE VIEW masked AS SELECT error('boom ' || password) AS o FROM t")
    tables = profile_tables(daemon, "duckdb", str(path), None, columns={"o": {"masked": True}})
    assert "Could not convert string" in tables["quoted"]["unread"]
    for name in ("unquoted", "masked"):
        assert tables[name]["unread"].startswith("A statement failed (query_failed)"), tables[name]
    assert "hunter2" not in json.dumps(tables)


def test_columns_of_other_types_survive_a_failing_one(daemon: Daemon, tmp_path: Path) -> None:
    """A mean that is beyond the range of its type fails the first statement, and the second has no means."""
    with open_place("postgres", tmp_path, None) as place:
        place.create("t", {"a": "integer", "b": "double"}, [[1, 1.5e308], [2, 1.7e308]])
        table = place.profile(daemon)["t"]
    assert "unread" not in table
    assert table["statements"] > 2
    assert (table["columns"]["a"]["min"], table["columns"]["a"]["max"]) == (1, 2)


def test_table_that_ends_its_process_costs_only_itself(tmp_path: Path) -> None:
    """An expression that cannot be interrupted is stopped with its process, as the grace of this daemon is short."""
    setup = "import ktx_daemon.profile.run as run; run.OPEN_SECONDS = -2.5"
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE a AS SELECT 1 AS x")
        connection.execute(
            "CREATE VIEW b AS SELECT instr(zeroblob(60000000), CAST(zeroblob(30000000) || x'01' AS BLOB)) AS x"
        )
    with Daemon(setup=setup) as daemon:
        tables = [request_table(table) for table in read_tables(daemon, "sqlite", str(path), None)]
        found = profile(daemon, "sqlite", str(path), tables=tables, table_timeout_ms=1500)["tables"]
    assert [table["name"] for table in found] == ["a", "b"]
    assert found[0]["rows"] == 1
    assert found[1]["unread"] == "It took too long and was stopped"
