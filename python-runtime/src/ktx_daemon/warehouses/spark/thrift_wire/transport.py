"""Connections to a Thrift server: a socket with SASL or without, or requests over HTTP."""

from __future__ import annotations

import base64
import http.client
import struct
from typing import Any

from thrift.transport import TSocket, TTransport

from ktx_daemon.warehouses.spark.dialer import Dialer
from ktx_daemon.warehouses.spark.errors import HttpStatusError, LoginRefusedError, WrongProtocolError
from ktx_daemon.warehouses.spark.server import PLAIN_LOGINS, Server

# Messages of SASL: one byte with the status, the length, and the text.
SASL_HEADER = struct.Struct(">BI")
SASL_START, SASL_OK, SASL_COMPLETE = 1, 2, 5
MAX_SASL_TEXT = 64 * 1024
HTTP_OK = 200
LOGIN_STATUSES = (401, 403)


def open_transport(server: Server, dialer: Dialer) -> Any:
    """Connect and log in; return a transport of the Thrift library."""
    if server.http_path is not None:
        return TTransport.TBufferedTransport(HttpTransport(server, dialer))
    connected = TSocket.TSocket(server.host, server.port)
    connected.setHandle(dialer.dial())
    if server.auth in PLAIN_LOGINS:
        _log_in(connected, server)
        return TTransport.TFramedTransport(connected)  # frames of SASL without encryption are those of Thrift
    return TTransport.TBufferedTransport(connected)


def _log_in(connected: Any, server: Server) -> None:
    """Log in by the mechanism PLAIN of SASL; a server without logins accepts every password but an empty one."""
    credentials = f"\0{server.user}\0{server.password or 'x'}".encode()
    for status, text in ((SASL_START, b"PLAIN"), (SASL_OK, credentials)):
        connected.write(SASL_HEADER.pack(status, len(text)) + text)
    status, length = SASL_HEADER.unpack(connected.readAll(SASL_HEADER.size))
    if status > SASL_COMPLETE or length > MAX_SASL_TEXT:
        raise WrongProtocolError("Check the port: that of Thrift is 10000 by default")
    connected.readAll(length)
    if status != SASL_COMPLETE:
        raise LoginRefusedError


class HttpTransport(TTransport.TTransportBase):  # type: ignore[misc]  # the library has no types
    """Sends each call as a request over HTTP, on a connection that is kept open."""

    def __init__(self, server: Server, dialer: Dialer) -> None:
        self._dialer = dialer
        self._path = f"/{server.http_path}"
        self._headers = {"Content-Type": "application/x-thrift", "Accept": "application/x-thrift"}
        self._headers["Authorization"] = _authorization(server)
        self._connection = http.client.HTTPConnection(server.host, server.port)
        self._request = bytearray()
        self._response: http.client.HTTPResponse | None = None

    def isOpen(self) -> bool:  # noqa: N802  # the interface of the library
        """Return whether calls can be made."""
        return not self._dialer.is_aborted

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def write(self, data: bytes) -> None:
        """Add to the next request."""
        self._request += data

    def flush(self) -> None:
        """Send the request. Raises HttpStatusError."""
        body, self._request = bytes(self._request), bytearray()
        if self._response is not None:
            self._response.read()  # the connection is free for the next request at the end of the last response
        if self._connection.sock is None:
            self._connection.sock = self._dialer.dial()
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        if response.status != HTTP_OK:
            raise LoginRefusedError if response.status in LOGIN_STATUSES else HttpStatusError(response.status)
        self._response = response

    def read(self, size: int) -> bytes:
        """Read from the response."""
        return b"" if self._response is None else self._response.read(size)


def _authorization(server: Server) -> str:
    if server.token:
        return f"Bearer {server.token}"
    return f"Basic {base64.b64encode(f'{server.user}:{server.password}'.encode()).decode()}"
