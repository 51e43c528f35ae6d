"""The connection pool of a session, whose connections another thread can abort."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import urllib3
from clickhouse_connect.driver import httputil

from ktx_daemon.warehouses.clickhouse.server import Server
from ktx_daemon.warehouses.connection.http_pools import register_sockets
from ktx_daemon.warehouses.connection.network import AbortableSockets


@contextlib.contextmanager
def open_pool(server: Server, sockets: AbortableSockets) -> Iterator[Any]:
    """Open a pool that registers its sockets; the proxy is that of the URL, else that of the environment."""
    options = httputil.get_pool_manager_options(**server.pool_arguments())
    proxy = server.options.get("proxy") or httputil.check_env_proxy(
        "https" if server.secure else "http", server.host, server.port
    )
    address = proxy if not proxy or "://" in proxy else f"http://{proxy}"
    manager = urllib3.ProxyManager(address, **options) if address else urllib3.PoolManager(**options)
    register_sockets(manager, sockets)
    try:
        yield manager
    finally:
        manager.clear()
        httputil.all_managers.pop(manager, None)  # the driver's registry would keep it
