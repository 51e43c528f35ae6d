"""DuckDB with a database file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.warehouses.client import Client
from tests.warehouses.engine import Engine
from tests.warehouses.tpch import Tpch

EMBEDDED = {
    "history": "an embedded database has no history",
    "cancel": "an embedded database has no server",
    "password": "a file has no password",
}


class DuckDb(Engine):
    """A database file."""

    name = "duckdb"
    dialect = "duckdb"
    driver = "duckdb"
    lacks: ClassVar[dict[str, str]] = EMBEDDED

    def start(self, folder: Path) -> None:
        """Create the file."""
        self.url = str(folder / "tpch.duckdb")
        self.client = Client("duckdb_file", {"file": self.url, "read_only": False})

    def load(self, data: Tpch) -> None:
        """Create and fill the tables, then release the file for the connector."""
        super().load(data)
        self.client.close()
        self.client = Client("duckdb_file", {"file": self.url, "read_only": True})

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM read_parquet('{data.parquet(table)}')")
