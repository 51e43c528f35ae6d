"""Read-only sessions of PostgreSQL: login, settings, timeouts and error translation."""

from __future__ import annotations

import contextlib
import getpass
import ssl
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError

from ktx_daemon import cancellation, request_id
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import MASK, redact
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, display_user
from ktx_daemon.warehouses.postgres.login import CHANNEL_BINDINGS, NO_CHANNEL_BINDING
from ktx_daemon.warehouses.postgres.settings import (
    BEGIN,
    CONNECTION_CHECK,
    OPTIONAL,
    REQUIRED,
    SEARCH_PATH,
    timeout_statements,
)
from ktx_daemon.warehouses.postgres.wire import BoundedConnection

DEFAULT_PORT = 5432
# Roles with privileges that a read-only transaction does not restrict.
DANGEROUS_ROLES = ("pg_write_server_files", "pg_execute_server_program", "pg_read_server_files")
TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
NO_EXTRA_CODES: Mapping[str, ErrorCode] = MappingProxyType({})

DANGEROUS_ROLES_OF_USER = """
    SELECT r.rolname FROM pg_catalog.pg_roles AS r
    WHERE (r.rolsuper AND r.rolname = current_user)
        OR (r.rolname = ANY(CAST(:roles AS text[])) AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER'))
"""


class Session:
    """A read-only session; the statement timeout is enforced by the server and by the client."""

    def __init__(
        self, connection: BoundedConnection, abortable_socket: network.AbortableSocket, server: Server, timeout: float
    ) -> None:
        self.connection = connection
        self._abortable_socket = abortable_socket
        self._server = server
        self._timeout = timeout
        self.database = server.database

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        """Run one query."""
        with self.guard_statement():
            return list(self.connection.run(sql, **parameters) or [])

    def warnings(self) -> list[str]:
        """Return warnings for privileges of the user that a read-only transaction does not restrict.

        Must be the last query of a session, as an error aborts the transaction.
        """
        with contextlib.suppress(BadRequestError):  # compatible servers may not have roles
            return _privilege_warnings(
                self._server.user,
                [name for (name,) in self.query(DANGEROUS_ROLES_OF_USER, roles=list(DANGEROUS_ROLES))],
            )
        return []

    @contextlib.contextmanager
    def guard_statement(
        self, default_code: ErrorCode = "connection_failed", codes: Mapping[str, ErrorCode] = NO_EXTRA_CODES
    ) -> Iterator[None]:
        """Guard a block that runs a statement: enforce the timeout, and translate the driver's errors.

        `codes` are error codes by SQLSTATE, `default_code` is that of all other errors.
        """
        cancellation.current().check()
        timeout_error = network.statement_timeout_error(str(self._server), self._timeout)
        with self._abortable_socket.deadline(self._timeout + network.GRACE_SECONDS, timeout_error):
            try:
                yield
            except (DatabaseError, InterfaceError) as error:
                code = codes.get(sqlstate(error), default_code)
                raise self._server.explain(error, self._timeout, code) from None

    def apply_settings(self) -> None:
        """Apply the session settings and begin a read-only transaction."""
        limits = timeout_statements(self._timeout)
        try:
            self._retry_timeouts("; ".join((*limits, *REQUIRED, *OPTIONAL, *CONNECTION_CHECK, *SEARCH_PATH, *BEGIN)))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A compatible server that lacks one of the settings, or a lost connection.
            for statement in limits:
                with contextlib.suppress(BadRequestError):
                    self._retry_timeouts(statement)
            self.query("; ".join(REQUIRED))
            for statement in (*OPTIONAL, *CONNECTION_CHECK, *SEARCH_PATH):
                with contextlib.suppress(BadRequestError):
                    self.query(statement)
            self.query("; ".join(BEGIN))

    def _retry_timeouts(self, statements: str) -> None:
        """Run statements of which the first sets the timeout; until then that of the role applies, possibly 1 ms."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                self.query(statements)
                return
            except BadRequestError as error:
                if error.code != "statement_timeout" or time.monotonic() >= deadline:
                    raise


class Server:
    """The server of a URL; its text in errors never contains the password."""

    def __init__(self, url: ServerUrl) -> None:
        self.host = url.options.get("host") or url.host or "localhost"
        self.port = url.port or _parse_port(url.options.get("port"))
        self.user = url.user or url.options.get("user") or getpass.getuser()
        self.token = url.token
        self.display_user = display_user(url, self.user)
        self.password = url.password or url.options.get("password")
        self.database = url.database or url.options.get("dbname") or self.user
        self._display_database = MASK if self.database == self.token else self.database
        self.channel_binding = _parse_choice(url, "channel_binding", CHANNEL_BINDINGS)
        self.startup = {"options": url.options["options"]} if "options" in url.options else {}
        self.socket_file = f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    def __str__(self) -> str:
        return f"PostgreSQL at {self.host}:{self.port}/{self._display_database}"

    def explain(
        self, error: Exception, timeout: float, default_code: ErrorCode = "connection_failed"
    ) -> BadRequestError:
        """Translate a driver's error into an error with a stable code; `default_code` is that of all other errors."""
        message = redact(str(_error_fields(error).get("M") or error), [self.password, self.token])
        state = sqlstate(error)
        if state.startswith("28") or "password authentication" in message or "no password" in message:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.display_user}")
        if state == "3D000":
            return BadRequestError("database_not_found", f"{self} has no database '{self._display_database}'")
        if state == "57014":
            return network.statement_timeout_error(str(self), timeout)
        if state == "42501":
            return BadRequestError("permission_denied", f"{self} does not let {self.display_user} read: {message}")
        if NO_CHANNEL_BINDING in message:
            detail = f"{self} does not offer channel binding, which channel_binding requires"
            return BadRequestError("tls_failed", detail)
        if "refuses SSL" in message:
            return BadRequestError("tls_failed", f"{self} does not offer TLS, which sslmode requires")
        if message == "network error":  # the driver's message for a lost connection
            message = "the connection was lost"
        return BadRequestError(default_code, f"{self} failed: {message}")


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a read-only transaction."""
    server = Server(url)
    mode = _parse_choice(url, "sslmode", TLS_MODES)
    with contextlib.ExitStack() as stack:
        attempts = _tls_attempts(server, mode, url.options)
        for number, tls in enumerate(attempts, 1):
            try:
                abortable_socket = stack.enter_context(_connect(server, target))
                connection = _log_in(server, abortable_socket, tls, target)
                break
            except BadRequestError as error:
                if number == len(attempts) or error.code not in ("authentication_failed", "tls_failed"):
                    raise
        stack.callback(_close_quietly, connection)
        session = Session(connection, abortable_socket, server, target.statement_timeout)
        session.apply_settings()
        yield session


def _connect(server: Server, target: Target) -> contextlib.AbstractContextManager[network.AbortableSocket]:
    timeout = target.connection_timeout
    return network.connect(str(server), server.host, server.port, server.socket_file, timeout)


def _tls_attempts(server: Server, mode: str, options: dict[str, str]) -> list[ssl.SSLContext | bool | None]:
    """Return pg8000's `ssl_context` for each login attempt: False disables TLS, None uses it if it is offered."""
    if server.socket_file or mode == "disable":
        return [False]
    if mode == "allow":
        return [False, network.create_tls_context("require", {})]
    return [None] if mode == "prefer" else [network.create_tls_context(mode, options)]


def _log_in(
    server: Server, abortable_socket: network.AbortableSocket, tls: ssl.SSLContext | bool | None, target: Target
) -> BoundedConnection:
    timeout_error = network.connection_timeout_error(str(server), target.connection_timeout)
    with abortable_socket.deadline(target.connection_timeout, timeout_error):
        try:
            return BoundedConnection(
                server.user,
                host=server.host,
                database=server.database,
                port=server.port,
                password=server.password or "",  # the driver requires one
                ssl_context=tls,
                application_name=request_id.session_name(),
                startup_params=server.startup,
                channel_binding=server.channel_binding,
                sock=abortable_socket.socket,
            )
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            raise BadRequestError("tls_failed", f"{server} cannot be trusted over TLS: {reason.rstrip('.')}") from None
        except (DatabaseError, InterfaceError, OSError, UnicodeError) as error:
            raise server.explain(error, target.connection_timeout) from None


def _close_quietly(connection: BoundedConnection) -> None:
    with contextlib.suppress(Exception):
        connection.close()


def _privilege_warnings(user: str, held: list[str]) -> list[str]:
    roles = [name for name in DANGEROUS_ROLES if name in held]
    if set(held) - set(roles):
        what = "is a superuser"
    elif roles:
        what = f"is a member of {', '.join(roles)}"
    else:
        return []
    return [
        f"The user '{user}' of PostgreSQL {what}, and a read-only transaction does not keep such a user from files and "
        "programs of the server: use one that may only read"
    ]


def sqlstate(error: Exception) -> str:
    """Return the SQLSTATE of a server's error, empty for other errors."""
    return str(_error_fields(error).get("C", ""))


def _error_fields(error: Exception) -> dict[str, str]:
    return error.args[0] if error.args and isinstance(error.args[0], dict) else {}


def _parse_choice(url: ServerUrl, name: str, choices: tuple[str, ...]) -> str:
    """Return an option of the URL, by default `prefer`. Raises 400 that lists the choices."""
    value = url.options.get(name, "prefer")
    if value not in choices:
        raise BadRequestError("invalid_url", f"{name} must be one of {', '.join(choices)}, not '{value}'")
    return value


def _parse_port(text: str | None) -> int:
    return int(text) if text and text.isdigit() else DEFAULT_PORT
