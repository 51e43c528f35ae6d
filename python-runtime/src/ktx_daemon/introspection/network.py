"""A connection to a database server with a deadline that holds whether the server sends something or not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError

# How much longer than the server's own statement timeout the client waits before it cuts the connection.
GRACE_SECONDS = 2.0


class Wire:
    """A connected socket, and a second handle on it by which another thread can cut the connection.

    The driver may wrap the socket for TLS and read from it in any way; cutting works all the same.
    """

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._handle = connected.dup()

    def cut(self) -> None:
        """Close the connection now; a pending read or write fails."""
        with contextlib.suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def within(self, seconds: float, late: BadRequestError) -> Iterator[None]:
        """Cut the connection and raise `late` if the block takes longer."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self.cut()

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:
            if expired.is_set():
                raise late from None
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        """Release both handles."""
        self._handle.close()
        self.socket.close()


@contextlib.contextmanager
def connect(server: str, host: str, port: int, path: str | None, timeout: float) -> Iterator[Wire]:
    """Connect over TCP, or to the socket file `path`; a cancelled request cuts the connection."""
    try:
        connected = _connect_file(path, timeout) if path else socket.create_connection((host, port), timeout)
    except OSError as error:
        raise _unreachable(server, host, error, timeout) from None
    connected.settimeout(None)
    wire = Wire(connected)
    try:
        with cancellation.current().interrupting(wire.cut):
            yield wire
    finally:
        wire.close()


def _connect_file(path: str, timeout: float) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("socket files are not available on this system")
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(timeout)
        connected.connect(path)
    except OSError:
        connected.close()
        raise
    return connected


def _unreachable(server: str, host: str, error: OSError, timeout: float) -> BadRequestError:
    if isinstance(error, socket.gaierror):
        return BadRequestError("host_not_found", f"{server} cannot be reached: the host name '{host}' is not known")
    if isinstance(error, TimeoutError):
        return connection_timeout(server, timeout)
    reason = (error.strerror or str(error)).lower()
    return BadRequestError("connection_failed", f"{server} cannot be reached: {reason}")


def connection_timeout(server: str, timeout: float) -> BadRequestError:
    """Build the error of a server that does not complete the connection in time."""
    return BadRequestError("connection_timeout", f"{server} did not accept a session within {timeout:g} s")


def statement_timeout(server: str, timeout: float) -> BadRequestError:
    """Build the error of a query that takes too long."""
    return BadRequestError("statement_timeout", f"{server} did not answer a query within {timeout:g} s")


def tls_context(mode: str, options: dict[str, str]) -> ssl.SSLContext:
    """Make a TLS context for a libpq mode: `require` only encrypts, `verify-ca` and `verify-full` check."""
    root = options.get("sslrootcert") or options.get("ssl-ca") or options.get("ssl_ca")
    verify = mode in ("verify-ca", "verify-full") or (mode == "require" and root is not None)
    try:
        context = ssl.create_default_context(cafile=None if root in (None, "system") else str(Path(root).expanduser()))
        if certificate := options.get("sslcert") or options.get("ssl_cert"):
            context.load_cert_chain(certificate, options.get("sslkey") or options.get("ssl_key"))
    except (OSError, ssl.SSLError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise BadRequestError(
            "tls_failed", f"The TLS certificates of the connection cannot be read: {reason}"
        ) from None
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    return context
