"""Snowflake as fakesnow: the protocol of the connector, answered by DuckDB.

Its own client is version 4 of the connector; that of KTX is version 5, for which a front completes the login.
"""

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

FRONT = Path(__file__).parent.parent / "programs" / "fakesnow_front.py"
SESSION = {
    "user": "ktx",
    "password": "ktx",
    "account": "fakesnow",
    "protocol": "http",
    "host": "127.0.0.1",
    "database": "tpch",
    "schema": "public",
    "network_timeout": 20,  # seconds; the client repeats a statement on which the server fails
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
        "keys": "fakesnow lists primary keys in place of foreign keys",
        "comments": "fakesnow loses the comments of columns",
        "history": "fakesnow has no ACCOUNT_USAGE",
        "cancel": "fakesnow does not cancel statements",
        "password": "fakesnow checks no password",
    }

    def start(self, folder: Path) -> None:
        """Start the server."""
        port, environment = find_closed_port(), self.environment
        self.server = Server([environment.executable(), FRONT, str(port)], folder)
        self.server.wait_until(lambda: is_listening(port))
        self.client = Client("snowflake", {**SESSION, "port": port}, environment.executable())
        self.url = f"snowflake://ktx:ktx@fakesnow/tpch/public?host=127.0.0.1&port={port}&protocol=http"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM read_parquet('{data.parquet(table)}')")

    def version(self) -> str:
        """Return the version of the emulator, which reports one of Snowflake's."""
        return self.environment.pinned_version("fakesnow")
