"""HTTP of the API and of the login: certificates of the system, proxies of the environment, sockets to be aborted."""

from __future__ import annotations

import contextlib
import os
import ssl
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import truststore
import urllib3
from google.auth.transport.urllib3 import Request

from ktx_daemon.warehouses.bigquery.address import is_loopback_host
from ktx_daemon.warehouses.connection.http_pools import register_sockets
from ktx_daemon.warehouses.connection.network import AbortableSockets

# The metadata server of a virtual machine is on its own network.
METADATA_HOSTS = ("metadata.google.internal", "169.254.169.254", "metadata")
CERTIFICATE_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class Http:
    """Sends requests, neither repeated nor redirected, directly or through the proxy of the environment."""

    def __init__(self, sockets: AbortableSockets, timeout: urllib3.Timeout) -> None:
        self._sockets = sockets
        self._options: dict[str, Any] = {"ssl_context": _create_tls_context(), "timeout": timeout, "retries": False}
        self._managers: dict[str | None, Any] = {}

    def request(
        self, method: str, url: str, body: Any = None, headers: dict[str, str] | None = None, **options: Any
    ) -> Any:
        """Send a request as the pool managers of urllib3 do."""
        proxy = find_proxy(url)
        if proxy not in self._managers:
            manager = urllib3.ProxyManager(proxy, **self._options) if proxy else urllib3.PoolManager(**self._options)
            self._managers[proxy] = register_sockets(manager, self._sockets)
        return self._managers[proxy].request(method, url, body=body, headers=headers, redirect=False, **options)

    def login_request(self) -> Any:
        """Return the function that google-auth sends requests with."""
        return Request(self)

    def close(self) -> None:
        """Close all connections."""
        for manager in self._managers.values():
            manager.clear()


@contextlib.contextmanager
def open_http(sockets: AbortableSockets, connection_timeout: float, timeout: float) -> Iterator[Http]:
    """Open connections with timeouts in seconds."""
    with contextlib.closing(Http(sockets, urllib3.Timeout(connect=connection_timeout, read=timeout))) as http:
        yield http


def find_proxy(url: str) -> str | None:
    """Return the proxy of the environment for a URL."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback_host(host) or host in METADATA_HOSTS or urllib.request.proxy_bypass(host):
        return None
    address = urllib.request.getproxies().get(parts.scheme)
    return address if not address or "://" in address else f"http://{address}"


def _create_tls_context() -> ssl.SSLContext:
    """Return a context that trusts the system's certificates, and those of the file that the environment names."""
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    named = next((os.environ[name] for name in CERTIFICATE_FILES if os.environ.get(name)), None)
    if named and os.path.isfile(named):
        context.load_verify_locations(cafile=named)
    return context
