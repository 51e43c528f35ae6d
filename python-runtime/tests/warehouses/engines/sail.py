"""Sail: an engine in Rust that speaks Spark Connect."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.engine import Engine
from tests.warehouses.engines.spark import DEFINITIONS
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server, is_listening
from tests.warehouses.tpch import Tpch


class Sail(Engine):
    """The fast test of the wire and of the dialect; Spark itself has the last word."""

    name = "sail"
    dialect = "databricks"
    driver = "spark"
    environment = Environment("sail", ("pysail", "pyspark-client"))
    definitions = DEFINITIONS
    lacks: ClassVar[dict[str, str]] = {
        "history": "Sail keeps no history of statements",
        "keys": "the catalog of Sail has no keys",
        "password": "the server has no authentication",
    }

    def start(self, folder: Path) -> None:
        """Start the server."""
        port = find_closed_port()
        command = [self.environment.executable("sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
        self.server = Server(command, folder)
        self.server.wait_until(lambda: is_listening(port))
        self.client = Client("spark_connect", {"url": f"sc://127.0.0.1:{port}"}, self.environment.executable())
        self.url = f"sc://127.0.0.1:{port}"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM parquet.`{data.parquet(table)}`")
