"""The sockets of a connection, over TLS or without."""

from __future__ import annotations

import contextlib
import socket

from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.spark.server import Server


class Dialer(network.Abortable):
    """Opens the sockets of one connection, which another thread can abort."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._open = contextlib.ExitStack()
        self._sockets: list[network.AbortableSocket] = []
        self.is_aborted = False

    def dial(self) -> socket.socket:
        """Return a connected socket, over TLS if the server uses it. Raises OSError after an abort."""
        if self.is_aborted:
            raise ConnectionAbortedError("the connection was aborted")
        server = self._server
        connect = network.connect(str(server), network.Address(server.host, server.port), self._timeout)
        abortable = self._open.enter_context(connect)
        self._sockets.append(abortable)
        if server.uses_tls:
            context = server.tls_context()
            abortable.socket = context.wrap_socket(abortable.socket, server_hostname=server.host)
        return abortable.socket

    def abort(self) -> None:
        """Shut the sockets down; a pending read fails."""
        self.is_aborted = True
        for abortable in self._sockets:
            abortable.abort()

    def close(self) -> None:
        """Close the sockets."""
        self._open.close()
