"""ClickHouse through a real sshd by a real ssh."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.clickhouse import proxy
from tests.daemon import Daemon
from tests.introspection import find_closed_port
from tests.sshd import Bastion, bastion
from tests.test_clickhouse import port_of
from tests.test_postgres_tls import make_certificate
from tests.test_ssh import is_running
from tests.warehouses.server import wait_until


@pytest.fixture(scope="module")
def closed_port() -> int:
    return find_closed_port()


@pytest.fixture(scope="module")
def secure(clickhouse: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of the server with TLS, and the certificate."""
    certificate = make_certificate(tmp_path_factory.mktemp("tls"), "server")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with proxy(port_of(clickhouse), lambda sql: sql, tls) as port:
        yield port, certificate


@pytest.fixture(scope="module")
def gate(clickhouse: str, secure: tuple[int, Path], closed_port: int) -> Iterator[Bastion]:
    """Forwards to the server with and without TLS, and to a port without a listener."""
    with bastion([port_of(clickhouse), secure[0], closed_port]) as running:
        running.configure()
        yield running


@pytest.fixture(scope="module")
def tunnelled(gate: Bastion) -> Iterator[Daemon]:
    with Daemon(PATH=gate.path, HTTP_PROXY="http://127.0.0.1:1") as running:
        yield running


def body(port: int, gate: Bastion, options: str = "", **fields: Any) -> dict[str, Any]:
    address = f"clickhouse://127.0.0.1:{port}?ssh_host={quote(gate.host, safe='')}{options}"
    return {"connection_id": "w", "driver": "clickhouse", "url": address, **fields}


def test_every_operation_runs_through_the_bastion(tunnelled: Daemon, gate: Bastion, clickhouse: str) -> None:
    """The proxy of the environment, which does not run, is not used."""
    port = port_of(clickhouse)
    before = len(gate.calls())
    assert tunnelled.post_ok("/sql/execute", body(port, gate, sql="SELECT 1 AS a"))["rows"] == [[1]]
    found = tunnelled.post_ok("/database/introspect", body(port, gate, include=["ssh.*"]))
    assert found["tables"] == []
    calls = gate.calls()[before:]
    assert len(calls) == 2, "one connection each"
    for process, arguments in calls:
        assert f"-W 127.0.0.1:{port} -p {gate.port} -l {gate.user} -- 127.0.0.1" in arguments
        wait_until(lambda process=process: not is_running(process), "ssh ends")


def test_server_that_the_bastion_cannot_reach_is_reported(tunnelled: Daemon, gate: Bastion, closed_port: int) -> None:
    detail = tunnelled.post_rejected("/sql/execute", body(closed_port, gate, sql="SELECT 1"), "connection_failed")
    assert f"through ssh -p {gate.port} {gate.user}@127.0.0.1: " in detail
    assert "Connection refused" in detail


def test_certificate_is_verified_for_the_host_of_the_database(
    tunnelled: Daemon, gate: Bastion, secure: tuple[int, Path]
) -> None:
    port, certificate = secure
    options = f"&secure=true&ca_cert={certificate}"
    assert tunnelled.post_ok("/sql/execute", body(port, gate, options, sql="SELECT 1 AS a"))["rows"] == [[1]]
    tunnelled.post_rejected("/sql/execute", body(port, gate, "&secure=true", sql="SELECT 1"), "tls_failed")


def test_proxy_and_bastion_exclude_each_other(tunnelled: Daemon, gate: Bastion, clickhouse: str) -> None:
    request = body(port_of(clickhouse), gate, "&proxy=http://127.0.0.1:1", sql="SELECT 1")
    assert "ssh_host and proxy" in tunnelled.post_rejected("/sql/execute", request, "invalid_url")
