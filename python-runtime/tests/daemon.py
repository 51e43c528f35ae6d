"""A daemon under test: a real process, started like by the addon, with a real socket."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WAIT_TIMEOUT = 60  # seconds; exceeding it fails the test
TOKEN = "test-token"
SOURCES = Path(__file__).resolve().parent.parent / "src"


@dataclass
class Response:
    """A response of the daemon."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def clean_environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KTX_")}
    return {**inherited, "PYTHONPATH": str(SOURCES), "PYTHONWARNINGS": "error", **variables}


class Daemon:
    """Starts with inherited socket, life lock and ready pipe on entry, and is killed on exit if it is running.

    `setup` is Python code that runs in its process first, such as shortening a timeout.
    """

    def __init__(
        self,
        token: str | None = TOKEN,
        inherit: bool = True,
        descriptors: int | None = None,
        setup: str | None = None,
        **variables: str,
    ) -> None:
        self.token = token
        self._program = ["-c", f"{setup}\nimport ktx_daemon.cli as cli; cli.main()"] if setup else ["-m", "ktx_daemon"]
        self._limits = ["sh", "-c", f'ulimit -n {descriptors} && exec "$0" "$@"'] if descriptors else []
        self._folder = tempfile.TemporaryDirectory(prefix="ktx-daemon-")
        self.life_file = Path(self._folder.name) / "life.lock"
        self.log = Path(self._folder.name) / "stderr.log"
        self._variables = {**({"KTX_DAEMON_TOKEN": token} if token else {}), **variables}
        self._inherit = inherit
        self.process: subprocess.Popen[bytes]
        self.port = 0
        self.ready: dict[str, Any] = {}

    def __enter__(self) -> Daemon:
        read_end, write_end = os.pipe()
        passed = [write_end]
        variables = {"KTX_DAEMON_READY_FD": str(write_end), **self._variables}
        life = os.open(self.life_file, os.O_RDWR | os.O_CREAT)
        listener = socket.socket()
        if self._inherit:
            fcntl.flock(life, fcntl.LOCK_EX)
            listener.bind(("127.0.0.1", 0))
            listener.listen(16)
            passed += [life, listener.fileno()]
            variables |= {"KTX_DAEMON_LIFE_FD": str(life), "KTX_DAEMON_LISTEN_FD": str(listener.fileno())}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self._limits, sys.executable, *self._program, "serve-http", "--host", "127.0.0.1", "--port", "0"],
                env=clean_environment(**variables),
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        for descriptor in (write_end, life):
            os.close(descriptor)
        listener.close()
        self.ready = json.loads(_read_all(read_end) or "{}")
        assert self.ready, f"the daemon did not start: {self.log.read_text()}"
        self.port = self.ready["port"]
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WAIT_TIMEOUT)
        self._folder.cleanup()

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection, which the caller closes."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_TIMEOUT)

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), WAIT_TIMEOUT)

    def events(self) -> list[dict[str, Any]]:
        """Return the events of the log; every line is a JSON object."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def request(
        self,
        method: str,
        path: str,
        value: Any = None,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        connection: http.client.HTTPConnection | None = None,
    ) -> Response:
        if connection is None:
            with contextlib.closing(self.connect()) as own:
                return self.request(method, path, value, body=body, headers=headers, connection=own)
        if value is not None:
            body = json.dumps(value).encode()
        sent = {"content-type": "application/json"} if body is not None else {}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        connection.request(method, path, body, {**sent, **(headers or {})})
        response = connection.getresponse()
        return Response(response.status, dict(response.getheaders()), response.read())

    def post(self, path: str, value: Any, **options: Any) -> Response:
        return self.request("POST", path, value, **options)

    def post_ok(self, path: str, value: Any) -> Any:
        """Post a value, check for 200 and return the body."""
        answer = self.post(path, value)
        assert answer.status == 200, answer.body.decode()
        return answer.json()

    def post_rejected(self, path: str, value: Any, code: str, status: int = 400) -> str:
        """Post a value, check for an error and return its detail."""
        return error_detail(self.post(path, value), code, status)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(WAIT_TIMEOUT)

    def holds_life_lock(self) -> bool:
        with self.life_file.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False


def error_detail(answer: Response, code: str, status: int = 400) -> str:
    """Check the canonical error body and return its detail."""
    body = answer.json()
    assert (answer.status, body.get("code")) == (status, code), body
    assert set(body) <= {"detail", "code", "hint", "errors", "id"}
    assert answer.headers["content-type"] == "application/json"
    assert body["detail"]
    assert not body["detail"].endswith(".")
    return str(body["detail"])


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition; `what` completes the message of a failure."""
    event = threading.Event()
    for _ in range(WAIT_TIMEOUT * 50):
        if condition():
            return
        event.wait(0.02)
    pytest.fail(f"waited in vain until {what}")


def _read_all(descriptor: int) -> str:
    """Read until the other end is closed, which also detects a daemon that exits early."""
    parts = []
    while True:
        readable, _, _ = select.select([descriptor], [], [], WAIT_TIMEOUT)
        part = os.read(descriptor, 4096) if readable else b""
        if not part:
            os.close(descriptor)
            return b"".join(parts).decode()
        parts.append(part)


def run_command(*arguments: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a one-shot command."""
    return subprocess.run(
        [sys.executable, "-m", "ktx_daemon", *arguments],
        input=stdin,
        capture_output=True,
        env=clean_environment(**variables),
        timeout=WAIT_TIMEOUT,
        check=False,
    )
