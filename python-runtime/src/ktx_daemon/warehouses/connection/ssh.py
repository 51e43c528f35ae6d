"""Connections through a bastion by the user's own `ssh`, with its configuration, keys and known hosts.

Each connection is a process `ssh -W host:port bastion`, whose standard streams are one end of a pair of sockets; the
driver has the other end. No port is opened, and the process ends with the connection, or with this process, as its
standard input closes.
"""

from __future__ import annotations

import contextlib
import math
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from ktx_daemon.errors import BadRequestError

# A name may not begin with a dash, which would be an option.
_NAME = r"[A-Za-z0-9_.][A-Za-z0-9_.@\\+-]*"
_BASTION = re.compile(
    rf"(?:(?P<user>{_NAME})@)?(?P<host>[A-Za-z0-9_.][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d+))?"
)
_DESTINATION = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*|[0-9A-Fa-f:.]+(?:%\w+)?")
MAX_PORT = 65_535
EXIT_SECONDS = 2.0
# The last line of ssh, after the one with the reason.
FORWARDING_FAILED = "stdio forwarding failed"
# The codes of errors that a connection without a tunnel behind it has.
LOST_CODES = ("connection_failed", "tls_failed")


@dataclass(frozen=True)
class Bastion:
    """The host that ssh connects to, which may be a name of the user's configuration."""

    user: str | None
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Bastion:
        """Parse `[user@]host[:port]`. Raises 400 for what could be an option of ssh."""
        match = _BASTION.fullmatch(text)
        port = int(match["port"]) if match and match["port"] else None
        if match is None or (port is not None and not 1 <= port <= MAX_PORT):
            raise BadRequestError("invalid_url", "ssh_host is not a host of ssh", "Write it like user@host:22")
        return cls(match["user"], match["host"].strip("[]"), port)

    def arguments(self) -> list[str]:
        """Return the arguments of ssh that name the host."""
        port = ["-p", str(self.port)] if self.port else []
        user = ["-l", self.user] if self.user else []
        return [*port, *user, "--", self.host]

    def __str__(self) -> str:
        port = f"-p {self.port} " if self.port else ""
        return f"{port}{self.user}@{self.host}" if self.user else f"{port}{self.host}"


@contextlib.contextmanager
def connect(server: str, bastion: Bastion, host: str, port: int, timeout: float) -> Iterator[socket.socket]:
    """Connect to a host and a port through a bastion, and yield the socket.

    An error of the block that is due to the tunnel is replaced by one with the reason of ssh.
    """
    command = _command(server, bastion, host, port, timeout)
    with tempfile.TemporaryFile() as messages, contextlib.closing(_Tunnel(command, messages)) as tunnel:
        try:
            yield tunnel.socket
        except BadRequestError as error:
            if error.code not in LOST_CODES or (reason := tunnel.failure()) is None:
                raise
            raise _error(server, bastion, reason) from None


def _command(server: str, bastion: Bastion, host: str, port: int, timeout: float) -> list[str]:
    if sys.platform == "win32":
        hint = "Run ssh -L yourself, and use 127.0.0.1 as the host"
        raise BadRequestError("invalid_url", "ssh_host is not available on Windows", hint)
    if not _DESTINATION.fullmatch(host):
        raise BadRequestError("invalid_url", "The host of the database cannot be reached by ssh")
    program = shutil.which("ssh")
    if program is None:
        raise _error(server, bastion, "the program ssh is not installed")
    destination = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # A connection that the user's configuration shares is used; no other one is left behind.
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={math.ceil(timeout)}", "-o", "ControlMaster=no"]
    return [program, *options, "-W", destination, *bastion.arguments()]


def _error(server: str, bastion: Bastion, reason: str) -> BadRequestError:
    detail = f"{server} cannot be reached through ssh {bastion}: {reason}"
    hint = f"Check that this asks no question and succeeds: ssh {bastion} true"
    return BadRequestError("connection_failed", detail, hint)


class _Tunnel:
    """A process of ssh, whose messages are in a file."""

    def __init__(self, command: list[str], messages: IO[bytes]) -> None:
        self._messages = messages
        self.socket, far_end = socket.socketpair()
        with far_end:
            stream = far_end.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - no shell, and no argument that could be an option
                command, stdin=stream, stdout=stream, stderr=messages, start_new_session=True
            )

    def failure(self) -> str | None:
        """Return the reason why ssh has failed; None if it has not."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        try:
            code = self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        self._messages.seek(0)
        lines = self._messages.read().decode(errors="replace").strip().splitlines()
        reasons = [line for line in lines if line.strip() and line.strip() != FORWARDING_FAILED]
        return reasons[-1].strip().rstrip(".") if code and reasons else None

    def close(self) -> None:
        """Close the socket, and end ssh."""
        self.socket.close()
        self._process.terminate()
        try:
            self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
