"""Pools of HTTP connections whose sockets another thread can abort. Imported with a driver that has urllib3."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from ktx_daemon.warehouses.connection.network import AbortableSockets


def register_sockets(
    manager: Any, sockets: AbortableSockets, connect: Callable[[], socket.socket] | None = None
) -> Any:
    """Let a pool manager of urllib3 register the sockets of its connections, and return it.

    `connect` opens the sockets in place of urllib3.
    """
    manager.pool_classes_by_scheme = {
        "http": _pool_class(urllib3.HTTPConnectionPool, HTTPConnection, sockets, connect),
        "https": _pool_class(urllib3.HTTPSConnectionPool, HTTPSConnection, sockets, connect),
    }
    return manager


def _pool_class(
    pool: type[Any], connection: type[Any], sockets: AbortableSockets, connect: Callable[[], socket.socket] | None
) -> type[Any]:
    """Return a class of pools whose connections register their sockets."""

    def open_socket(self: Any) -> socket.socket:
        return sockets.add(connect() if connect else connection._new_conn(self))

    methods = {"_new_conn": open_socket}
    return type("AbortablePool", (pool,), {"ConnectionCls": type("AbortableConnection", (connection,), methods)})
