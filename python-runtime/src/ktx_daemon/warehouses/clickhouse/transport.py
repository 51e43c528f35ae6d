"""The connection pool of a session, whose connections another thread can abort, and may go through a bastion."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import urllib3
from clickhouse_connect.driver import httputil

from ktx_daemon.warehouses.clickhouse.server import Server
from ktx_daemon.warehouses.connection import ssh
from ktx_daemon.warehouses.connection.http_pools import register_sockets
from ktx_daemon.warehouses.connection.network import AbortableSockets


@contextlib.contextmanager
def open_pool(server: Server, sockets: AbortableSockets, timeout: float) -> Iterator[Any]:
    """Open a pool that registers its sockets; `timeout` is that of a connection through a bastion, in seconds."""
    options = httputil.get_pool_manager_options(**server.pool_arguments())
    address = _find_proxy(server)
    manager = urllib3.ProxyManager(address, **options) if address else urllib3.PoolManager(**options)
    with contextlib.ExitStack() as tunnels:
        register_sockets(manager, sockets, _tunnel_opener(server, tunnels, timeout))
        try:
            yield manager
        finally:
            manager.clear()
            httputil.all_managers.pop(manager, None)  # the driver's registry would keep it


def _find_proxy(server: Server) -> str | None:
    """Return the proxy of the URL, else that of the environment; none if there is a bastion."""
    if server.bastion:
        return None
    scheme = "https" if server.secure else "http"
    proxy = server.options.get("proxy") or httputil.check_env_proxy(scheme, server.host, server.port)
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _tunnel_opener(server: Server, tunnels: contextlib.ExitStack, timeout: float) -> Callable[[], socket.socket] | None:
    """Return the function that connects through the bastion of a server; the stack ends the tunnels."""
    bastion = server.bastion
    if bastion is None:
        return None
    return lambda: tunnels.enter_context(ssh.connect(str(server), bastion, server.host, server.port, timeout))
