"""Login to the first server of a URL that accepts a session and has the role that `target_session_attrs` asks for."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator

from pg8000.exceptions import DatabaseError, InterfaceError

from ktx_daemon import request_id
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.target import ServerUrl, Target
from ktx_daemon.warehouses.postgres.server import Server, find_servers, parse_choice
from ktx_daemon.warehouses.postgres.session import Session
from ktx_daemon.warehouses.postgres.wire import BoundedConnection

TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
ANY, PREFER_STANDBY = "any", "prefer-standby"
# The roles that libpq's `target_session_attrs` asks for, by whether the server is a standby, and whether its sessions
# are read-only by default. None of both decides for `any` and the second pass of `prefer-standby`.
ROLES: dict[str, Callable[[bool, bool], bool]] = {
    "read-write": lambda is_standby, is_read_only: not is_standby and not is_read_only,
    "read-only": lambda is_standby, is_read_only: is_standby or is_read_only,
    "primary": lambda is_standby, _: not is_standby,
    "standby": lambda is_standby, _: is_standby,
}
ROLE = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only') = 'on'"
# After another error, such as a wrong password, no other server is tried.
NEXT_SERVER_CODES = ("connection_failed", "connection_timeout", "host_not_found", "tls_failed")

TlsContext = ssl.SSLContext | bool | None


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a read-only transaction."""
    mode = parse_choice(url, "sslmode", TLS_MODES, "prefer")
    role = parse_choice(url, "target_session_attrs", (ANY, *ROLES, PREFER_STANDBY), ANY)
    servers = find_servers(url)
    if role == PREFER_STANDBY:
        candidates = [*((server, "standby") for server in servers), *((server, ANY) for server in servers)]
    else:
        candidates = [(server, role) for server in servers]
    stack, session = _open_first(candidates, mode, url.options, target)
    with stack:
        session.apply_settings()
        yield session


Opened = tuple[contextlib.ExitStack, Session]


def _open_first(candidates: list[tuple[Server, str]], mode: str, options: dict[str, str], target: Target) -> Opened:
    """Open a session with the first server that accepts one and has its role. Raises 400 with the reason of each."""
    deadline = time.monotonic() + target.connection_timeout
    errors: list[BadRequestError] = []
    for number, (server, role) in enumerate(candidates):
        # Servers that do not answer share the timeout.
        seconds = max(deadline - time.monotonic(), 0.1) / (len(candidates) - number)
        try:
            return _open_with_role(server, role, mode, options, target, seconds)
        except BadRequestError as error:
            if error.code not in NEXT_SERVER_CODES or len(candidates) == 1:
                raise
            errors.append(error)
    reasons = "; ".join(dict.fromkeys(error.detail for error in errors))
    raise BadRequestError(errors[-1].code, f"No host of the connection accepts a session: {reasons}", errors[-1].hint)


def _open_with_role(
    server: Server, role: str, mode: str, options: dict[str, str], target: Target, seconds: float
) -> Opened:
    stack, session = _open(server, mode, options, target, seconds)
    if role in ROLES:
        with stack:
            ((is_standby, is_read_only),) = session.query(ROLE)
            if not ROLES[role](is_standby, is_read_only):
                found = "a standby" if is_standby else "read-only" if is_read_only else "a primary"
                raise BadRequestError("connection_failed", f"{server} is {found}, not {role}")
            return stack.pop_all(), session
    return stack, session


def _open(server: Server, mode: str, options: dict[str, str], target: Target, seconds: float) -> Opened:
    attempts = _tls_attempts(server, mode, options)
    for tls in attempts[:-1]:
        try:
            return _log_in(server, tls, target, seconds)
        except BadRequestError as error:
            if error.code not in ("authentication_failed", "tls_failed"):
                raise
    return _log_in(server, attempts[-1], target, seconds)


def _tls_attempts(server: Server, mode: str, options: dict[str, str]) -> list[TlsContext]:
    """Return pg8000's `ssl_context` for each login attempt: False disables TLS, None uses it if it is offered."""
    if server.address.path or mode == "disable":
        return [False]
    if mode == "allow":
        return [False, network.create_tls_context("require", {})]
    if mode == "prefer":
        return [network.create_tls_context("require", options) if network.has_client_certificate(options) else None]
    return [network.create_tls_context(mode, options)]


def _log_in(server: Server, tls: TlsContext, target: Target, seconds: float) -> Opened:
    with contextlib.ExitStack() as stack:
        abortable_socket = stack.enter_context(network.connect(str(server), server.address, seconds))
        timeout_error = network.connection_timeout_error(str(server), seconds)
        with abortable_socket.deadline(seconds, timeout_error):
            connection = _create_connection(server, abortable_socket, tls, seconds)
        stack.callback(_close_quietly, connection)
        session = Session(connection, abortable_socket, server, target.statement_timeout)
        return stack.pop_all(), session


def _create_connection(
    server: Server, abortable_socket: network.AbortableSocket, tls: TlsContext, seconds: float
) -> BoundedConnection:
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
        raise server.explain(error, seconds) from None


def _close_quietly(connection: BoundedConnection) -> None:
    with contextlib.suppress(Exception):
        connection.close()
