"""Snowflake as fakesnow: the protocol of the connector, answered by DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server, is_listening
from tests.warehouses.tpch import Tpch

SESSION = {
    "user": "ktx",
    "password": "ktx",
    "account": "fakesnow",
    "protocol": "http",
    "host": "127.0.0.1",
    "database": "tpch",
    "schema": "public",
    "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
}


class FakeSnow(Engine):
    """The emulator, which speaks version 4 of the connector."""

    name = "snowflake-fakesnow"
    dialect = "snowflake"
    driver = "snowflake"
    environment = Environment("fakesnow", ("fakesnow[server]", "duckdb>=2", "snowflake-connector-python==4.8.1"))
    definitions = Definitions(comments=None)
    lacks: ClassVar[dict[str, str]] = {
        "comments": "fakesnow loses the comments of columns",
        "history": "fakesnow has no ACCOUNT_USAGE",
        "password": "fakesnow checks no password",
    }

    def start(self, folder: Path) -> None:
        """Start the server."""
        port, environment = find_closed_port(), self.environment
        command = [environment.executable("fakesnow"), "--server", "--host", "127.0.0.1", "--port", str(port)]
        self.server = Server(command, folder)
        self.server.wait_until(lambda: is_listening(port))
        self.client = Client("snowflake", {**SESSION, "port": port}, environment.executable())
        self.url = f"snowflake://ktx:ktx@fakesnow/tpch/public?host=127.0.0.1&port={port}&protocol=http"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM read_parquet('{data.parquet(table)}')")

    def version(self) -> str:
        """Return the version of the emulator, which reports one of Snowflake's."""
        return self.environment.pinned_version("fakesnow")
