"""Read-only sessions of MySQL and MariaDB, and the translation of their errors."""

from __future__ import annotations

import contextlib
import getpass
import re
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from ktx_daemon import cancellation, request_id
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.ssh import Bastion
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, display_user
from ktx_daemon.warehouses.mysql.settings import session_settings, set_statement, timeout_setting
from ktx_daemon.warehouses.mysql.wire import BoundedConnection

DEFAULT_PORT = 3306
# libpq's names of MySQL's TLS modes.
TLS_MODES = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}

# Error numbers of both servers and their client library.
ACCESS_DENIED = {1045, 1698, 1130, 1251, 2059}
UNKNOWN_DATABASE = {1049}
NOT_PERMITTED = {1044, 1142, 1143, 1227}
TIMED_OUT = {1969, 3024, 1317}
TLS_FAILED = {2026}
# The mark of OpenSSL for what the server says, such as that it does not trust the client certificate.
TLS_ALERT = "_ALERT_"

# Privileges with effects that a read-only transaction does not prevent.
DANGEROUS_PRIVILEGES = (
    "ALL PRIVILEGES",
    "FILE",
    "SUPER",
    "SHUTDOWN",
    "RELOAD",
    "CREATE USER",
    "SYSTEM_VARIABLES_ADMIN",
    "CONNECTION_ADMIN",
)
GLOBAL_GRANT = re.compile(r"GRANT (.+?) ON \*\.\* TO ")


class Server:
    """The server of a URL; its text in errors never contains the password."""

    def __init__(self, url: ServerUrl) -> None:
        self.host = url.host or "localhost"
        self.port = url.port or DEFAULT_PORT
        self.user = url.user or getpass.getuser()
        self.token = url.token
        self.display_user = display_user(url, self.user)
        self.password = url.password or ""
        self.database = url.database
        self.socket_file = url.options.get("unix_socket") or url.options.get("socket")
        bastion = Bastion.parse(url.options["ssh_host"]) if "ssh_host" in url.options else None
        self.address = network.Address(self.host, self.port, self.socket_file, bastion)
        mode = url.options.get("sslmode") or url.options.get("ssl-mode") or url.options.get("ssl_mode") or "prefer"
        self.tls_mode = TLS_MODES.get(mode.lower(), mode.lower())

    def __str__(self) -> str:
        return f"MySQL at {self.socket_file or f'{self.host}:{self.port}'}/{self.database or ''}"

    def explain(
        self, error: Exception, timeout: float, default_code: ErrorCode = "connection_failed"
    ) -> BadRequestError:
        """Translate a driver's error into an error with a stable code; `default_code` is that of all other errors."""
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        message = redact(str(error.args[-1] if error.args else error), [self.password, self.token])
        if number in ACCESS_DENIED:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.display_user}")
        if number in UNKNOWN_DATABASE:
            return BadRequestError("database_not_found", f"{self} has no database '{self.database}'")
        if number in TIMED_OUT:
            return network.statement_timeout_error(str(self), timeout)
        if number in NOT_PERMITTED:
            return BadRequestError("permission_denied", f"{self} does not let {self.display_user} read: {message}")
        if TLS_ALERT in message:
            return BadRequestError("tls_failed", f"{self} refused the TLS of the connection: {message}")
        if number in TLS_FAILED or isinstance(getattr(error, "original_exception", error), ssl.SSLError):
            return BadRequestError("tls_failed", f"{self} cannot be trusted over TLS: {message}")
        if isinstance(error, RuntimeError):
            hint = "Add ?sslmode=require to the URL if the server offers TLS"
            return BadRequestError("authentication_failed", f"{self} accepts this login only over TLS", hint)
        return BadRequestError(default_code, f"{self} failed: {message}")


class Session:
    """A read-only session; the statement timeout is enforced by the server and by the client."""

    def __init__(
        self, connection: BoundedConnection, abortable_socket: network.AbortableSocket, server: Server, timeout: float
    ) -> None:
        self.connection = connection
        self._abortable_socket = abortable_socket
        self._server = server
        self._timeout = timeout

    def query(self, sql: str, parameters: Sequence[str] = ()) -> Sequence[Any]:
        """Run one query."""
        with self.guard_statement(), self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    @contextlib.contextmanager
    def stream(self, sql: str, parameters: Sequence[str] | None, default_code: ErrorCode) -> Iterator[SSCursor]:
        """Run one query, and yield a cursor that reads its rows as they arrive; the last statement of a session."""
        with self.guard_statement(default_code):
            cursor = SSCursor(self.connection)
            try:
                cursor.execute(sql, parameters)
                yield cursor
            finally:
                # Closing the cursor would read all remaining rows; the session ends here anyway.
                if self.connection._result is not None:
                    self.connection._result.unbuffered_active = False
                cursor.connection = None

    def warnings(self) -> list[str]:
        """Return warnings for privileges of the user that a read-only transaction does not restrict."""
        with contextlib.suppress(BadRequestError):
            grants = [GLOBAL_GRANT.match(text) for (text,) in self.query("SHOW GRANTS")]
            held = {name.strip() for grant in grants if grant for name in grant[1].split(",")}
            if privileges := ", ".join(name for name in DANGEROUS_PRIVILEGES if name in held):
                return [
                    f"The user '{self._server.user}' of MySQL has {privileges}, and a read-only transaction does not "
                    "keep such a user from files and settings of the server: use one that may only read"
                ]
        return []

    @contextlib.contextmanager
    def guard_statement(self, default_code: ErrorCode = "connection_failed") -> Iterator[None]:
        """Guard a block that runs a statement: enforce the timeout, and translate the driver's errors."""
        cancellation.current().check()
        timeout_error = network.statement_timeout_error(str(self._server), self._timeout)
        with self._abortable_socket.deadline(self._timeout + network.GRACE_SECONDS, timeout_error):
            try:
                yield
            except pymysql.MySQLError as error:
                raise self._server.explain(error, self._timeout, default_code) from None

    @property
    def is_mariadb(self) -> bool:
        """Whether the server is MariaDB."""
        return "mariadb" in str(self.connection.get_server_info()).lower()

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the statements that follow."""
        if seconds != self._timeout:
            self._timeout = seconds
            with contextlib.suppress(BadRequestError):  # the client's limit remains
                self.query(f"SET SESSION {timeout_setting(self.is_mariadb, seconds)}")

    def restart(self) -> None:
        """End the transaction with its locks, and begin another one."""
        self.query("ROLLBACK")
        self.query("START TRANSACTION READ ONLY")

    def apply_settings(self) -> None:
        """Make the session read-only, and set the variables that affect parsing, values and time limits."""
        is_mariadb = self.is_mariadb
        settings = session_settings(is_mariadb, self._timeout)
        try:
            self.query(set_statement(*settings.items()))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A compatible server that lacks one of the variables, or a lost connection.
            self.query(set_statement(("sql_mode", settings.pop("sql_mode"))))
            for setting in settings.items():
                with contextlib.suppress(BadRequestError):
                    self.query(set_statement(setting))
        if not is_mariadb:
            with contextlib.suppress(BadRequestError):  # MySQL before 5.7.8 lacks it; the client's limit remains
                self.query(f"SET SESSION {timeout_setting(is_mariadb, self._timeout)}")
        self.query("SET SESSION TRANSACTION READ ONLY")
        self.query("START TRANSACTION READ ONLY")


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a read-only transaction."""
    server = Server(url)
    timeout = target.connection_timeout
    with network.connect(str(server), server.address, timeout) as abortable_socket:
        connection = _log_in(server, url, abortable_socket, timeout)
        try:
            session = Session(connection, abortable_socket, server, target.statement_timeout)
            session.apply_settings()
            yield session
        finally:
            with contextlib.suppress(Exception):
                connection.close()
            if cancellation.current().is_cancelled:
                with contextlib.suppress(BadRequestError, pymysql.MySQLError):
                    _kill_session(server, url, connection.thread_id(), timeout)


def _kill_session(server: Server, url: ServerUrl, thread_id: int, timeout: float) -> None:
    """End a session by a second one, as the server does not notice that the client of a running statement is gone."""
    timeout_error = network.connection_timeout_error(str(server), timeout)
    with (
        cancellation.scope(cancellation.Cancellation()),
        network.connect(str(server), server.address, timeout) as abortable_socket,
        contextlib.closing(_log_in(server, url, abortable_socket, timeout)) as connection,
        abortable_socket.deadline(timeout, timeout_error),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"KILL {thread_id}")


def _log_in(
    server: Server, url: ServerUrl, abortable_socket: network.AbortableSocket, timeout: float
) -> BoundedConnection:
    with abortable_socket.deadline(timeout, network.connection_timeout_error(str(server), timeout)):
        try:
            connection = BoundedConnection(
                user=server.user,
                password=server.password.encode(),  # the driver encodes str as Latin-1
                host=server.host,
                port=server.port,
                database=server.database,
                charset="utf8mb4",
                program_name=request_id.session_name(),
                defer_connect=True,
                is_local=bool(server.socket_file),
                **_tls_arguments(server, url.options),
            )
            connection.connect(abortable_socket.socket)
            return connection
        except (pymysql.MySQLError, OSError, RuntimeError) as error:
            raise server.explain(error, timeout) from None


def _tls_arguments(server: Server, options: dict[str, str]) -> dict[str, Any]:
    """Return PyMySQL's TLS arguments; without any it uses TLS if the server offers it."""
    if server.tls_mode == "disable" or server.socket_file:
        return {"ssl_disabled": True}
    if server.tls_mode in ("prefer", "allow"):
        has_certificate = network.has_client_certificate(options)
        return {"ssl": network.create_tls_context("require", options)} if has_certificate else {}
    if server.tls_mode not in TLS_MODES.values():
        raise BadRequestError("invalid_url", f"ssl-mode must be one of {', '.join(TLS_MODES)}")
    return {"ssl": network.create_tls_context(server.tls_mode, options)}
