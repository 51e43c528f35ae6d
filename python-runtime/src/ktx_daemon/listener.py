"""The listening socket, inherited or bound here. It accepts loopback connections only."""

from __future__ import annotations

import os
import socket

from ktx_daemon.errors import StartupError

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
BACKLOG = 512


def listen(host: str, port: int, listen_fd: int | None) -> socket.socket:
    """Return the inherited socket or a new one. Raises `StartupError` on failure and for other than loopback hosts."""
    if host not in LOOPBACK_HOSTS:
        raise StartupError(f"The daemon listens only on this computer, not on {host}", "--host 127.0.0.1")
    return _bind(host, port) if listen_fd is None else _adopt_inherited(listen_fd)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows the option would let another process bind the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::1" if host == "::1" else "127.0.0.1", port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartupError(f"Cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}") from None
    return listener


def _adopt_inherited(listen_fd: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=listen_fd)
        listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        address = listener.getsockname()[0]
    except OSError as error:
        raise StartupError(f"KTX_DAEMON_LISTEN_FD is not a socket: {error.strerror}") from None
    if not listening or address not in ("127.0.0.1", "::1"):
        raise StartupError("KTX_DAEMON_LISTEN_FD must be a socket that listens on 127.0.0.1")
    return listener
