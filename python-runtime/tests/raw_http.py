"""Requests as bytes, for what no HTTP library would send."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from io import BufferedReader

from tests.daemon import TOKEN, Answer, Daemon

PATH = "/sql/validate-read-only"
BODY = b'{"sql": "select 1", "dialect": "postgres"}'
LENGTH = b"content-length: %d\r\n" % len(BODY)
BEARER = b"authorization: Bearer " + TOKEN.encode() + b"\r\n"


def head(*, token: bool = True, path: str = PATH) -> bytes:
    """Begin a request; further headers, an empty line and the body follow."""
    lines = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".encode()
    return lines + (BEARER if token else b"")


class Exchange:
    """One connection, on which bytes were sent."""

    def __init__(self, answers: BufferedReader) -> None:
        self._answers = answers

    def answer(self) -> Answer:
        """Read the next answer; its headers are in lower case."""
        status = self._answers.readline().split()
        assert len(status) >= 2, "the daemon closed the connection"
        headers = {}
        while line := self._answers.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip().lower()
        return Answer(int(status[1]), headers, self._answers.read(int(headers.get("content-length", 0))))

    def is_closed(self) -> bool:
        """Wait for the end of the connection; false if there is another answer before."""
        return self._answers.read(1) == b""


@contextlib.contextmanager
def exchange(daemon: Daemon, data: bytes) -> Iterator[Exchange]:
    """Send bytes on a connection of their own."""
    with daemon.socket() as connection, connection.makefile("rb") as answers:
        connection.sendall(data)
        yield Exchange(answers)


def answer_to(daemon: Daemon, data: bytes) -> Answer:
    """Send bytes, and read one answer."""
    with exchange(daemon, data) as connection:
        return connection.answer()
