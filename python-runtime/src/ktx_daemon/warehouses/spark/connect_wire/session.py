"""Sessions of Spark Connect."""

from __future__ import annotations

import contextlib
import itertools
import math
import ssl
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc

from ktx_daemon import __version__, cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import ResultColumn
from ktx_daemon.warehouses.spark import settings, statements
from ktx_daemon.warehouses.spark.connect_wire import arrow
from ktx_daemon.warehouses.spark.connect_wire.messages import CLASSES, INTERRUPT_OPERATION, SERVICE
from ktx_daemon.warehouses.spark.connect_wire.status import translate
from ktx_daemon.warehouses.spark.dialer import Dialer
from ktx_daemon.warehouses.spark.errors import explain
from ktx_daemon.warehouses.spark.server import Server
from ktx_daemon.warehouses.spark.session import Result, Session
from ktx_daemon.warehouses.spark.types import parse_type
from ktx_daemon.warehouses.spark.values import make_converter

CLIENT = f"ktx/{__version__}"
CANCEL_TIMEOUT = 5.0
INTERRUPT_INTERVAL = 0.1
# With these, a call ends while its operation may go on.
ENDED_BY_CLIENT = (grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE)
# The server sends batches of about 4 MB, but a row is never divided.
MAX_MESSAGE_BYTES = 128 * 1024 * 1024
CHANNEL_OPTIONS = (("grpc.max_receive_message_length", MAX_MESSAGE_BYTES), ("grpc.enable_retries", 0))

Batches = Iterator[tuple[Any, list[list[Any]]]]


class Calls(network.Abortable):
    """The calls of a channel; the running one can be cancelled from another thread."""

    def __init__(self, channel: Any, metadata: Sequence[tuple[str, str]]) -> None:
        self._channel = channel
        self._metadata = metadata
        self._running: Any = None
        self.is_aborted = False

    def abort(self) -> None:
        """Cancel the running call and those that follow."""
        self.is_aborted = True
        self.end_stream()

    def call(
        self, name: str, timeout: float, *, response: str = "Response", abortable: bool = False, **fields: Any
    ) -> Any:
        """Make a call with one response, and return it; an `abortable` one ends with `abort`."""
        method = self._channel.unary_unary(f"{SERVICE}/{name}", *_codecs(f"{name}Request", response))
        request = CLASSES[f"{name}Request"](**fields)
        future = method.future(request, timeout=timeout, metadata=self._metadata)
        if abortable:
            self._running = future
        return future.result()

    def stream(self, timeout: float, **fields: Any) -> Iterator[Any]:
        """Run a plan and yield its responses."""
        codecs = _codecs("ExecutePlanRequest", "ExecutePlanResponse")
        method = self._channel.unary_stream(f"{SERVICE}/ExecutePlan", *codecs)
        request = CLASSES["ExecutePlanRequest"](**fields)
        self._running = running = method(request, timeout=timeout, metadata=self._metadata)
        if self.is_aborted:
            running.cancel()
        return running  # type: ignore[no-any-return]

    def end_stream(self) -> None:
        """End the running call."""
        if self._running is not None:
            self._running.cancel()


def _codecs(request: str, response: str) -> tuple[Any, Any]:
    return CLASSES[request].SerializeToString, CLASSES[response].FromString


class ConnectSession(Session):
    """A session, whose statements are operations with an id of KTX."""

    def __init__(self, server: Server, calls: Calls, timeout: float) -> None:
        super().__init__(server, calls, timeout)
        self._calls = calls
        user = {"user_id": server.user, "user_name": server.user}
        self._fields: dict[str, Any] = {
            "session_id": server.session_id or str(uuid.uuid4()),
            "user_context": user,
            "client_type": CLIENT,
        }
        self._operation: str | None = None

    def open(self) -> None:
        """Open the session by its settings, which may start an engine. Raises errors of gRPC."""
        pairs = [{"key": name, "value": value} for name, value in settings.SETTINGS.items()]
        operation = {"set": {"pairs": pairs}}
        self._calls.call("Config", self._timeout, abortable=True, operation=operation, **self._fields)

    def query(self, sql: str, code: ErrorCode = "connection_failed") -> Sequence[Sequence[Any]]:
        """Run a statement of KTX and return its rows."""
        with self.guard_statement(code), self._run(sql, None) as batches:
            return [row for _, columns in batches for row in zip(*columns, strict=True)]

    @contextlib.contextmanager
    def stream(self, sql: str, rows: int) -> Iterator[Result]:
        """Run a checked statement of a user, limited to `rows` rows."""
        with self.guard_statement("query_failed"), contextlib.ExitStack() as running:
            batches = running.enter_context(self._run(sql, rows))
            schema, first = next(batches)
            columns = [(field.name, parse_type(arrow.type_text(field))) for field in schema.fields]
            converters: list[Any] = [None for _ in columns]
            if any(arrow.has_variant(field) for field in schema.fields):
                running.close()
                batches = running.enter_context(self._run(statements.limit_query(sql, columns, rows), None))
                _, first = next(batches)
                converters = [make_converter(kind) if kind.is_json else None for _, kind in columns]
            yield (
                [ResultColumn(name, kind.text) for name, kind in columns],
                _rows(first, batches, converters),
            )

    @contextlib.contextmanager
    def _run(self, sql: str, rows: int | None) -> Iterator[Batches]:
        """Run a statement, and yield its batches, of which there is at least one."""
        root: dict[str, Any] = {"sql": {"query": settings.with_tag(sql)}}
        if rows is not None:
            root = {"limit": {"input": root, "limit": rows}}
        self._operation = str(uuid.uuid4())
        responses = self._calls.stream(
            math.ceil(self._timeout) + 1,
            operation_id=self._operation,
            tags=[settings.tag().replace(" ", "/")],
            plan={"root": root},
            **self._fields,
        )
        progress = _Progress()
        try:
            yield progress.read(responses)
        finally:
            if progress.is_complete:
                self._operation = None
        self.cancel()

    def cancel(self) -> None:
        """Interrupt the operation, which ends its tasks, and end the call."""
        operation, self._operation = self._operation, None
        if operation is None:
            return
        with contextlib.suppress(Exception):
            deadline = time.monotonic() + CANCEL_TIMEOUT
            # A server that has just received the plan may not know the operation yet.
            while not self._interrupt(operation) and time.monotonic() < deadline:
                time.sleep(INTERRUPT_INTERVAL)
        self._calls.end_stream()

    def _interrupt(self, operation: str) -> bool:
        """Return whether the server has interrupted the operation."""
        response = self._calls.call(
            "Interrupt",
            CANCEL_TIMEOUT,
            response="InterruptResponse",
            interrupt_type=INTERRUPT_OPERATION,
            operation_id=operation,
            **self._fields,
        )
        return operation in response.interrupted_ids

    def close(self) -> None:
        """Close the session, unless it is one of the URL. Never raises."""
        if self.server.session_id is not None:
            return
        with contextlib.suppress(Exception):
            self._calls.call("ReleaseSession", CANCEL_TIMEOUT, **self._fields)


class _Progress:
    """Reads the responses of a statement, and knows whether the server has ended it."""

    def __init__(self) -> None:
        self.is_complete = False

    def read(self, responses: Iterator[Any]) -> Batches:
        """Yield the schema and the columns of each batch. Raises ServerError and errors of the network."""
        found = False
        try:
            for response in responses:
                if response.arrow_batch.data:
                    found = True
                    yield from arrow.read_batch(response.arrow_batch.data)
        except grpc.RpcError as error:
            self.is_complete = error.code() not in ENDED_BY_CLIENT
            raise translate(error) from None
        self.is_complete = True
        if not found:
            yield arrow.EMPTY, []


def _rows(first: list[list[Any]], batches: Batches, converters: list[Any]) -> Iterator[list[Any]]:
    for columns in itertools.chain([first], (columns for _, columns in batches)):
        pairs = zip(columns, converters, strict=True)
        read = [
            values if convert is None else [convert(_encode(value)) for value in values] for values, convert in pairs
        ]
        yield from map(list, zip(*read, strict=True))


def _encode(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


@contextlib.contextmanager
def open_connect_session(target: Target, server: Server) -> Iterator[ConnectSession]:
    """Connect, and open a session."""
    try:
        _probe(server, target.connection_timeout)
    except OSError as error:
        cancellation.current().check()
        raise explain(error, server, target.connection_timeout, "connection_failed") from None
    with contextlib.closing(_open_channel(server)) as channel:
        metadata = (("authorization", f"Bearer {server.token}"),) if server.token else ()
        calls = Calls(channel, metadata)
        session = ConnectSession(server, calls, target.statement_timeout)
        try:
            with cancellation.current().interrupting(calls.abort):
                session.open()
        except grpc.RpcError as error:
            cancellation.current().check()
            raise explain(translate(error), server, target.statement_timeout, "connection_failed") from None
        except grpc.FutureCancelledError:
            raise cancellation.CancelledWorkError from None
        try:
            yield session
        finally:
            session.close()


def _probe(server: Server, timeout: float) -> None:
    """Connect once without gRPC, whose errors have no reasons. Raises 400. A proxy is known to gRPC only."""
    if urllib.request.getproxies():
        return
    timeout_error = network.connection_timeout_error(str(server), timeout)
    with contextlib.closing(Dialer(server, timeout)) as dialer, dialer.deadline(timeout, timeout_error):
        dialer.dial()


def _open_channel(server: Server) -> Any:
    address = f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
    if not server.uses_tls:
        return grpc.insecure_channel(address, CHANNEL_OPTIONS)
    # gRPC has root certificates of its own, without those of a company.
    file = server.ca_cert or ssl.get_default_verify_paths().cafile
    certificates = Path(file).expanduser().read_bytes() if file else None
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(certificates), CHANNEL_OPTIONS)
