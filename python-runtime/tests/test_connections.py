"""Connections: how many there may be, how long each waits, and how it ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.daemon import PATIENCE, Daemon, refusal, until
from tests.introspection import request_in_flight
from tests.raw_http import BODY, LENGTH, Exchange, exchange, head

LISTENING = "0A"  # the state's number in /proc/net/tcp
HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"


def test_another_connection_is_answered_though_the_limit_of_connections_is_reached() -> None:
    """With a thousand connections open the daemon had no descriptor left for one more: it was taken for dead, and wrote
    a log of a million lines about it."""
    with Daemon(descriptors=256) as daemon, contextlib.ExitStack() as open_connections:
        working = open_connections.enter_context(contextlib.closing(daemon.connect()))
        with request_in_flight(daemon, working):
            for _ in range(500):
                connection = open_connections.enter_context(daemon.socket())
                with contextlib.suppress(OSError):  # it may have been closed already
                    connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-half: ")
            assert daemon.request("GET", "/health").status == 200
        assert working.getresponse().status == 400  # what is being answered is not closed
        assert daemon.log.read_text() == ""


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH + b"\r\n"], ids=["nothing", "half a head", "a whole request"])
def test_a_stop_closes_idle_connections_immediately(sent: bytes) -> None:
    """A stop took 10 s on Python 3.10 and 3.11: an idle connection that its client kept was closed only when the time
    for requests in flight was up."""
    with Daemon() as daemon, exchange(daemon, sent) as idle:
        if sent.endswith(b"\r\n\r\n"):
            assert idle.answer().status == 200
        assert daemon.request("GET", "/health").status == 200  # the daemon has accepted the connection before
        assert daemon.stop() == 0
        assert idle.is_closed()
        assert daemon.log.read_text() == ""  # it names the connections that were left when the time was up


def test_a_stop_closes_idle_connections_while_a_request_is_in_flight() -> None:
    with (
        Daemon() as daemon,
        contextlib.closing(daemon.connect()) as working,
        exchange(daemon, HEALTH + b"\r\n") as idle,
    ):
        assert idle.answer().status == 200
        with request_in_flight(daemon, working):
            daemon.process.send_signal(signal.SIGTERM)
            assert idle.is_closed()
            assert daemon.process.poll() is None
        assert working.getresponse().status == 400
        assert daemon.process.wait(PATIENCE) == 0
        assert "still open" not in daemon.log.read_text()


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH + b"\r\n"], ids=["nothing", "half a head", "a whole request"])
def test_an_idle_connection_is_closed_after_a_while(sent: bytes) -> None:
    setup = "from ktx_daemon.http import protocol; protocol.KEEP_ALIVE_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, exchange(daemon, sent) as idle:
        if sent.endswith(b"\r\n\r\n"):
            assert idle.answer().status == 200
        assert _ends(idle)


def test_a_head_that_comes_in_small_parts_has_no_more_time() -> None:
    setup = "from ktx_daemon.http import protocol; protocol.KEEP_ALIVE_SECONDS = 0.5"
    with Daemon(setup=setup) as daemon, daemon.socket() as slow:
        slow.sendall(HEALTH + b"x: ")
        slow.settimeout(0.05)
        until(lambda: not _send_more(slow), "the daemon has closed the connection")


def test_a_body_that_stops_arriving_is_refused() -> None:
    setup = "from ktx_daemon.http import body; body.PAUSE_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, exchange(daemon, head() + LENGTH + b"\r\n" + BODY[:-1]) as stalled:
        answer = stalled.answer()
        refusal(answer, "request_timeout", 408)
        assert answer.headers["connection"] == "close"
        assert stalled.is_closed()


def test_a_client_that_does_not_read_its_answer_is_disconnected(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    setup = "from ktx_daemon.http import protocol; protocol.WRITE_SECONDS = 0.5"
    query = {
        "connection_id": "c",
        "driver": "sqlite",
        "url": str(tmp_path / "empty.db"),
        "sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) "
        "SELECT hex(zeroblob(5000)) FROM n",
        "max_rows": 4000,
    }
    with Daemon(setup=setup) as daemon:
        whole = daemon.post("/sql/execute", query)
        assert whole.status == 200
        with contextlib.closing(daemon.connect()) as connection:
            headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
            connection.request("POST", "/sql/execute", json.dumps(query), headers)
            until(lambda: connection_count(daemon) == 1, "the daemon has accepted the connection")
            until(lambda: connection_count(daemon) == 0, "the daemon has closed the connection")
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                connection.getresponse().read()


@pytest.mark.parametrize(
    "sent",
    [b"nonsense\r\n\r\n", head() + b"transfer-encoding: chunked\r\n\r\nzz\r\n"],
    ids=["a malformed head", "a malformed body"],
)
def test_a_connection_does_not_linger_for_ever_after_a_malformed_request(sent: bytes) -> None:
    setup = "from ktx_daemon.http import protocol; protocol.LINGER_SECONDS = 0.2"
    with Daemon(setup=setup) as daemon, exchange(daemon, sent) as open_end:
        refusal(open_end.answer(), "bad_request", 400)
        until(lambda: connection_count(daemon) == 0, "the daemon has closed the connection")


def connection_count(daemon: Daemon) -> int:
    """Count the connections on its port that the daemon's process has open."""
    inodes = set()
    for link in Path(f"/proc/{daemon.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(os.readlink(link))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = [row for row in rows if f"socket:[{row[9]}]" in inodes and int(row[1].rpartition(":")[2], 16) == daemon.port]
    return len([row for row in own if row[3] != LISTENING])


def _send_more(connection: socket.socket) -> bool:
    """Send one more byte of a head; false if the connection has ended."""
    try:
        connection.sendall(b"x")
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def _ends(connection: Exchange) -> bool:
    """Wait for the end of the connection, in an orderly way or by a reset."""
    try:
        return connection.is_closed()
    except ConnectionResetError:
        return True
