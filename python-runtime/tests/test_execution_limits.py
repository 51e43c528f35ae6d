"""Limits in bytes and time: truncation, killed queries, and the memory of the daemon."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.introspection import find_closed_port

PATH = "/sql/execute"
MIB = 1024 * 1024
NUMBERS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {rows}) "
# Queries with `rows` rows of `bytes` bytes.
WIDE = {
    "postgres": "SELECT repeat('x', {bytes}) AS x FROM generate_series(1, {rows})",
    "mysql": "SELECT repeat('x', {bytes}) AS x FROM seq_1_to_{rows}",
    "sqlite": NUMBERS + "SELECT hex(zeroblob({bytes} / 2)) AS x FROM r",
    "duckdb": "SELECT repeat('x', {bytes}) AS x FROM range({rows})",
}
WIDE["files"] = WIDE["duckdb"]
ENDLESS = {
    "sqlite": "SELECT instr(zeroblob(60000000), CAST(zeroblob(30000000) || x'01' AS BLOB))",
    "duckdb": "SELECT jaro_similarity(repeat('a', 5000000), repeat('b', 5000000))",
}
ENDLESS["files"] = ENDLESS["duckdb"]
# Statements on servers, and the sessions that run them.
ENDLESS_ON_SERVERS = {
    "postgres": (
        "SELECT count(*) FROM pg_class a, pg_class b, pg_class c, pg_class d WHERE a.relpages < b.relpages * 2",
        "pg_stat_activity WHERE query LIKE '%b.relpages * 2%' AND pid <> pg_backend_pid()",
    ),
    "mysql": (
        "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b, seq_1_to_1000000 c WHERE a.seq < b.seq + c.seq",
        "information_schema.processlist WHERE info LIKE '%a.seq < b.seq%' AND id <> connection_id()",
    ),
}


@pytest.fixture
def isolated_daemon() -> Iterator[Daemon]:
    with Daemon() as daemon:
        yield daemon


def request_body(urls: dict[str, str], driver: str, sql: str, **options: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": driver, "url": urls[driver], "sql": sql, **options}


def wide_query(driver: str, rows: int, size: int) -> str:
    return WIDE[driver].format(rows=rows, bytes=size)


def peak_memory(daemon: Daemon) -> int:
    require_proc()
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def require_proc() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("requires /proc of Linux")


def child_processes(daemon: Daemon) -> list[int]:
    require_proc()
    found: list[int] = []
    for task in Path(f"/proc/{daemon.process.pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread may have ended
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def send(daemon: Daemon, connection: HTTPConnection, value: Any) -> None:
    """Send a request without reading the response."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
    connection.request("POST", PATH, json.dumps(value), headers)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("driver", WIDE)
@pytest.mark.parametrize(("size", "limit", "fitting"), [(1000, 10_240, 10), (10_000, 100_000, 9), (700, 1024, 1)])
def test_rows_beyond_a_limit_are_omitted(
    daemon: Daemon, urls: dict[str, str], driver: str, size: int, limit: int, fitting: int
) -> None:
    answer = daemon.post(PATH, request_body(urls, driver, wide_query(driver, 50, size), max_bytes=limit))
    found = answer.json()
    assert len(answer.body) <= limit
    assert (found["row_count"], len(found["rows"])) == (fitting, fitting)
    assert (found["truncated"], found["truncated_by"]) == (True, "bytes")


@pytest.mark.parametrize("driver", WIDE)
def test_row_larger_than_the_limit_is_omitted(daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    found = daemon.post_ok(PATH, request_body(urls, driver, wide_query(driver, 3, 5000), max_bytes=4096))
    assert (found["rows"], found["truncated"], found["truncated_by"]) == ([], True, "bytes")
    assert [column["name"] for column in found["columns"]] == ["x"]


@pytest.mark.parametrize("driver", WIDE)
def test_limit_that_truncated_the_result_is_named(daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    found = daemon.post_ok(PATH, request_body(urls, driver, wide_query(driver, 5, 10), max_rows=4))
    assert (found["row_count"], found["truncated_by"]) == (4, "rows")
    found = daemon.post_ok(PATH, request_body(urls, driver, wide_query(driver, 5, 10), max_rows=5, max_bytes=1024))
    assert (found["row_count"], found["truncated"], found["truncated_by"]) == (5, False, None)


@pytest.mark.parametrize("limit", [0, -1, 1023, 64 * MIB + 1])
def test_limits_out_of_range_are_rejected(daemon: Daemon, urls: dict[str, str], limit: int) -> None:
    request = request_body(urls, "sqlite", "SELECT 1", max_bytes=limit)
    assert daemon.post_rejected(PATH, request, "invalid_value") == "max_bytes must be 1024 to 67108864"


def test_columns_count_towards_the_limit(daemon: Daemon, urls: dict[str, str]) -> None:
    sql = "SELECT " + ", ".join(f"{number} AS {'c' * 50}{number}" for number in range(100))
    answer = daemon.post(PATH, request_body(urls, "sqlite", sql, max_bytes=8192))
    assert len(answer.body) <= 8192
    assert answer.json()["truncated_by"] == "bytes"


@pytest.mark.parametrize("driver", WIDE)
def test_memory_of_the_daemon_is_bounded_while_it_serves(
    isolated_daemon: Daemon, urls: dict[str, str], driver: str
) -> None:
    slowest, done = [0.0], threading.Event()

    def sample() -> None:
        while not done.wait(0.05):
            began = time.monotonic()
            assert isolated_daemon.request("GET", "/health").status == 200
            slowest[0] = max(slowest[0], time.monotonic() - began)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        answer = isolated_daemon.post(PATH, request_body(urls, driver, wide_query(driver, 150, 10_000_000)))
    finally:
        done.set()
        sampler.join()
    assert (answer.status, len(answer.body) <= 64 * MIB, answer.json()["truncated"]) == (200, True, True)
    assert answer.json()["row_count"] == 6
    assert peak_memory(isolated_daemon) < 600 * MIB
    assert slowest[0] < 4


@pytest.mark.parametrize("driver", ["postgres", "mysql"])
def test_rows_of_a_hundred_megabytes_are_not_read(isolated_daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    sql = {
        "postgres": wide_query("postgres", 150, 100_000_000),
        "mysql": f"SELECT {', '.join(['repeat(1, 14000000)'] * 7)} FROM seq_1_to_150",
    }[driver]
    found = isolated_daemon.post_ok(PATH, request_body(urls, driver, sql))
    assert (found["rows"], found["truncated"]) == ([], True)
    assert peak_memory(isolated_daemon) < 300 * MIB


def test_sqlite_does_not_build_oversized_values(daemon: Daemon, urls: dict[str, str]) -> None:
    request = request_body(urls, "sqlite", "SELECT length(zeroblob(100000000))")
    assert daemon.post_rejected(PATH, request, "query_failed").endswith("is larger than 64 MiB")


@pytest.mark.parametrize("driver", ENDLESS)
def test_query_that_cannot_be_interrupted_is_killed(isolated_daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    isolated_daemon.post_ok(PATH, request_body(urls, driver, "SELECT 1"))
    (worker,) = child_processes(isolated_daemon)
    began = time.monotonic()
    request = request_body(urls, driver, ENDLESS[driver], statement_timeout_ms=500)
    assert "0.5 s" in isolated_daemon.post_rejected(PATH, request, "statement_timeout")
    assert time.monotonic() - began < 15
    wait_until(lambda: worker not in child_processes(isolated_daemon))
    assert isolated_daemon.post_ok(PATH, request_body(urls, driver, "SELECT 1"))["rows"] == [[1]]


@contextlib.contextmanager
def endless_query(daemon: Daemon, urls: dict[str, str], driver: str) -> Iterator[int]:
    """Start an endless query and yield the pid of its process; disconnect at the end of the block."""
    with closing(daemon.connect()) as connection:
        send(daemon, connection, request_body(urls, driver, ENDLESS[driver], statement_timeout_ms=600_000))
        wait_until(lambda: bool(child_processes(daemon)))
        time.sleep(0.5)
        (worker,) = child_processes(daemon)
        yield worker


@pytest.mark.parametrize("driver", ENDLESS)
def test_query_ends_when_the_client_disconnects(isolated_daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    with endless_query(isolated_daemon, urls, driver) as worker:
        pass
    wait_until(lambda: worker not in child_processes(isolated_daemon))


@pytest.mark.parametrize("driver", ENDLESS)
def test_query_ends_when_the_daemon_is_killed(isolated_daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    with endless_query(isolated_daemon, urls, driver) as worker:
        isolated_daemon.process.kill()
        isolated_daemon.process.wait()
    wait_until(lambda: not _is_running(worker))


@pytest.mark.parametrize("driver", ENDLESS_ON_SERVERS)
def test_statement_ends_on_the_server_when_the_client_disconnects(
    daemon: Daemon, urls: dict[str, str], driver: str
) -> None:
    sql, sessions = ENDLESS_ON_SERVERS[driver]
    count = request_body(urls, driver, f"SELECT count(*) FROM {sessions}")

    def running() -> int:
        return int(daemon.post_ok(PATH, count)["rows"][0][0])

    with closing(daemon.connect()) as connection:
        send(daemon, connection, request_body(urls, driver, sql, statement_timeout_ms=600_000))
        wait_until(lambda: running() == 1)
    wait_until(lambda: running() == 0)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_dead_idle_process_is_replaced(isolated_daemon: Daemon, urls: dict[str, str]) -> None:
    request = request_body(urls, "sqlite", "SELECT 1")
    isolated_daemon.post_ok(PATH, request)
    (worker,) = child_processes(isolated_daemon)
    os.kill(worker, 9)
    wait_until(lambda: not _is_running(worker))
    assert isolated_daemon.post_ok(PATH, request)["rows"] == [[1]]
    assert child_processes(isolated_daemon) != [worker]


def test_process_is_reused(isolated_daemon: Daemon, urls: dict[str, str]) -> None:
    request = request_body(urls, "sqlite", "SELECT 1")
    isolated_daemon.post_ok(PATH, request)
    before = child_processes(isolated_daemon)
    for _ in range(5):
        isolated_daemon.post_ok(PATH, request)
    assert child_processes(isolated_daemon) == before


def test_queries_run_concurrently(isolated_daemon: Daemon, urls: dict[str, str]) -> None:
    endless = request_body(urls, "sqlite", ENDLESS["sqlite"], statement_timeout_ms=3000)
    thread = threading.Thread(target=isolated_daemon.post, args=(PATH, endless))
    thread.start()
    time.sleep(0.5)
    assert isolated_daemon.post_ok(PATH, request_body(urls, "sqlite", "SELECT 1"))["rows"] == [[1]]
    assert thread.is_alive()
    thread.join()


@pytest.mark.parametrize("driver", WIDE)
def test_empty_results_and_duplicate_column_names_are_supported(
    daemon: Daemon, urls: dict[str, str], driver: str
) -> None:
    found = daemon.post_ok(PATH, request_body(urls, driver, "SELECT 1 AS a, 2 AS a, 'x' AS b"))
    assert ([column["name"] for column in found["columns"]], found["rows"]) == (["a", "a", "b"], [[1, 2, "x"]])
    found = daemon.post_ok(
        PATH, request_body(urls, driver, "SELECT 1 AS a, 'x' AS a FROM (SELECT 1 AS z) AS q WHERE z > 1")
    )
    assert ([column["name"] for column in found["columns"]], found["rows"]) == (["a", "a"], [])
    assert (found["row_count"], found["truncated"], found["truncated_by"]) == (0, False, None)


def test_rows_without_columns_are_counted_or_rejected(daemon: Daemon, urls: dict[str, str]) -> None:
    request = request_body(urls, "postgres", "SELECT FROM generate_series(1, 3)")
    answer = daemon.post(PATH, request).json()
    assert "rows" not in answer or (answer["columns"], answer["rows"]) == ([], [[], [], []])


def test_duckdb_keeps_the_order_of_a_query(daemon: Daemon, urls: dict[str, str]) -> None:
    sql = "SELECT i, DATE '2024-01-01' + i::INTEGER AS d FROM range(100000) AS t(i) ORDER BY (i * 7919) % 100003, i"
    rows = daemon.post_ok(PATH, request_body(urls, "duckdb", sql, max_rows=100_000))["rows"]
    assert [i for i, _ in rows] == sorted(range(100_000), key=lambda i: ((i * 7919) % 100_003, i))


def test_closed_port_is_an_error(daemon: Daemon) -> None:
    url = f"mysql://u:p@127.0.0.1:{find_closed_port()}/d"
    request = {"connection_id": "w", "driver": "mysql", "url": url, "sql": "SELECT 1"}
    assert daemon.post_rejected(PATH, request, "connection_failed")
