"""Connections through a real sshd by a real ssh."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import find_closed_port, silent_server
from tests.sshd import Bastion, bastion
from tests.test_postgres_tls import certificate, server
from tests.warehouses.server import wait_until

__all__ = ["certificate", "server"]

VARIABLES = {"postgres": "KTX_TEST_POSTGRES_URL", "mysql": "KTX_TEST_MYSQL_URL"}


@pytest.fixture(scope="module")
def closed_port() -> int:
    return find_closed_port()


@pytest.fixture(scope="module")
def gate(closed_port: int) -> Iterator[Bastion]:
    """Forwards to the databases, and to a port without a listener."""
    ports = [urlsplit(database_url(variable)).port or 0 for variable in VARIABLES.values()]
    with bastion([*ports, closed_port]) as running:
        yield running


@pytest.fixture(scope="module")
def tunnelled(gate: Bastion) -> Iterator[Daemon]:
    """A daemon that finds the `ssh` of the bastion."""
    with Daemon(PATH=gate.path) as running:
        yield running


@pytest.fixture(autouse=True)
def _working_configuration(gate: Bastion) -> None:
    gate.configure()


def url(driver: str, host: str, **changes: Any) -> str:
    parts = urlsplit(database_url(VARIABLES[driver]))
    port = changes.pop("port", parts.port)
    options = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in {**changes, "ssh_host": host}.items())
    address = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
    return parts._replace(netloc=address, query=options).geturl()


def body(driver: str, address: str, **fields: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": driver, "url": address, **fields}


def is_running(process: int) -> bool:
    """Return whether a process runs; one that has ended but was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("driver", VARIABLES)
def test_every_operation_runs_through_the_bastion(tunnelled: Daemon, gate: Bastion, driver: str) -> None:
    address = url(driver, gate.host)
    before = len(gate.calls())
    assert tunnelled.post_ok("/sql/execute", body(driver, address, sql="SELECT 1 AS a"))["rows"] == [[1]]
    assert tunnelled.post_ok("/database/introspect", body(driver, address, names_only=True))["tables"] is not None
    assert tunnelled.post_ok("/database/query-history", body(driver, address))["metadata"]["driver"] == driver
    calls = gate.calls()[before:]
    assert len(calls) == 3
    for process, arguments in calls:
        assert f"-W 127.0.0.1:{urlsplit(address).port} -p {gate.port} -l {gate.user} -- 127.0.0.1" in arguments
        assert "BatchMode=yes" in arguments
        assert not is_running(process)


def explain(daemon: Daemon, address: str, driver: str = "postgres") -> str:
    request = body(driver, address, sql="SELECT 1")
    answer = daemon.post("/sql/execute", request).json()
    assert answer["code"] == "connection_failed", answer
    assert "Check that this asks no question and succeeds: ssh " in answer["hint"]
    return str(answer["detail"])


def test_unknown_key_of_the_bastion_is_reported(tunnelled: Daemon, gate: Bastion) -> None:
    gate.configure(UserKnownHostsFile="/dev/null")
    assert explain(tunnelled, url("postgres", gate.host)).endswith("Host key verification failed")


@pytest.mark.parametrize("driver", VARIABLES)
def test_refused_key_of_the_user_is_reported(tunnelled: Daemon, gate: Bastion, driver: str) -> None:
    gate.configure(IdentityFile=str(gate.folder / "other_key"))
    assert "Permission denied" in explain(tunnelled, url(driver, gate.host), driver)


def test_unreachable_bastion_is_reported(tunnelled: Daemon, gate: Bastion) -> None:
    port = find_closed_port()
    detail = explain(tunnelled, url("postgres", f"{gate.user}@127.0.0.1:{port}"))
    assert f"through ssh -p {port} {gate.user}@127.0.0.1: " in detail
    assert "Connection refused" in detail


def test_database_that_the_bastion_cannot_reach_is_reported(tunnelled: Daemon, gate: Bastion, closed_port: int) -> None:
    assert "connect failed: Connection refused" in explain(tunnelled, url("postgres", gate.host, port=closed_port))


def test_forwarding_that_the_bastion_refuses_is_reported(tunnelled: Daemon, gate: Bastion) -> None:
    address = url("postgres", gate.host, port=find_closed_port())
    assert "administratively prohibited" in explain(tunnelled, address)


@pytest.mark.parametrize("address", ["mysql://u:p@/d?socket=/s&ssh_host=b", "postgres:///d?host=/s&ssh_host=b"])
def test_socket_behind_a_bastion_is_refused(tunnelled: Daemon, address: str) -> None:
    """A socket needs no TLS, but a bastion is another machine."""
    request = body(address.partition(":")[0], address, sql="SELECT 1")
    assert "Unix socket" in tunnelled.post_rejected("/sql/execute", request, "invalid_url")


def test_missing_program_is_reported(tmp_path: Path, gate: Bastion) -> None:
    with Daemon(PATH=str(tmp_path)) as daemon:
        assert "the program ssh is not installed" in explain(daemon, url("postgres", gate.host))


def test_silent_bastion_times_out(tunnelled: Daemon, gate: Bastion) -> None:
    with silent_server() as port:
        request = body("postgres", url("postgres", f"127.0.0.1:{port}"), sql="SELECT 1", connection_timeout_seconds=0.5)
        tunnelled.post_rejected("/sql/execute", request, "connection_timeout")
    assert not is_running(gate.calls()[-1][0])


def test_errors_of_the_database_are_its_own(tunnelled: Daemon, gate: Bastion) -> None:
    request = body("postgres", url("postgres", gate.host), sql="SELECT nope")
    assert "nope" in tunnelled.post_rejected("/sql/execute", request, "query_failed")
    parts = urlsplit(url("postgres", gate.host))
    address = parts._replace(netloc=f"{parts.username}:wrong@127.0.0.1:{parts.port}").geturl()
    tunnelled.post_rejected("/sql/execute", body("postgres", address, sql="SELECT 1"), "authentication_failed")


def test_certificate_is_verified_for_the_host_of_the_database(
    tunnelled: Daemon, gate: Bastion, certificate: Path
) -> None:
    tls = {"sslmode": "verify-full", "sslrootcert": certificate}
    sql = "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()"
    found = tunnelled.post_ok("/sql/execute", body("postgres", url("postgres", gate.host, **tls), sql=sql))
    assert found["rows"] == [[True]]
    other = url("postgres", gate.host, **tls).replace("@127.0.0.1:", "@localhost:", 1)
    tunnelled.post_rejected("/sql/execute", body("postgres", other, sql=sql), "tls_failed")


ENDLESS = "SELECT count(*) AS behind_ssh FROM generate_series(1, 99999) AS a, generate_series(1, 99999) AS b"


def start_endless(daemon: Daemon, gate: Bastion) -> Any:
    """Send an endless statement, and wait until it runs; return the connection to the daemon."""
    request = body("postgres", url("postgres", gate.host), sql=ENDLESS, statement_timeout_ms=900_000)
    connection = daemon.connect()
    headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
    connection.request("POST", "/sql/execute", json.dumps(request), headers)
    wait_until(lambda: endless_statements() == 1, "the statement runs")
    return connection


def endless_statements() -> int:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as watcher:
        running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%behind_ssh%'"
        return int(watcher.run(f"{running} AND pid <> pg_backend_pid()")[0][0])


def test_statement_and_ssh_end_when_the_caller_disconnects(tunnelled: Daemon, gate: Bastion) -> None:
    start_endless(tunnelled, gate).close()
    wait_until(lambda: endless_statements() == 0, "the statement ends")
    wait_until(lambda: not is_running(gate.calls()[-1][0]), "ssh ends")


def test_ssh_ends_with_a_killed_daemon(gate: Bastion) -> None:
    with Daemon(PATH=gate.path) as daemon:
        connection = start_endless(daemon, gate)
        os.kill(daemon.process.pid, signal.SIGKILL)
        daemon.process.wait()
        wait_until(lambda: not is_running(gate.calls()[-1][0]), "ssh ends")
        connection.close()
    wait_until(lambda: endless_statements() == 0, "the statement ends")
