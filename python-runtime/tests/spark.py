"""Spark servers for tests: Sail, a real engine that speaks Spark Connect, and a Thrift server with recorded answers.

Spark itself runs in the harness of `tests/warehouses`, since it needs Java and a minute.

`python -m tests.spark DATABASE STATEMENT …` runs Sail after these statements, prints the URL of the database, and ends
with the standard input.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.Thrift import TMessageType, TType
from thrift.transport import TSocket, TTransport

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.spark.connect import open_session
from ktx_daemon.warehouses.spark.thrift_wire import messages
from tests.clickhouse import running, skip_if_unavailable
from tests.introspection import find_closed_port
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server

SAIL = Environment("sail", ("pysail", "pyspark-client"))
USER, PASSWORD, TOKEN = "ktx", "hunter2-of-spark", "token-of-spark-0123456789"
SASL_COMPLETE, SASL_BAD = 5, 3
# The classes of requests, by the names of calls.
REQUESTS = {
    "OpenSession": messages.OpenSession,
    "CloseSession": messages.SessionRequest,
    "ExecuteStatement": messages.ExecuteStatement,
    "FetchResults": messages.FetchResults,
}


def launch_sail(folder: Path) -> tuple[Server, int]:
    """Launch Sail, with its data in a folder. Returns the server, and the port that it will listen on."""
    port = find_closed_port()
    command = [SAIL.executable("sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    return Server(command, folder), port


def sail_url(port: int, session: str, database: str = "") -> str:
    """Return the URL of a session, which has tables of its own."""
    return f"spark://ktx@127.0.0.1:{port}/{database}?method=connect&session_id={session}"


@contextmanager
def sail_server(folder: Path) -> Iterator[str]:
    """Run Sail, and yield the URL of one session."""
    with skip_if_unavailable():
        SAIL.prepare()
    with running(*launch_sail(folder)) as port:
        yield sail_url(port, str(uuid.uuid4()))


@dataclass
class Recording:
    """The result of a statement: its columns with the numbers of their types, and their values; or its error.

    A statement that is `endless` runs until it is cancelled.
    """

    columns: Sequence[tuple[str, int, str, Sequence[Any]]] = ()
    error: str | None = None
    state: str = "42000"
    endless: bool = False


@dataclass
class ThriftServer:
    """Answers statements by recordings, whose keys are parts of statements. Records calls and statements."""

    recordings: Mapping[str, Recording]
    calls: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    open_requests: list[Any] = field(default_factory=list)
    canceled: threading.Event = field(default_factory=threading.Event)
    _running: dict[bytes, Recording] = field(default_factory=dict)

    def answer(self, name: str, request: Any) -> Any:
        """Return the response of a call."""
        self.calls.append(name)
        fields: dict[str, Any] = {"status": _status()}
        if name == "OpenSession":
            self.open_requests.append(request)
            fields |= {"serverProtocolVersion": 7, "sessionHandle": _make(messages.SESSION, sessionId=_identifier())}
        elif name == "ExecuteStatement":
            fields["operationHandle"] = self._start(request.statement)
        elif name in ("GetOperationStatus", "GetResultSetMetadata", "FetchResults"):
            fields |= self._progress(name, self._running[request.operationHandle.operationId.guid])
        elif name == "CancelOperation":
            self.canceled.set()
        _, nested = messages.RESPONSES[name]
        return nested[0](**fields)

    def _start(self, statement: str) -> Any:
        self.statements.append(statement)
        identifier = _identifier()
        found = [recording for part, recording in self.recordings.items() if part in statement]
        self._running[identifier.guid] = replace(found[0]) if found else Recording()
        return _make(messages.OPERATION, operationId=identifier, operationType=0, hasResultSet=True)

    def _progress(self, name: str, recording: Recording) -> dict[str, Any]:
        if name == "GetOperationStatus":
            if recording.endless:
                self.canceled.wait(0.05)
                return {"operationState": 1}
            failure = {"operationState": 5, "sqlState": recording.state, "errorMessage": recording.error}
            return failure if recording.error else {"operationState": 2}
        if name == "GetResultSetMetadata":
            described = [_describe_column(column, kind) for column, kind, _, _ in recording.columns]
            return {"schema": _make(messages.TABLE_SCHEMA, columns=described)}
        values = [_fill_column(kind, list(found)) for _, _, kind, found in recording.columns]
        recording.columns = [(column, number, kind, []) for column, number, kind, _ in recording.columns]
        return {"results": _make(messages.ROW_SET, startRowOffset=0, rows=[], columns=values), "hasMoreRows": False}

    def serve(self, transport: Any) -> None:
        """Answer the calls of a connection until its end."""
        protocol = TBinaryProtocolAccelerated(transport, fallback=False)
        with contextlib.suppress(TTransport.TTransportException, EOFError, OSError):
            while True:
                self.serve_call(protocol, protocol)
                transport.flush()

    def serve_call(self, read: Any, write: Any) -> None:
        """Answer one call."""
        name, _, number = read.readMessageBegin()
        request_type = REQUESTS.get(name, messages.OperationRequest)
        arguments: Any = _with_spec((None, (1, TType.STRUCT, "req", [request_type, request_type.thrift_spec], None)))
        arguments.read(read)
        response = self.answer(name, arguments.req)
        write.writeMessageBegin(name, TMessageType.REPLY, number)
        result = _with_spec(((0, TType.STRUCT, "success", [type(response), response.thrift_spec], None),))
        result.success = response
        result.write(write)


def _with_spec(spec: Any) -> Any:
    return type("Struct", (messages.Message,), {"thrift_spec": spec})()


def _make(kind: messages.FieldType, **fields: Any) -> Any:
    return kind[1][0](**fields)


def _status() -> Any:
    return _make(messages.STATUS, statusCode=0)


def _identifier() -> Any:
    return _make(messages.IDENTIFIER, guid=uuid.uuid4().bytes, secret=b"secret")


def _describe_column(name: str, kind: int) -> Any:
    entry = _make(messages.TYPE_ENTRY, primitiveEntry=_make(messages.PRIMITIVE, type=kind))
    return _make(messages.COLUMN_DESCRIPTION, columnName=name, typeDesc=_make(messages.TYPE, types=[entry]), position=1)


def _fill_column(kind: str, values: list[Any]) -> Any:
    nulls = sum(1 << index for index, value in enumerate(values) if value is None)
    empty: Any = b"" if kind in ("stringVal", "binaryVal") else 0
    spec = next(entry for entry in messages.COLUMN[1][1] if entry and entry[2] == kind)
    data = spec[3][0](
        values=[empty if value is None else value for value in values],
        nulls=nulls.to_bytes(len(values) // 8 + 1, "little"),
    )
    return _make(messages.COLUMN, **{kind: data})


def texts(name: str, *values: str | None) -> tuple[str, int, str, list[bytes | None]]:
    """Return a column of texts for a recording."""
    return name, 7, "stringVal", [None if value is None else value.encode() for value in values]


@contextmanager
def thrift_server(server: ThriftServer, *, sasl: bool = True, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a Thrift server on sockets with SASL, which accepts the password, or without it. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        stopped = threading.Event()

        def accept() -> None:
            while not stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    connected, _ = listener.accept()
                    connected.settimeout(None)
                    threading.Thread(target=_serve_socket, args=(server, connected, sasl, tls), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join()


def _serve_socket(server: ThriftServer, connected: socket.socket, sasl: bool, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError, TTransport.TTransportException), contextlib.ExitStack() as opened:
        opened.enter_context(connected)
        if tls:
            connected = opened.enter_context(tls.wrap_socket(connected, server_side=True))
        transport: Any = TSocket.TSocket()
        transport.setHandle(connected)
        if not sasl:
            server.serve(TTransport.TBufferedTransport(transport))
        elif _accepts_login(transport):
            server.serve(TTransport.TFramedTransport(transport))


def _accepts_login(transport: Any) -> bool:
    read = []
    for _ in range(2):
        status, length = struct.unpack(">BI", transport.readAll(5))
        if status > SASL_COMPLETE:
            return False  # the first bytes are not of SASL: the connection is closed, as by Spark
        read.append(transport.readAll(length))
    is_valid = read == [b"PLAIN", f"\0{USER}\0{PASSWORD}".encode()]
    text = b"" if is_valid else b"Error validating the login"
    transport.write(struct.pack(">BI", SASL_COMPLETE if is_valid else SASL_BAD, len(text)) + text)
    return is_valid


@contextmanager
def http_server(server: ThriftServer, path: str = "cliservice") -> Iterator[int]:
    """Run a Thrift server over HTTP, which accepts the token. Yields its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version: ClassVar[str] = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path != f"/{path}":
                return self._send(404, b"")
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                return self._send(401, b"")
            output = TTransport.TMemoryBuffer()
            read = TBinaryProtocolAccelerated(TTransport.TMemoryBuffer(body), fallback=False)
            server.serve_call(read, TBinaryProtocolAccelerated(output, fallback=False))
            return self._send(200, output.getvalue())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield listening.server_port
        finally:
            listening.shutdown()


@contextmanager
def tls_proxy(port: int, tls: ssl.SSLContext) -> Iterator[int]:
    """Run a proxy with TLS in front of a port. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept_tls, args=(listener, port, tls), daemon=True).start()
        yield listener.getsockname()[1]


def _accept_tls(listener: socket.socket, port: int, tls: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):  # the listener is closed
        while True:
            connected, _ = listener.accept()
            threading.Thread(target=_forward, args=(connected, port, tls), daemon=True).start()


def _forward(connected: socket.socket, port: int, tls: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        near = tls.wrap_socket(connected, server_side=True)
        far = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=_copy, args=(near, far), daemon=True).start()
        _copy(far, near)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError), sink:
        while data := source.recv(65536):
            sink.sendall(data)


def run_statements(url: str, statements: Sequence[str]) -> None:
    """Run statements that the connector would refuse, in the session of a URL."""
    with open_session(Target.from_request(ExecuteSql("w", "spark", url, ""))) as session:
        for statement in statements:
            session.query(statement)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, sail_server(Path(temporary)) as served:
        run_statements(served, sys.argv[2:])
        print(served.replace("/?", f"/{sys.argv[1]}?"), flush=True)
        sys.stdin.read()
