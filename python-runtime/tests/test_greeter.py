"""`/health` is answered while the daemon is being imported, and nothing that was asked meanwhile is lost."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import PATIENCE, SOURCES, clean_environment

# Stands in the way of h11, which the server needs: goes on looking for modules until it may let it be imported.
GATE = """
import contextlib, os, sys, time
while not os.path.exists(os.environ["GATE_OPEN"]):
    with contextlib.suppress(ImportError):
        import there_is_no_such_module
    time.sleep(0.01)
sys.path.remove(os.path.dirname(__file__))
del sys.modules["h11"]
import h11
"""


class Held:
    """A daemon whose import does not go on before `let_in`."""

    def __init__(self, folder: Path, **variables: str) -> None:
        (folder / "gate").mkdir()
        (folder / "gate" / "h11.py").write_text(GATE)
        self._open = folder / "open"
        self._variables = variables

    @contextlib.contextmanager
    def running(self) -> Iterator[Held]:
        listener = socket.create_server(("127.0.0.1", 0))
        read_end, write_end = os.pipe()
        self.port, self.ready = listener.getsockname()[1], read_end
        gate = str(self._open.parent / "gate")
        environment = clean_environment(
            KTX_DAEMON_LISTEN_FD=str(listener.fileno()),
            KTX_DAEMON_READY_FD=str(write_end),
            GATE_OPEN=str(self._open),
            **{"KTX_DAEMON_INSTANCE": "i-1", **self._variables},
        )
        environment["PYTHONPATH"] = os.pathsep.join([gate, str(SOURCES)])
        command = [sys.executable, "-m", "ktx_daemon", "serve-http", "--host", "127.0.0.1", "--port", "0"]
        process = subprocess.Popen(command, env=environment, pass_fds=[listener.fileno(), write_end])
        listener.close()
        os.close(write_end)
        try:
            yield self
        finally:
            process.kill()
            process.wait(PATIENCE)
            os.close(read_end)

    def let_in(self) -> None:
        """Let the import go on, and wait until the daemon says that it serves."""
        self._open.touch()
        assert os.read(self.ready, 4096)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)


def ask(connection: http.client.HTTPConnection, method: str = "GET", path: str = "/health") -> tuple[int, bytes]:
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_health_is_answered_before_and_after_alike_on_one_connection(tmp_path: Path) -> None:
    with Held(tmp_path, KTX_DAEMON_VERSION="1.2.3").running() as daemon, contextlib.closing(daemon.connect()) as kept:
        early = [ask(kept), ask(kept)]
        daemon.let_in()
        assert early == [(200, b'{"status":"healthy","version":"1.2.3","features":["core"],"instance":"i-1"}')] * 2
        assert ask(kept) == early[0]


def test_what_is_no_plain_question_for_health_is_answered_by_the_server(tmp_path: Path) -> None:
    host = b"\r\nHost: 127.0.0.1:%d\r\n"
    cases = {
        b"GET /nothing HTTP/1.1" + host + b"\r\n": b"HTTP/1.1 404",
        b"GET /health HTTP/1.1\r\nHost: example.com\r\n\r\n": b"HTTP/1.1 403",
        b"GET /health HTTP/1.1" + host + b"Origin: http://example.com\r\n\r\n": b"HTTP/1.1 403",
        b"GET /health HTTP/1.1\r\n\r\n": b"HTTP/1.1 400",
        b"nonsense\r\n\r\n": b"HTTP/1.1 400",
        b"GET /health HTTP/1.1" + host + b"Connection: close\r\n\r\n": b"HTTP/1.1 200",
        b"POST /sql/validate-read-only HTTP/1.1"
        + host
        + b'Content-Type: application/json\r\nContent-Length: 37\r\n\r\n{"sql":"select 1",': b"HTTP/1.1 200",
    }
    with Held(tmp_path).running() as daemon, contextlib.ExitStack() as stack:
        asked = []
        for request, expected in cases.items():
            client = stack.enter_context(socket.create_connection(("127.0.0.1", daemon.port), PATIENCE))
            client.sendall(request.replace(b"%d", b"%d" % daemon.port))
            asked.append((client, expected))
        # Whoever comes after them is answered, so all of them were seen.
        with contextlib.closing(daemon.connect()) as witness:
            assert ask(witness)[0] == 200
        for client, _ in asked:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)
            client.settimeout(PATIENCE)
        daemon.let_in()
        asked[-1][0].sendall(b'"dialect":"duckdb"}')
        assert [client.recv(4096)[:12] for client, _ in asked] == [expected for _, expected in asked]


def test_a_client_that_leaves_early_harms_nobody(tmp_path: Path) -> None:
    with Held(tmp_path).running() as daemon:
        for sent in (b"", b"GET /hea"):
            with socket.create_connection(("127.0.0.1", daemon.port), PATIENCE) as client:
                client.sendall(sent)
        daemon.let_in()
        with contextlib.closing(daemon.connect()) as client:
            assert ask(client)[0] == 200


def test_a_name_that_needs_escapes_is_left_to_the_server(tmp_path: Path) -> None:
    with Held(tmp_path, KTX_DAEMON_INSTANCE='a "b" \\ ü').running() as daemon:
        daemon.let_in()
        with contextlib.closing(daemon.connect()) as client:
            assert '"instance":"a \\"b\\" \\\\ ü"'.encode() in ask(client)[1]
