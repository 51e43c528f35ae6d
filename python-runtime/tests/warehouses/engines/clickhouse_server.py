"""Debian's clickhouse-server: an old version with users and KILL QUERY, over plain HTTP."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from tests.clickhouse import launch_debian_server, modern, prepare_debian_server, proxy
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.server import is_listening
from tests.warehouses.tpch import Tpch

TOO_OLD = "version 18 is too old for the driver; a proxy that translates two texts shows cancel and passwords on it"


class ClickHouseServer(Engine):
    """The server, unpacked into the cache without an installation."""

    name = "clickhouse-server"
    dialect = "clickhouse"
    driver = "clickhouse"
    definitions = Definitions(
        types={"INTEGER": "Int32", "BIGINT": "Int64", "VARCHAR": "String"},
        keys=None,
        comments=None,
        suffix=" ENGINE = MergeTree ORDER BY ({key})",
    )
    lacks: ClassVar[dict[str, str]] = dict.fromkeys(
        ("connect", "tables", "keys", "comments", "profile", "questions", "client questions", "history", "limits"),
        TOO_OLD,
    )
    endless = "SELECT sum(number) FROM system.numbers WHERE number >= 0"
    active = "SELECT count() FROM system.processes WHERE query LIKE '%{text}%' AND query NOT LIKE '%processes%'"

    def __init__(self) -> None:
        self._proxies = ExitStack()

    def stop(self) -> None:
        """End the proxy, the client and the server."""
        self._proxies.close()
        super().stop()

    def prepare(self) -> None:
        """Unpack the packages of Debian."""
        prepare_debian_server()

    def start(self, folder: Path) -> None:
        """Start the server with a password."""
        password = secrets.token_hex(8)
        self.server, http = launch_debian_server(folder, password)
        self.server.wait_until(lambda: is_listening(http))
        settings = {"port": http, "user": "default", "password": password, "database": "default"}
        self.client = Client("clickhouse_http", settings)
        translated = self._proxies.enter_context(proxy(http, modern))
        self.url = f"clickhouse://default:{password}@127.0.0.1:{translated}/default"
        self.wrong_url = f"clickhouse://default:wrong@127.0.0.1:{translated}/default"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert the CSV file."""
        self.client.load(table, data.csv(table))
