"""Sessions of the Thrift server."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator, Sequence
from typing import Any

from thrift.transport.TTransport import TTransportException

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import ResultColumn
from ktx_daemon.warehouses.spark import settings, statements
from ktx_daemon.warehouses.spark.dialer import Dialer
from ktx_daemon.warehouses.spark.errors import ServerError, WrongProtocolError, explain
from ktx_daemon.warehouses.spark.server import PLAIN_LOGINS, Server
from ktx_daemon.warehouses.spark.session import Result, Session
from ktx_daemon.warehouses.spark.thrift_wire import messages
from ktx_daemon.warehouses.spark.thrift_wire.client import Client, Operation, open_session
from ktx_daemon.warehouses.spark.thrift_wire.transport import open_transport
from ktx_daemon.warehouses.spark.types import SparkType, parse_type
from ktx_daemon.warehouses.spark.values import decode_text, make_converter

CANCEL_TIMEOUT = 5.0
# Classes of SQLSTATE: syntax error or access rule violation, and feature not supported.
ANALYSIS_STATES = ("42", "0A")


class ThriftSession(Session):
    """A session on one connection; a second connection cancels its statement if this one was aborted."""

    grace = network.GRACE_SECONDS

    def __init__(self, server: Server, dialer: Dialer, client: Client, timeout: float) -> None:
        super().__init__(server, dialer, timeout)
        self._dialer = dialer
        self._client = client
        self._handle: Any = None
        self._operation: Operation | None = None

    def open(self) -> None:
        """Open the session, which may start an engine. Raises 400."""
        server = self.server
        timeout_error = BadRequestError(
            "connection_timeout",
            f"{server} did not open a session within {self._timeout:g} s",
            "If its cluster is starting, try again later",
        )
        try:
            with self._dialer.deadline(self._timeout, timeout_error):
                self._handle = open_session(self._client, server.user)
        except (TTransportException, EOFError, OSError):
            cancellation.current().check()
            raise wrong_login(server) from None

    def query(self, sql: str, code: ErrorCode = "connection_failed") -> Sequence[Sequence[Any]]:
        """Run a statement of KTX and return its rows; texts are decoded."""
        with self.guard_statement(code), self._run(sql) as operation:
            return [[_decode(value) for value in row] for row in _raw_rows(operation)]

    @contextlib.contextmanager
    def stream(self, sql: str, rows: int) -> Iterator[Result]:
        """Run a checked statement of a user, limited to `rows` rows if it is a query."""
        with self.guard_statement("query_failed"):
            columns = self._describe(sql)
            text = sql if columns is None else statements.limit_query(sql, columns, rows)
            with self._run(text) as operation:
                if columns is None:
                    columns = [(name, parse_type(kind)) for name, kind in operation.columns()]
                yield [ResultColumn(name, kind.text) for name, kind in columns], _rows(operation, columns)

    def _describe(self, sql: str) -> list[tuple[str, SparkType]] | None:
        """Return the columns of a query; None for another statement, or one whose analysis fails."""
        try:
            with self._run(statements.describe_query(sql)) as operation:
                return [(_decode(name), parse_type(_decode(kind))) for name, kind, _ in _raw_rows(operation)]
        except ServerError as error:
            if error.sql_state and not error.sql_state.startswith(ANALYSIS_STATES):
                raise
            return None  # the statement itself has the better error

    @contextlib.contextmanager
    def _run(self, sql: str) -> Iterator[Operation]:
        request = messages.ExecuteStatement(
            sessionHandle=self._handle,
            statement=settings.with_tag(sql),
            runAsync=True,
            queryTimeout=max(1, math.ceil(self._timeout)),
        )
        response = self._client.call("ExecuteStatement", request)
        self._operation = Operation(self._client, response.operationHandle)
        self._operation.wait()
        yield self._operation
        self._operation.close()
        self._operation = None

    def cancel(self) -> None:
        """Cancel the statement; by a new connection if this one was aborted, whose session is closed, too."""
        operation, self._operation = self._operation, None
        if operation is None and not self._dialer.is_aborted:
            return
        if operation is not None and not self._dialer.is_aborted:
            # A cancellation may abort the connection at any time.
            with contextlib.suppress(Exception):
                operation.close()
                return
        with contextlib.suppress(Exception):
            timeout_error = network.statement_timeout_error(str(self.server), CANCEL_TIMEOUT)
            # The cancellation of the request would end this connection, too.
            with (
                cancellation.scope(cancellation.Cancellation()),
                connect(self.server, CANCEL_TIMEOUT) as (dialer, client),
                dialer.deadline(CANCEL_TIMEOUT, timeout_error),
            ):
                if operation is not None:
                    Operation(client, operation.handle).cancel()
                client.call("CloseSession", messages.SessionRequest(sessionHandle=self._handle))

    def close(self) -> None:
        """Close the session. Never raises."""
        if not self._dialer.is_aborted:
            timeout_error = network.statement_timeout_error(str(self.server), CANCEL_TIMEOUT)
            with contextlib.suppress(Exception), self._dialer.deadline(CANCEL_TIMEOUT, timeout_error):
                self._client.call("CloseSession", messages.SessionRequest(sessionHandle=self._handle))


def _decode(value: Any) -> Any:
    return decode_text(value) if isinstance(value, bytes) else value


def _raw_rows(operation: Operation) -> Iterator[Sequence[Any]]:
    for batch in operation.batches():
        yield from zip(*batch, strict=True)


def _rows(operation: Operation, columns: statements.Columns) -> Iterator[list[Any]]:
    converters = [make_converter(kind) for _, kind in columns]
    for batch in operation.batches():
        pairs = zip(converters, batch, strict=True)
        yield from map(list, zip(*([read(value) for value in values] for read, values in pairs), strict=True))


@contextlib.contextmanager
def open_thrift_session(target: Target, server: Server) -> Iterator[ThriftSession]:
    """Connect, log in, and open a session."""
    logging.getLogger("thrift").setLevel(logging.CRITICAL)  # errors are raised, too
    try:
        with connect(server, target.connection_timeout) as (dialer, client):
            session = ThriftSession(server, dialer, client, target.statement_timeout)
            session.open()
            try:
                yield session
            finally:
                session.close()
    except (BadRequestError, cancellation.CancelledWorkError):
        raise
    except Exception as error:
        cancellation.current().check()
        raise explain(error, server, target.connection_timeout, "connection_failed") from None


@contextlib.contextmanager
def connect(server: Server, timeout: float) -> Iterator[tuple[Dialer, Client]]:
    """Connect and log in within the timeout."""
    hint = "If the server has hive.server2.authentication = NOSASL, set auth: NOSASL" if _uses_sasl(server) else None
    timeout_error = BadRequestError("connection_timeout", f"{server} did not accept a login within {timeout:g} s", hint)
    with contextlib.closing(Dialer(server, timeout)) as dialer:
        try:
            with dialer.deadline(timeout, timeout_error):
                transport = open_transport(server, dialer)
        except (TTransportException, EOFError, ConnectionError):
            cancellation.current().check()
            raise wrong_login(server) from None
        yield dialer, Client(transport)


def _uses_sasl(server: Server) -> bool:
    return server.http_path is None and server.auth in PLAIN_LOGINS


def wrong_login(server: Server) -> BadRequestError:
    """Return the error for a server that closes the connection during the login."""
    if server.http_path is not None or _uses_sasl(server):
        step = "Check the port (that of Thrift is 10000 by default), use_ssl and http_path"
    else:
        step = "If the server uses SASL, which is the default, set auth to NONE, LDAP or CUSTOM"
    return explain(WrongProtocolError(step), server, 0, "connection_failed")
