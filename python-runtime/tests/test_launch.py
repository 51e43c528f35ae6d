"""Start, readiness and exit of the daemon."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from ktx_daemon import server
from tests.daemon import WAIT_TIMEOUT, Daemon, clean_environment, error_detail, run_command, wait_until
from tests.introspection import request_in_flight


def is_listening(daemon: Daemon) -> bool:
    try:
        daemon.socket().close()
    except ConnectionRefusedError:
        return False
    return True


def pool_workers(pid: int) -> list[int]:
    """Return the daemon's worker processes, without the resource tracker of multiprocessing."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[1]) == pid and b"spawn_main" in command:
                found.append(int(entry.name))
    return found


def test_inherited_socket_life_lock_and_ready_pipe() -> None:
    with Daemon(KTX_DAEMON_VERSION="1.2.3", KTX_DAEMON_INSTANCE="abc") as daemon:
        assert daemon.ready == {"pid": daemon.process.pid, "port": daemon.port}
        assert daemon.holds_life_lock()
        health = daemon.request("GET", "/health", headers={"authorization": ""})
        assert health.json() == {"status": "healthy", "version": "1.2.3", "features": ["core"], "instance": "abc"}
        assert daemon.stop() == 0
        assert not daemon.holds_life_lock()


def test_default_is_a_free_port_and_a_random_instance_id() -> None:
    with Daemon(inherit=False) as one, Daemon(inherit=False) as other:
        first, second = (daemon.request("GET", "/health").json() for daemon in (one, other))
        assert "version" not in first
        assert first["instance"] != second["instance"]


def test_ready_file_is_written_atomically(tmp_path: Path) -> None:
    ready = tmp_path / "ready ü.json"
    command = [sys.executable, "-m", "ktx_daemon", "serve-http", "--port", "0"]
    process = subprocess.Popen(command, env=clean_environment(KTX_DAEMON_READY_FILE=str(ready)))
    try:
        wait_until(ready.exists, "the ready file exists")
        report = json.loads(ready.read_text())
        assert report["pid"] == process.pid
        socket.create_connection(("127.0.0.1", report["port"]), WAIT_TIMEOUT).close()
        assert os.listdir(tmp_path) == [ready.name]
    finally:
        process.terminate()
        assert process.wait(WAIT_TIMEOUT) == 0


def test_stop_during_the_import_of_modules_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ktx_daemon.processes", ModuleType("ktx_daemon.processes"))
    server._stop_processes()


def test_life_lock_by_path_excludes_a_second_daemon(tmp_path: Path) -> None:
    lock = tmp_path / "life.lock"
    with Daemon(inherit=False, KTX_DAEMON_LIFE_LOCK=str(lock)), lock.open("r+") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        second = run_command("serve-http", KTX_DAEMON_LIFE_LOCK=str(lock))
        assert second.returncode == 1
        assert b"Another daemon holds the life lock" in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_exit_with_zero(number: int) -> None:
    with Daemon() as daemon:
        assert daemon.stop(number) == 0


def test_shutdown_endpoint_needs_the_token() -> None:
    with Daemon() as daemon:
        error_detail(daemon.request("POST", "/shutdown", headers={"authorization": "Bearer no"}), "unauthorized", 401)
        answer = daemon.request("POST", "/shutdown")
        assert (answer.status, answer.json()) == (202, {"status": "stopping"})
        assert daemon.process.wait(WAIT_TIMEOUT) == 0


def test_without_a_token_there_is_no_shutdown_and_no_authentication() -> None:
    with Daemon(token=None) as daemon:
        error_detail(daemon.request("POST", "/shutdown"), "not_found", 404)
        assert daemon.post_ok("/sql/validate-read-only", {"sql": "select 1", "dialect": "postgres"})["ok"]


def test_request_in_flight_is_finished_after_sigterm() -> None:
    with Daemon() as daemon, contextlib.closing(daemon.connect()) as connection:
        with request_in_flight(daemon, connection):
            daemon.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not is_listening(daemon), "the daemon has heard the signal")
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["code"]) == (400, "connection_failed")
        assert response.getheader("connection") == "close"
        assert daemon.process.wait(WAIT_TIMEOUT) == 0


@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("POST", "/sql/validate-read-only")])
def test_idle_timeout_ignores_health_checks_and_rejected_requests(method: str, path: str) -> None:
    with Daemon(KTX_DAEMON_IDLE_TIMEOUT="0.3") as daemon, contextlib.closing(daemon.connect()) as connection:

        def has_ended() -> bool:
            try:
                daemon.request(method, path, headers={"authorization": "Bearer no"}, connection=connection)
            except (TimeoutError, OSError):
                return True
            except Exception:
                return True
            return False

        wait_until(has_ended, "the idle daemon has ended although it was asked")
        assert daemon.process.wait(WAIT_TIMEOUT) == 0


def start_pool_workers(daemon: Daemon, name: str = "a") -> list[int]:
    """Analyse 200 long statements with different templates, and return the worker processes."""
    items = [{"id": str(n), "sql": f"select {name}{n}, '{'x' * 2000}' from t"} for n in range(200)]
    answer = daemon.post_ok("/sql/analyze-batch", {"dialect": "postgres", "items": items})
    assert [result["error"] for result in answer["results"].values()] == [None] * 200
    workers = pool_workers(daemon.process.pid)
    if (os.cpu_count() or 1) > 1:
        assert workers, "a batch of this size goes to other processes"
    return workers


def test_pool_workers_exit_when_the_daemon_is_killed() -> None:
    with Daemon() as daemon:
        workers = start_pool_workers(daemon)
        daemon.process.kill()
        daemon.process.wait(WAIT_TIMEOUT)
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the workers have ended")


def test_stop_leaves_no_workers_and_an_empty_log() -> None:
    with Daemon() as daemon:
        workers = start_pool_workers(daemon)
        assert daemon.stop() == 0
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the workers have ended")
        assert daemon.log.read_text() == ""


def test_stop_does_not_wait_for_a_hanging_database() -> None:
    with (
        Daemon(setup="import ktx_daemon.server as server; server.DRAIN_TIMEOUT_SECONDS = 0.5") as daemon,
        contextlib.closing(daemon.connect()) as connection,
        request_in_flight(daemon, connection),
    ):
        assert daemon.stop() == 0
        (line,) = daemon.events()
        assert (line["level"], line["event"], line["open_connections"]) == ("warn", "daemon.drain_timed_out", 1)
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):  # no response, so the client may retry
            connection.getresponse()


def test_killed_pool_worker_is_replaced() -> None:
    with Daemon() as daemon:
        for pid in start_pool_workers(daemon):
            os.kill(pid, signal.SIGKILL)
        start_pool_workers(daemon, "b")


def test_inherited_descriptors_do_not_reach_child_processes() -> None:
    with Daemon() as daemon:
        for pid in start_pool_workers(daemon):
            targets = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
            assert str(daemon.life_file) not in targets


def test_token_is_not_in_the_environment_of_workers_or_in_the_log() -> None:
    with Daemon(token="very-secret-token") as daemon:
        daemon.request("GET", "/t/very-secret-token/nowhere")
        for pid in start_pool_workers(daemon):
            assert b"very-secret-token" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert "very-secret-token" not in daemon.log.read_text()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"KTX_DAEMON_IDLE_TIMEOUT": "soon"}, "KTX_DAEMON_IDLE_TIMEOUT must be a number of seconds, 0 or more: 'soon'"),
        ({"KTX_DAEMON_IDLE_TIMEOUT": "-1"}, "KTX_DAEMON_IDLE_TIMEOUT must be a number of seconds"),
        ({"KTX_DAEMON_MAX_BODY_BYTES": "0"}, "KTX_DAEMON_MAX_BODY_BYTES must be a whole number of bytes"),
        ({"KTX_DAEMON_LISTEN_FD": "x"}, "KTX_DAEMON_LISTEN_FD is not an open descriptor: 'x'"),
        ({"KTX_DAEMON_LIFE_FD": "999"}, "KTX_DAEMON_LIFE_FD is not an open descriptor: '999'"),
        ({"KTX_DAEMON_LISTEN_FD": "0"}, "KTX_DAEMON_LISTEN_FD is not a socket"),
    ],
)
def test_invalid_environment_is_a_single_sentence(variables: dict[str, str], sentence: str) -> None:
    result = run_command("serve-http", **variables)
    assert result.returncode == 1
    assert sentence in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


def test_only_loopback_hosts_are_accepted() -> None:
    result = run_command("serve-http", "--host", "0.0.0.0")
    assert result.returncode == 1
    assert b"listens only on this computer" in result.stderr


def test_port_in_use_is_a_single_sentence(daemon: Daemon) -> None:
    result = run_command("serve-http", "--port", str(daemon.port))
    assert result.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{daemon.port}" in result.stderr.decode()


def test_heavy_modules_are_not_imported_at_the_start() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)  # a measurement of coverage imports sqlite3\n"
        "import ktx_daemon.cli, ktx_daemon.server, ktx_daemon.http.app\n"
        "heavy = {'sqlglot', 'pg8000', 'pymysql', 'sqlite3', 'duckdb', 'sqlalchemy', 'clickhouse_connect', "
        "'google.auth', 'snowflake.connector', 'thrift', 'grpc'}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=clean_environment())
    assert result.stdout.strip() == "[]"


def test_concurrent_first_requests_of_all_kinds() -> None:
    """A request that imports sqlglot must not see modules that the background import has partially initialised."""
    sql = {"sql": "SELECT 1", "dialect": "sqlite"}
    requests = [
        ("/semantic-layer/generate-sources", {"tables": [], "links": [], "dialect": "sqlite"}),
        ("/semantic-layer/validate", {"sources": [], "dialect": "sqlite"}),
        ("/sql/validate-read-only", sql),
        ("/api/sql/analyze-for-fingerprint", sql),
    ]
    for _ in range(3):
        with Daemon() as daemon, ThreadPoolExecutor(len(requests)) as threads:
            answers = list(threads.map(lambda request: daemon.post(*request), requests))
        assert [answer.status for answer in answers] == [200] * len(requests), [answer.body for answer in answers]
