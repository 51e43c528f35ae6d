"""Sail: an engine in Rust that speaks Spark Connect."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.spark import SAIL, launch_sail, sail_url
from tests.warehouses.client import Client
from tests.warehouses.engine import Engine
from tests.warehouses.engines.spark import DEFINITIONS
from tests.warehouses.server import is_listening
from tests.warehouses.tpch import Tpch

SESSION = "7a1de5cb-6b3c-4a55-9e57-0d3a2f6f4c11"


class Sail(Engine):
    """The fast test of the wire and of the dialect; Spark itself has the last word."""

    name = "sail"
    dialect = "databricks"
    driver = "spark"
    environment = SAIL
    definitions = DEFINITIONS
    lacks: ClassVar[dict[str, str]] = {
        "history": "Sail keeps no history of statements",
        "keys": "the catalog of Sail has no keys",
        "password": "the server has no authentication",
    }

    def start(self, folder: Path) -> None:
        """Start the server."""
        self.server, port = launch_sail(folder)
        self.server.wait_until(lambda: is_listening(port))
        # Tables belong to a session.
        url = f"sc://127.0.0.1:{port}/;user_id=ktx;session_id={SESSION}"
        self.client = Client("spark_connect", {"url": url}, self.environment.executable())
        self.url = sail_url(port, SESSION, "default")

    def running(self) -> int:
        """Return 1 if the server computes, as it lists no statements."""
        return int(self.server is not None and self.server.is_computing())

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM parquet.`{data.parquet(table)}`")
