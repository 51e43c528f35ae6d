"""A session of PostgreSQL that only reads: logging in, its rules, its time limits and its errors."""

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
from ktx_daemon.introspection import network
from ktx_daemon.introspection.postgres_login import CHANNEL_BINDINGS, NOT_BOUND
from ktx_daemon.introspection.postgres_rules import BEGIN, OPTIONAL, REQUIRED, SEARCH_PATH, timeouts
from ktx_daemon.introspection.postgres_wire import BoundedConnection
from ktx_daemon.introspection.target import ServerUrl, Target, shown_user
from ktx_daemon.redaction import MASK, redact

DEFAULT_PORT = 5432
# Roles whose members reach what no transaction protects.
POWERFUL_ROLES = ("pg_write_server_files", "pg_execute_server_program", "pg_read_server_files")
TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
NO_CODES: Mapping[str, ErrorCode] = MappingProxyType({})

POWERS = """
    SELECT r.rolname FROM pg_catalog.pg_roles AS r
    WHERE (r.rolsuper AND r.rolname = current_user)
        OR (r.rolname = ANY(CAST(:roles AS text[])) AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER'))
"""


class Session:
    """A read-only session; every query keeps the statement timeout, on the server and here."""

    def __init__(self, connection: BoundedConnection, wire: network.Wire, server: Server, timeout: float) -> None:
        self.connection = connection
        self._wire = wire
        self._server = server
        self._timeout = timeout
        self.database = server.database

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        """Run one query."""
        with self.asking():
            return list(self.connection.run(sql, **parameters) or [])

    def warnings(self) -> list[str]:
        """Say which rights of the user a read-only transaction does not stop; the last query of a session."""
        with contextlib.suppress(BadRequestError):  # relatives of PostgreSQL may know nothing of roles
            return _warnings(self._server.user, [name for (name,) in self.query(POWERS, roles=list(POWERFUL_ROLES))])
        return []

    @contextlib.contextmanager
    def asking(
        self, otherwise: ErrorCode = "connection_failed", codes: Mapping[str, ErrorCode] = NO_CODES
    ) -> Iterator[None]:
        """While the block asks the server, keep the time limit; the driver's errors become ours.

        `codes` are codes of errors by SQLSTATE, `otherwise` is that of all the rest.
        """
        cancellation.current().check()
        late = network.statement_timeout(str(self._server), self._timeout)
        with self._wire.within(self._timeout + network.GRACE_SECONDS, late):
            try:
                yield
            except (DatabaseError, InterfaceError) as error:
                code = codes.get(sqlstate(error), otherwise)
                raise self._server.explain(error, self._timeout, code) from None

    def fix_rules(self) -> None:
        """Begin a transaction that cannot write, and set what decides how the server reads a query in it."""
        limits = timeouts(self._timeout)
        try:
            self._retry_timeouts("; ".join((*limits, *REQUIRED, *OPTIONAL, *SEARCH_PATH, *BEGIN)))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A relative of PostgreSQL that does not know one of the settings, or that has no server behind it any more.
            for statement in limits:
                with contextlib.suppress(BadRequestError):
                    self._retry_timeouts(statement)
            self.query("; ".join(REQUIRED))
            for statement in (*OPTIONAL, *SEARCH_PATH):
                with contextlib.suppress(BadRequestError):
                    self.query(statement)
            self.query("; ".join(BEGIN))

    def _retry_timeouts(self, statements: str) -> None:
        """Run statements of which the first sets our timeout: until then that of the role holds, which may be 1 ms."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                self.query(statements)
                return
            except BadRequestError as error:
                if error.code != "statement_timeout" or time.monotonic() >= deadline:
                    raise


class Server:
    """Where the URL leads, as errors name it: never with the password."""

    def __init__(self, url: ServerUrl) -> None:
        self.host = url.options.get("host") or url.host or "localhost"
        self.port = url.port or _port(url.options.get("port"))
        self.user = url.user or url.options.get("user") or getpass.getuser()
        self.token = url.token
        self.shown_user = shown_user(url, self.user)
        self.password = url.password or url.options.get("password")
        self.database = url.database or url.options.get("dbname") or self.user
        self._shown_database = MASK if self.database == self.token else self.database
        self.channel_binding = _choice(url, "channel_binding", CHANNEL_BINDINGS)
        self.startup = {"options": url.options["options"]} if "options" in url.options else {}
        self.socket_file = f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    def __str__(self) -> str:
        return f"PostgreSQL at {self.host}:{self.port}/{self._shown_database}"

    def explain(self, error: Exception, timeout: float, otherwise: ErrorCode = "connection_failed") -> BadRequestError:
        """Turn a driver's error into a sentence with a stable code; `otherwise` is that of all the rest."""
        message = redact(str(_fields(error).get("M") or error), [self.password, self.token])
        state = sqlstate(error)
        if state.startswith("28") or "password authentication" in message or "no password" in message:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.shown_user}")
        if state == "3D000":
            return BadRequestError("database_not_found", f"{self} has no database '{self._shown_database}'")
        if state == "57014":
            return network.statement_timeout(str(self), timeout)
        if state == "42501":
            return BadRequestError("permission_denied", f"{self} does not let {self.shown_user} read: {message}")
        if NOT_BOUND in message:
            detail = f"{self} does not offer channel binding, and channel_binding asks for it"
            return BadRequestError("tls_failed", detail)
        if "refuses SSL" in message:
            return BadRequestError("tls_failed", f"{self} does not offer TLS, and sslmode asks for it")
        if message == "network error":  # the only message of the driver for a lost server
            message = "the connection was lost"
        return BadRequestError(otherwise, f"{self} failed: {message}")


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a transaction that cannot write."""
    server = Server(url)
    mode = _choice(url, "sslmode", TLS_MODES)
    with contextlib.ExitStack() as stack:
        attempts = _tls_attempts(server, mode, url.options)
        for number, tls in enumerate(attempts, 1):
            try:
                wire = stack.enter_context(_wire(server, target))
                connection = _log_in(server, wire, tls, target)
                break
            except BadRequestError as error:
                if number == len(attempts) or error.code not in ("authentication_failed", "tls_failed"):
                    raise
        stack.callback(_quietly_close, connection)
        session = Session(connection, wire, server, target.statement_timeout)
        session.fix_rules()
        yield session


def _wire(server: Server, target: Target) -> contextlib.AbstractContextManager[network.Wire]:
    timeout = target.connection_timeout
    return network.connect(str(server), server.host, server.port, server.socket_file, timeout)


def _tls_attempts(server: Server, mode: str, options: dict[str, str]) -> list[ssl.SSLContext | bool | None]:
    """Give pg8000's `ssl_context` of each attempt: False is without TLS, None is with TLS if the server offers it."""
    if server.socket_file or mode == "disable":
        return [False]
    if mode == "allow":
        return [False, network.tls_context("require", {})]
    return [None] if mode == "prefer" else [network.tls_context(mode, options)]


def _log_in(server: Server, wire: network.Wire, tls: ssl.SSLContext | bool | None, target: Target) -> BoundedConnection:
    late = network.connection_timeout(str(server), target.connection_timeout)
    with wire.within(target.connection_timeout, late):
        try:
            return BoundedConnection(
                server.user,
                host=server.host,
                database=server.database,
                port=server.port,
                password=server.password or "",  # the driver cannot answer without one
                ssl_context=tls,
                application_name=request_id.session_name(),
                startup_params=server.startup,
                channel_binding=server.channel_binding,
                sock=wire.socket,
            )
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            raise BadRequestError("tls_failed", f"{server} cannot be trusted over TLS: {reason.rstrip('.')}") from None
        except (DatabaseError, InterfaceError, OSError, UnicodeError) as error:
            raise server.explain(error, target.connection_timeout) from None


def _quietly_close(connection: BoundedConnection) -> None:
    with contextlib.suppress(Exception):
        connection.close()


def _warnings(user: str, powers: list[str]) -> list[str]:
    roles = [name for name in POWERFUL_ROLES if name in powers]
    if set(powers) - set(roles):
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
    """Give the server's code of an error, empty where it is not the server's."""
    return str(_fields(error).get("C", ""))


def _fields(error: Exception) -> dict[str, str]:
    return error.args[0] if error.args and isinstance(error.args[0], dict) else {}


def _choice(url: ServerUrl, name: str, choices: tuple[str, ...]) -> str:
    """Give the value of an option of the URL, `prefer` where it has none. Raises 400 that lists the choices."""
    value = url.options.get(name, "prefer")
    if value not in choices:
        raise BadRequestError("invalid_url", f"{name} must be one of {', '.join(choices)}, not '{value}'")
    return value


def _port(text: str | None) -> int:
    return int(text) if text and text.isdigit() else DEFAULT_PORT
