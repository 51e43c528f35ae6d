"""Requests as bytes, which HTTP libraries would not send."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from io import BufferedReader

from tests.daemon import TOKEN, Daemon, Response

PATH = "/sql/validate-read-only"
BODY = b'{"sql": "select 1", "dialect": "postgres"}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
BEARER = b"authorization: Bearer " + TOKEN.encode() + b"\r\n"


def request_head(*, token: bool = True, path: str = PATH) -> bytes:
    """Return the start of a request, without further headers, the empty line and the body."""
    lines = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".encode()
    return lines + (BEARER if token else b"")


class Exchange:
    """A connection on which bytes were sent."""

    def __init__(self, answers: BufferedReader) -> None:
        self._answers = answers

    def read_response(self) -> Response:
        """Read the next response, with lower-case header names."""
        status = self._answers.readline().split()
        assert len(status) >= 2, "the daemon closed the connection"
        headers = {}
        while line := self._answers.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip().lower()
        return Response(int(status[1]), headers, self._answers.read(int(headers.get("content-length", 0))))

    def is_closed(self) -> bool:
        """Wait for the end of the connection; False if there is another response first."""
        return self._answers.read(1) == b""


@contextlib.contextmanager
def open_exchange(daemon: Daemon, data: bytes) -> Iterator[Exchange]:
    """Send bytes on a new connection."""
    with daemon.socket() as connection, connection.makefile("rb") as answers:
        connection.sendall(data)
        yield Exchange(answers)


def send_and_read(daemon: Daemon, data: bytes) -> Response:
    """Send bytes on a new connection and read one response."""
    with open_exchange(daemon, data) as connection:
        return connection.read_response()
