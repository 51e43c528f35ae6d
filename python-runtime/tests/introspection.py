"""Helpers for the introspection tests of all drivers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tests.daemon import WAIT_TIMEOUT, Daemon

PATH = "/database/introspect"


def introspect(daemon: Daemon, driver: str, url: str, **options: Any) -> dict[str, Any]:
    found = daemon.post_ok(PATH, {"connection_id": "warehouse", "driver": driver, "url": url, **options})
    assert set(found) - {"warnings"} == {"connection_id", "extracted_at", "metadata", "tables", "facts"}
    assert found["connection_id"] == "warehouse"
    places = [(table["catalog"] or "", table["db"] or "", table["name"]) for table in found["tables"]]
    assert places == sorted(places)
    return found


def introspect_rejected(daemon: Daemon, driver: str, url: str, code: str, **options: Any) -> str:
    return daemon.post_rejected(PATH, {"connection_id": "warehouse", "driver": driver, "url": url, **options}, code)


def tables_by_name(found: dict[str, Any]) -> dict[str, Any]:
    return {table["name"]: table for table in found["tables"]}


def column_values(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("name", "type", "nullable", "primary_key", "comment")
    return [tuple(column[key] for key in keys) for column in table["columns"]]


def foreign_key_values(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("from_column", "to_schema", "to_table", "to_column", "constraint_name")
    return [tuple(key[name] for name in keys) for key in table["foreign_keys"]]


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections and never respond."""
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    accepted.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in accepted:
        connection.close()


@contextmanager
def disconnecting_proxy(url: str, at: bytes) -> Iterator[int]:
    """Proxy a server, and close both connections when the client sends the bytes."""
    parts = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client = listener.accept()[0]
            with client, socket.create_connection((parts.hostname or "", parts.port or 0)) as server:
                answers = threading.Thread(target=_forward, args=(server, client))
                answers.start()
                _forward(client, server, at)
                for end in (client, server):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                answers.join()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _forward(source: socket.socket, target: socket.socket, until: bytes | None = None) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            if until is not None and until in data:
                return
            target.sendall(data)


@contextmanager
def request_in_flight(daemon: Daemon, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Keep a request in flight on a silent database until the block ends, which closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WAIT_TIMEOUT)
        url = f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/d"
        body = {"connection_id": "x", "driver": "postgres", "url": url, "connection_timeout_seconds": 3600}
        headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
        connection.request("POST", PATH, json.dumps(body), headers)
        with listener.accept()[0]:
            yield


def find_closed_port() -> int:
    """Return a port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return int(port)
