"""Connections to database servers with deadlines that hold for silent and for slow servers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.timers import calling_after
from ktx_daemon.warehouses.connection import ssh

# The time after the server's statement timeout until the client aborts the connection.
GRACE_SECONDS = 2.0


class Abortable(ABC):
    """A connection that another thread can abort."""

    @abstractmethod
    def abort(self) -> None:
        """Shut the connection down without blocking; a pending read or write fails."""

    @contextlib.contextmanager
    def deadline(self, seconds: float, timeout_error: BadRequestError) -> Iterator[None]:
        """Abort the connection and raise `timeout_error` if the block takes longer than `seconds`."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self.abort()

        try:
            with calling_after(seconds, expire):
                yield
        except Exception:
            if expired.is_set():
                raise timeout_error from None
            raise


class AbortableSocket(Abortable):
    """A connected socket with a duplicate handle, through which another thread can abort the connection.

    This works even if the driver wraps the socket for TLS.
    """

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._handle = connected.dup()

    def abort(self) -> None:
        """Shut the connection down; a pending read or write fails."""
        with contextlib.suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def close_handle(self) -> None:
        """Close the duplicate handle."""
        self._handle.close()

    def close(self) -> None:
        """Close both handles."""
        self._handle.close()
        self.socket.close()


class AbortableSockets(Abortable):
    """The sockets of a driver that opens its connections itself; after an abort, it cannot open more of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[AbortableSocket] = []
        self.is_aborted = False

    def add(self, connected: socket.socket) -> socket.socket:
        """Register a connected socket, which the driver closes, and return it. Raises OSError after an abort."""
        with self._lock:
            if self.is_aborted:
                connected.close()
                raise ConnectionAbortedError("the connection was aborted")
            self._sockets.append(AbortableSocket(connected))
        return connected

    def abort(self) -> None:
        """Shut all connections down."""
        with self._lock:
            self.is_aborted = True
            for each in self._sockets:
                each.abort()

    def close(self) -> None:
        """Close the duplicate handles."""
        with self._lock:
            for each in self._sockets:
                each.close_handle()
            self._sockets.clear()


@dataclass(frozen=True)
class Address:
    """Where a server is: a host and a port, behind a bastion if there is one, or the Unix socket `path`."""

    host: str
    port: int
    path: str | None = None
    bastion: ssh.Bastion | None = None


@contextlib.contextmanager
def connect(server: str, address: Address, timeout: float) -> Iterator[AbortableSocket]:
    """Connect to an address; the cancellation of the request aborts the connection."""
    with _open(server, address, timeout) as connected:
        connected.settimeout(None)
        abortable_socket = AbortableSocket(connected)
        try:
            with cancellation.current().interrupting(abortable_socket.abort):
                yield abortable_socket
        finally:
            abortable_socket.close()


def _open(server: str, address: Address, timeout: float) -> contextlib.AbstractContextManager[socket.socket]:
    if address.bastion:
        if address.path:
            raise BadRequestError("invalid_url", "ssh_host does not reach a Unix socket", "Remove one of them")
        return ssh.connect(server, address.bastion, address.host, address.port, timeout)
    try:
        if address.path:
            return _connect_unix_socket(address.path, timeout)
        return socket.create_connection((address.host, address.port), timeout)
    except OSError as error:
        raise _connection_error(server, address.host, error, timeout) from None


def _connect_unix_socket(path: str, timeout: float) -> socket.socket:
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


def _connection_error(server: str, host: str, error: OSError, timeout: float) -> BadRequestError:
    if isinstance(error, socket.gaierror):
        return BadRequestError("host_not_found", f"{server} cannot be reached: the host name '{host}' is not known")
    if isinstance(error, TimeoutError):
        return connection_timeout_error(server, timeout)
    reason = (error.strerror or str(error)).lower()
    return BadRequestError("connection_failed", f"{server} cannot be reached: {reason}")


def connection_timeout_error(server: str, timeout: float) -> BadRequestError:
    """Return the error for a server that does not complete the connection in time."""
    return BadRequestError("connection_timeout", f"{server} did not accept a session within {timeout:g} s")


def statement_timeout_error(server: str, timeout: float) -> BadRequestError:
    """Return the error for a query that exceeds its timeout."""
    return BadRequestError("statement_timeout", f"{server} did not answer a query within {timeout:g} s")


def create_tls_context(mode: str, options: dict[str, str]) -> ssl.SSLContext:
    """Return a TLS context for a libpq mode: `require` only encrypts, `verify-ca` and `verify-full` verify.

    `options` are those of a URL, by the names of libpq or of MySQL's client: `sslcert`, `ssl-cert` or `ssl_cert`.
    """
    root, certificate, key = (_tls_option(options, name) for name in ("sslrootcert", "sslcert", "sslkey"))
    verify = mode in ("verify-ca", "verify-full") or (mode == "require" and root is not None)
    try:
        context = ssl.create_default_context(cafile=_expand(root) if root and root != "system" else None)
        if certificate:
            # Without a password, OpenSSL would ask for the one of an encrypted key on the terminal.
            context.load_cert_chain(_expand(certificate), _expand(key or certificate), options.get("sslpassword", ""))
    except (OSError, ssl.SSLError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise BadRequestError(
            "tls_failed", f"The TLS certificates of the connection cannot be read: {reason}"
        ) from None
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    return context


def has_client_certificate(options: dict[str, str]) -> bool:
    """Return whether the options of a URL name a client certificate, which implies the mode `require`."""
    return _tls_option(options, "sslcert") is not None


def _tls_option(options: dict[str, str], name: str) -> str | None:
    """Return an option by libpq's name, or by that of MySQL's client, which has `ssl-ca` in place of `sslrootcert`."""
    word = "ca" if name == "sslrootcert" else name.removeprefix("ssl")
    found = [options[key] for key in (name, f"ssl-{word}", f"ssl_{word}") if options.get(key)]
    return found[0] if found else None


def _expand(path: str) -> str:
    return str(Path(path).expanduser())
