"""`/health` while the daemon is still being imported.

Importing takes five times as long as starting Python; who only asks how the daemon is need not wait for it. The socket
listens from before the process exists, so between two modules this looks whether somebody asks: as a finder of modules
that finds none. That needs no thread, which would have to wrest the interpreter from the import each time. Whatever is
not plainly a question for `/health` waits for the real server, with all that was received of it.

This file, and what it imports, stays small: no `typing`, no `re`.
"""

from __future__ import annotations

import socket
import sys

from ktx_daemon.environment import greeting
from ktx_daemon.health import health

MAX_HEAD_BYTES = 16 * 1024
# More of them wait to be accepted: descriptors are needed to import.
MAX_CONNECTIONS = 64
_END = b"\r\n\r\n"
# Of requests with any other header the real server knows what to do.
_PLAIN_HEADERS = {b"host", b"accept", b"accept-encoding", b"accept-language", b"user-agent", b"sec-fetch-mode"}


class Greeter:
    """Answers on a listening socket whenever a module is imported, until `leave`."""

    def __init__(self, listener: socket.socket, body: bytes) -> None:
        self._listener = listener
        self._hosts = tuple(b"%s:%d" % (name, listener.getsockname()[1]) for name in (b"127.0.0.1", b"localhost"))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self._answer = head + body
        self._received: dict[socket.socket, bytes] = {}
        listener.setblocking(False)
        sys.meta_path.insert(0, self)

    def find_spec(self, *_: object) -> None:
        """Look for questions, not for the module: the finders behind this one do that."""
        try:
            while len(self._received) < MAX_CONNECTIONS:
                connection, _address = self._listener.accept()
                connection.setblocking(False)
                self._received[connection] = b""
        except OSError:
            pass  # nobody else
        for connection in list(self._received):
            self._hear(connection)

    def leave(self) -> dict[socket.socket, bytes]:
        """Stop, and give the open connections, each with what was received and not answered."""
        sys.meta_path.remove(self)
        self._listener.detach()
        return self._received

    def _hear(self, connection: socket.socket) -> None:
        received = self._received[connection]
        if _END in received or len(received) > MAX_HEAD_BYTES:
            return
        try:
            more = connection.recv(MAX_HEAD_BYTES)
            head, end, rest = (received + more).partition(_END)
            if end and self._is_health(head):
                connection.sendall(self._answer)
                self._received[connection] = rest
            elif more:
                self._received[connection] = received + more
            else:
                raise ConnectionResetError
        except BlockingIOError:
            pass  # nothing new
        except OSError:
            del self._received[connection]
            connection.close()

    def _is_health(self, head: bytes) -> bool:
        first, *lines = head.split(b"\r\n")
        if first != b"GET /health HTTP/1.1":
            return False
        hosts = 0
        for line in lines:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip().lower()
            if name == b"host" and value in self._hosts:
                hosts += 1
            elif name not in _PLAIN_HEADERS and (name, value) != (b"connection", b"keep-alive"):
                return False
        return hosts == 1


def greet() -> Greeter | None:
    """Begin to answer, if this is a daemon that was given its socket and its name."""
    given = greeting()
    if given is None:
        return None
    version, instance, descriptor = given
    try:
        body = _json(health(version, instance)).encode()
        return Greeter(socket.socket(fileno=descriptor), body)
    except (ValueError, OverflowError, OSError):
        return None  # whatever is wrong with it will be said by who needs it


def _json(value: object) -> str:
    """Encode texts that need no escape, in lists and dictionaries; raises `ValueError` for others."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    text = str(value)
    if not (text.isascii() and text.isprintable()) or '"' in text or "\\" in text:
        raise ValueError(text)
    return f'"{text}"'
