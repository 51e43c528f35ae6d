"""Samples, limits, failures and the end of profiles on each database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ktx_daemon.profile.deadline import LIMIT_REACHED
from tests.daemon import Daemon
from tests.introspection import find_closed_port
from tests.profile import DRIVERS, PATH, SCHEMA, Place, by_name, open_place, profile, read_tables, request_table
from tests.test_execution_limits import wait_until

NOWHERE = {"catalog": None, "db": "public", "name": "nowhere"}
ROWS, SAMPLE = 400_000, 100_000
# The rows 1 to a number: `id`, `k` of 1,000 values, and `v` of seven.
NUMBERS = {
    "postgres": "SELECT n AS id, n % 1000 AS k, 'v' || (n % 7) AS v FROM generate_series(1, {0}) n",
    "mysql": "SELECT seq AS id, seq % 1000 AS k, concat('v', seq % 7) AS v FROM seq_1_to_{0}",
    "sqlite": (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {0}) "
        "SELECT n AS id, n % 1000 AS k, 'v' || (n % 7) AS v FROM r"
    ),
    "duckdb": "SELECT n AS id, n % 1000 AS k, 'v' || (n % 7) AS v FROM range(1, {0} + 1) t(n)",
    "clickhouse": "SELECT number + 1 AS id, id % 1000 AS k, concat('v', toString(id % 7)) AS v FROM numbers({0})",
    "spark": "SELECT id, id % 1000 AS k, concat('v', CAST(id % 7 AS STRING)) AS v FROM range(1, {0} + 1)",
}
NUMBERS["files"] = NUMBERS["duckdb"]
ENGINES = {"clickhouse": "ENGINE = MergeTree ORDER BY id", "spark": "USING parquet"}
ENDLESS = {
    "postgres": "SELECT CAST(count(*) AS int) AS n FROM {0} a, {0} b, {0} c WHERE a.id * b.id % 7 = c.id",
    "mysql": "SELECT count(*) AS n FROM {0} a, {0} b, {0} c WHERE a.id * b.id % 7 = c.id",
}


@pytest.fixture(scope="module", params=DRIVERS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    driver = request.param
    with open_place(driver, tmp_path_factory.mktemp("place"), request.getfixturevalue) as opened:
        name = f"{SCHEMA}.big" if opened.schema else "big"
        opened.run(f"CREATE TABLE {name} {ENGINES.get(driver, '')} AS {NUMBERS[driver].format(ROWS)}")
        if driver == "postgres":
            opened.run(f"ANALYZE {name}")
        yield opened


def big(daemon: Daemon, place: Place, **facts: Any) -> dict[str, Any]:
    """Return the large table as one of a request."""
    tables = read_tables(daemon, place.driver, place.url, place.schema)
    (table,) = (request_table(table) for table in tables if table["name"] == "big")
    return {**table, **facts}


def profile_one(daemon: Daemon, place: Place, table: dict[str, Any], **options: Any) -> dict[str, Any]:
    return by_name(profile(daemon, place.driver, place.url, tables=[table], **options)["tables"][0])


def test_large_table_is_sampled(daemon: Daemon, place: Place) -> None:
    table = big(daemon, place, estimated_rows=ROWS)
    found = profile_one(daemon, place, table, sample_rows=SAMPLE, hashes=64)
    assert (found["rows"], found["rows_exact"], found["statements"]) == (ROWS, False, 2)
    sampled = found["sampled_rows"]
    assert SAMPLE / 2 <= sampled <= SAMPLE * 2
    key, few = found["columns"]["id"], found["columns"]["v"]
    # The errors that `docs/warehouses.md` states.
    assert key["distinct"] == pytest.approx(ROWS, rel=0.1)
    assert key["distinct"] <= ROWS
    assert found["columns"]["k"]["distinct"] == pytest.approx(1000, rel=0.1)
    assert not key["distinct_exact"]
    assert "values_complete" not in few
    assert [each["value"] for each in sorted(few["values"], key=lambda each: each["value"])] == [
        f"v{n}" for n in range(7)
    ]
    assert sum(each["count"] for each in few["values"]) == sampled
    assert 30 <= len(key["hashes"]) <= 120


def test_sample_without_rows_is_replaced_by_the_first_ones(daemon: Daemon, place: Place) -> None:
    """The estimate is wrong, so that the sample is smaller than a block."""
    found = profile_one(daemon, place, big(daemon, place, estimated_rows=10**12), sample_rows=5000)
    assert "unread" not in found
    assert 0 < found["sampled_rows"] <= 10_000
    assert found["columns"]["id"]["distinct"] > 0


def test_table_of_unknown_size_is_read_up_to_the_sample(daemon: Daemon, place: Place) -> None:
    table = {name: value for name, value in big(daemon, place).items() if name != "estimated_rows"}
    found = profile_one(daemon, place, table, sample_rows=5000)
    assert (found["rows"], found["rows_exact"], found["sampled_rows"]) == (None, False, 5001)
    whole = profile_one(daemon, place, table, sample_rows=ROWS)
    assert (whole["rows"], whole["rows_exact"]) == (ROWS, True)
    assert whole["columns"]["id"]["distinct"] == ROWS


def test_table_beyond_the_bytes_is_not_read(daemon: Daemon, place: Place) -> None:
    table = big(daemon, place, estimated_rows=ROWS, bytes=10**9)
    found = profile_one(daemon, place, table, max_bytes=10**6)
    assert found["unread"] == "The statements would read 1000000000 bytes, more than max_bytes = 1000000"
    assert (found["columns"], found["statements"]) == ({}, 0)
    assert "unread" not in profile_one(daemon, place, table, max_bytes=10**9, sample_rows=10**6)


def test_what_cannot_be_read_has_a_sentence_and_costs_nothing_else(daemon: Daemon, place: Place) -> None:
    table = big(daemon, place, estimated_rows=ROWS)
    missing = {**table, "name": "missing"}
    wrong = {**table, "columns": [*table["columns"], {"name": "nowhere", "type": table["columns"][0]["type"]}]}
    found = profile(daemon, place.driver, place.url, tables=[missing, wrong, table])["tables"]
    assert all(len(each["unread"]) > 20 and not each["columns"] for each in found[:2])
    assert "unread" not in found[2]


def test_statement_that_takes_too_long_ends(daemon: Daemon, place: Place) -> None:
    table = big(daemon, place, estimated_rows=ROWS)
    found = profile(daemon, place.driver, place.url, tables=[table] * 2, table_timeout_ms=1)["tables"]
    assert len(found) == 2
    assert all("took longer than table_seconds = " in each["unread"] for each in found), found


def create_endless(opened: Any, driver: str) -> dict[str, Any]:
    """Create the table `t` and a view of it whose statement does not end; return the view as a request has it."""
    opened.run(f"CREATE TABLE {SCHEMA}.t AS {NUMBERS[driver].format(5000)}")
    opened.run(f"CREATE VIEW {SCHEMA}.endless AS {ENDLESS[driver].format(f'{SCHEMA}.t')}")
    return {**opened.columns("endless"), "kind": "view", "columns": [{"name": "n", "type": "integer"}]}


@pytest.mark.parametrize("driver", ENDLESS)
def test_statement_ends_on_the_server_when_the_caller_disconnects(
    daemon: Daemon, driver: str, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    with open_place(driver, tmp_path, request.getfixturevalue) as opened:
        table = create_endless(opened, driver)
        body = {"connection_id": "w", "driver": driver, "url": opened.url, "tables": [table]}
        with closing(daemon.connect()) as connection:
            headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
            connection.request("POST", PATH, json.dumps(body), headers)
            wait_until(lambda: running(opened) > 0)
        wait_until(lambda: running(opened) == 0)


@pytest.mark.parametrize("driver", ENDLESS)
def test_request_answers_with_what_it_has_at_the_end_of_the_scan(
    daemon: Daemon, driver: str, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    """The statement in flight is counted, and nothing begins after it."""
    with open_place(driver, tmp_path, request.getfixturevalue) as opened:
        endless = create_endless(opened, driver)
        small = {**opened.columns("t"), "columns": [{"name": "k", "type": "integer"}]}
        options: dict[str, Any] = {"tables": [small, endless, small], "scan_timeout_ms": 3000}
        found = profile(daemon, driver, opened.url, **options)["tables"]
        key = {**opened.columns("endless"), "columns": ["n"]}
        keys = profile(daemon, driver, opened.url, keys=[key, key], scan_timeout_ms=1000)["keys"]
    assert [table.get("unread") for table in found] == [None, LIMIT_REACHED, LIMIT_REACHED]
    assert [table["statements"] > 0 for table in found] == [True, True, False]
    assert [key["uncounted"] for key in keys] == [LIMIT_REACHED, LIMIT_REACHED]


def running(place: Place) -> int:
    """Return the number of statements on the endless view."""
    if place.driver == "postgres":
        where = "pg_stat_activity WHERE query LIKE '%endless%' AND state = 'active' AND pid <> pg_backend_pid()"
    else:
        where = "information_schema.processlist WHERE info LIKE '%endless%' AND id <> connection_id()"
    return int(place.run(f"SELECT count(*) FROM {where}")[0][0])


def test_login_that_fails_is_an_error(daemon: Daemon) -> None:
    url = f"postgresql://ktx:hunter2@127.0.0.1:{find_closed_port()}/shop"
    body = {"connection_id": "w", "driver": "postgres", "url": url, "keys": [{**NOWHERE, "columns": ["a"]}]}
    assert "hunter2" not in daemon.post_rejected(PATH, body, "connection_failed")


@pytest.mark.parametrize(
    "options",
    [
        {"hashes": -1},
        {"hashes": 5000},
        {"sample_rows": 0},
        {"max_bytes": -1},
        {"table_timeout_ms": 0},
        {"keys": [{**NOWHERE, "columns": []}]},
        {"links": [{"from": {**NOWHERE, "columns": ["a"]}, "to": {**NOWHERE, "columns": ["a", "b"]}}]},
    ],
)
def test_limits_out_of_range_are_refused(daemon: Daemon, options: dict[str, Any]) -> None:
    body = {"connection_id": "w", "driver": "sqlite", "url": "/nowhere.db", **options}
    assert next(iter(options)).split("_")[0].rstrip("s") in daemon.post_rejected(PATH, body, "invalid_value").lower()


def test_other_databases_have_no_profiles(daemon: Daemon) -> None:
    body = {"connection_id": "w", "driver": "mssql", "url": "mssql://localhost/shop"}
    assert "Known: postgres, mysql, sqlite" in daemon.post_rejected(PATH, body, "unknown_driver")
