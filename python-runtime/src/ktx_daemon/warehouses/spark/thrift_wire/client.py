"""Calls of the Thrift interface `TCLIService`, and the session and statements that they are about."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.Thrift import TApplicationException, TMessageType, TType

from ktx_daemon import cancellation
from ktx_daemon.warehouses.spark.errors import ServerError
from ktx_daemon.warehouses.spark.settings import SETTINGS
from ktx_daemon.warehouses.spark.thrift_wire import messages

# The server answers a question for the state late, if the statement runs; the pauses are for one that does not.
PAUSES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
FIRST_ROWS, MAX_ROWS = 64, 10_000
BATCH_BYTES = 4 * 1024 * 1024


class Client:
    """A connection on which one call is made at a time."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._protocol = TBinaryProtocolAccelerated(transport, fallback=False)

    def call(self, name: str, request: messages.Message) -> Any:
        """Make a call and return its response. Raises ServerError if its status is one."""
        protocol = self._protocol
        protocol.writeMessageBegin(name, TMessageType.CALL, 0)
        protocol.writeFieldBegin("req", TType.STRUCT, 1)
        request.write(protocol)
        protocol.writeFieldStop()
        self._transport.flush()
        _, kind, _ = protocol.readMessageBegin()
        if kind == TMessageType.EXCEPTION:
            refusal = TApplicationException()
            refusal.read(protocol)
            raise ServerError(f"{name}: {refusal.message}")
        result: Any = _Result(name)
        result.read(protocol)
        response = result.success
        status = response.status
        if status.statusCode not in messages.SUCCESS_CODES:
            raise ServerError(_text(status), status.sqlState)
        return response


class _Result(messages.Message):
    def __init__(self, call: str) -> None:
        kind, nested = messages.RESPONSES[call]
        self.thrift_spec = ((0, kind, "success", nested, None),)
        super().__init__()


def _text(status: Any) -> Any:
    """Return the message of the server; Spark before 3.4 sends it as the first line of a stack trace."""
    return status.errorMessage or (status.infoMessages or ["the server gives no reason"])[0].lstrip("*")


class Operation:
    """A statement on the server."""

    def __init__(self, client: Client, handle: Any) -> None:
        self._client = client
        self.handle = handle
        self._request = messages.OperationRequest(operationHandle=handle)

    def wait(self) -> None:
        """Wait for the end of the statement. Raises ServerError."""
        pauses = iter(PAUSES)
        while True:
            response = self._client.call("GetOperationStatus", self._request)
            state = response.operationState
            if state == messages.FINISHED:
                return
            if state not in messages.PENDING_STATES:
                text = response.errorMessage or STATES.get(state, "the statement failed")
                raise ServerError(text, response.sqlState, is_timeout=state == messages.TIMED_OUT)
            cancellation.current().check()
            time.sleep(next(pauses, PAUSES[-1]))

    def columns(self) -> list[tuple[str, str]]:
        """Return the names and the types of the columns."""
        schema = self._client.call("GetResultSetMetadata", self._request).schema
        return [(column.columnName, _type_name(column)) for column in schema.columns or []]

    def batches(self) -> Iterator[list[Any]]:
        """Yield batches of rows as lists of columns, each of about `BATCH_BYTES` after the first one."""
        count = FIRST_ROWS
        while True:
            request = messages.FetchResults(operationHandle=self.handle, orientation=0, maxRows=count, fetchType=0)
            results = self._client.call("FetchResults", request).results
            columns = [_values(column) for column in results.columns or []]
            if not columns or not columns[0]:
                return
            yield columns
            size = sum(_size(values) for values in columns)
            count = min(MAX_ROWS, max(1, int(len(columns[0]) * BATCH_BYTES / max(size, 1))), count * 8)

    def close(self) -> None:
        """End the statement on the server."""
        self._client.call("CloseOperation", self._request)

    def cancel(self) -> None:
        """Cancel the statement."""
        self._client.call("CancelOperation", self._request)


STATES = {messages.CANCELED: "the statement was cancelled on the server", messages.CLOSED: "the statement was closed"}


def open_session(client: Client, user: str) -> Any:
    """Open a session with the settings of every session; return its handle."""
    configuration = {f"set:hiveconf:{name}": value for name, value in SETTINGS.items()}
    request = messages.OpenSession(
        client_protocol=messages.PROTOCOL_VERSION, username=user, configuration=configuration
    )
    response = client.call("OpenSession", request)
    if response.serverProtocolVersion < messages.MIN_PROTOCOL_VERSION:
        raise ServerError("the server is too old: it sends no rows by columns")
    return response.sessionHandle


def _type_name(column: Any) -> str:
    entry = column.typeDesc.types[0].primitiveEntry
    return messages.TYPES[entry.type] if entry is not None and entry.type < len(messages.TYPES) else "string"


def _values(column: Any) -> list[Any]:
    """Return the values of a column, with None for nulls, which are bits."""
    data = next(data for data in vars(column).values() if data is not None)
    values: list[Any] = data.values
    if any(data.nulls):
        nulls = int.from_bytes(data.nulls, "little")
        for index in range(len(values)):
            if nulls >> index & 1:
                values[index] = None
    return values


def _size(values: list[Any]) -> int:
    return sum(len(value) if isinstance(value, bytes) else 8 for value in values)
