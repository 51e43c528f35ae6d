"""Pools of HTTP connections whose sockets another thread can abort. Imported with a driver that has urllib3."""

from __future__ import annotations

from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from ktx_daemon.warehouses.connection.network import AbortableSockets


def register_sockets(manager: Any, sockets: AbortableSockets) -> Any:
    """Let a pool manager of urllib3 register the sockets of its connections, and return it."""
    manager.pool_classes_by_scheme = {
        "http": _pool_class(urllib3.HTTPConnectionPool, HTTPConnection, sockets),
        "https": _pool_class(urllib3.HTTPSConnectionPool, HTTPSConnection, sockets),
    }
    return manager


def _pool_class(pool: type[Any], connection: type[Any], sockets: AbortableSockets) -> type[Any]:
    """Return a class of pools whose connections register their sockets."""
    connect = {"_new_conn": lambda self: sockets.add(connection._new_conn(self))}
    return type("AbortablePool", (pool,), {"ConnectionCls": type("AbortableConnection", (connection,), connect)})
