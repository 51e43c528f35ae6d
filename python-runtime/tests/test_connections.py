"""Connections: their limit, deadlines and closing."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.daemon import WAIT_TIMEOUT, Daemon, error_detail, wait_until
from tests.introspection import request_in_flight
from tests.raw_http import BODY, LENGTH, Exchange, open_exchange, request_head

LISTENING = "0A"  # the state's number in /proc/net/tcp
HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"


def test_new_connection_is_served_at_the_connection_limit() -> None:
    """With a thousand open connections the daemon ran out of descriptors: a probe considered it dead, and it wrote
    a log of a million lines about it."""
    with Daemon(descriptors=256) as daemon, contextlib.ExitStack() as open_connections:
        working = open_connections.enter_context(contextlib.closing(daemon.connect()))
        with request_in_flight(daemon, working):
            for _ in range(500):
                connection = open_connections.enter_context(daemon.socket())
                with contextlib.suppress(OSError):  # may be closed already
                    connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-half: ")
            assert daemon.request("GET", "/health").status == 200
        assert working.getresponse().status == 400  # in flight
        assert daemon.log.read_text() == ""


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH + b"\r\n"], ids=["nothing", "half a head", "a whole request"])
def test_stop_closes_idle_connections_immediately(sent: bytes) -> None:
    """A stop took 10 s on Python 3.10 and 3.11: idle connections were closed only at the
    drain deadline."""
    with Daemon() as daemon, open_exchange(daemon, sent) as idle:
        if sent.endswith(b"\r\n\r\n"):
            assert idle.read_response().status == 200
        assert daemon.request("GET", "/health").status == 200  # so that the connection is accepted
        assert daemon.stop() == 0
        assert idle.is_closed()
        assert daemon.log.read_text() == ""  # connections open at the drain deadline would be logged


def test_stop_closes_idle_connections_while_a_request_is_in_flight() -> None:
    with (
        Daemon() as daemon,
        contextlib.closing(daemon.connect()) as working,
        open_exchange(daemon, HEALTH + b"\r\n") as idle,
    ):
        assert idle.read_response().status == 200
        with request_in_flight(daemon, working):
            daemon.process.send_signal(signal.SIGTERM)
            assert idle.is_closed()
            assert daemon.process.poll() is None
        assert working.getresponse().status == 400
        assert daemon.process.wait(WAIT_TIMEOUT) == 0
        assert "still open" not in daemon.log.read_text()


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH + b"\r\n"], ids=["nothing", "half a head", "a whole request"])
def test_idle_connection_is_closed_after_the_keep_alive_timeout(sent: bytes) -> None:
    setup = "from ktx_daemon.http import protocol; protocol.KEEP_ALIVE_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, open_exchange(daemon, sent) as idle:
        if sent.endswith(b"\r\n\r\n"):
            assert idle.read_response().status == 200
        assert _ends(idle)


def test_slow_request_head_does_not_extend_its_deadline() -> None:
    setup = "from ktx_daemon.http import protocol; protocol.KEEP_ALIVE_SECONDS = 0.5"
    with Daemon(setup=setup) as daemon, daemon.socket() as slow:
        slow.sendall(HEALTH + b"x: ")
        slow.settimeout(0.05)
        wait_until(lambda: not _send_more(slow), "the daemon has closed the connection")


def test_stalled_body_is_rejected() -> None:
    setup = "from ktx_daemon.http import body; body.READ_TIMEOUT_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, open_exchange(daemon, request_head() + LENGTH + b"\r\n" + BODY[:-1]) as stalled:
        answer = stalled.read_response()
        error_detail(answer, "request_timeout", 408)
        assert answer.headers["connection"] == "close"
        assert stalled.is_closed()


def test_client_that_does_not_read_its_response_is_disconnected(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    setup = "from ktx_daemon.http import protocol; protocol.WRITE_TIMEOUT_SECONDS = 0.5"
    query = {
        "connection_id": "c",
        "driver": "sqlite",
        "url": str(tmp_path / "empty.db"),
        "sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) "
        "SELECT hex(zeroblob(5000)) FROM n",
        "max_rows": 4000,
    }
    with Daemon(setup=setup) as daemon:
        complete = daemon.post("/sql/execute", query)
        assert complete.status == 200
        with contextlib.closing(daemon.connect()) as connection:
            headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
            connection.request("POST", "/sql/execute", json.dumps(query), headers)
            wait_until(lambda: connection_count(daemon) == 1, "the daemon has accepted the connection")
            wait_until(lambda: connection_count(daemon) == 0, "the daemon has closed the connection")
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                connection.getresponse().read()


@pytest.mark.parametrize(
    "sent",
    [b"nonsense\r\n\r\n", request_head() + b"transfer-encoding: chunked\r\n\r\nzz\r\n"],
    ids=["a malformed head", "a malformed body"],
)
def test_lingering_after_a_malformed_request_ends_at_its_deadline(sent: bytes) -> None:
    setup = "from ktx_daemon.http import protocol; protocol.LINGER_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, open_exchange(daemon, sent) as open_end:
        error_detail(open_end.read_response(), "bad_request", 400)
        wait_until(lambda: connection_count(daemon) == 0, "the daemon has closed the connection")


def connection_count(daemon: Daemon) -> int:
    """Return the number of open connections on the daemon's port."""
    inodes = set()
    for link in Path(f"/proc/{daemon.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(link))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = [row for row in rows if f"socket:[{row[9]}]" in inodes and int(row[1].rpartition(":")[2], 16) == daemon.port]
    return len([row for row in own if row[3] != LISTENING])


def _send_more(connection: socket.socket) -> bool:
    """Send one more byte of a head; False if the connection is closed."""
    try:
        connection.sendall(b"x")
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def _ends(connection: Exchange) -> bool:
    """Wait for the end of the connection, by FIN or RST."""
    try:
        return connection.is_closed()
    except ConnectionResetError:
        return True
