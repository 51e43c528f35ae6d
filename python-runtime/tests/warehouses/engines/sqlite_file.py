"""SQLite with a database file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.engines.duckdb_file import EMBEDDED
from tests.warehouses.tpch import Tpch


class Sqlite(Engine):
    """A database file."""

    name = "sqlite"
    dialect = "sqlite"
    driver = "sqlite"
    definitions = Definitions(types={"DECIMAL(15,2)": "REAL", "VARCHAR": "TEXT", "DATE": "TEXT"}, comments=None)
    lacks: ClassVar[dict[str, str]] = {**EMBEDDED, "comments": "SQLite has no comments"}
    version_sql = "SELECT sqlite_version()"

    def start(self, folder: Path) -> None:
        """Create the file."""
        self.url = str(folder / "tpch.db")
        self.client = Client("sqlite_file", {"file": self.url})

    def fill(self, table: str, data: Tpch) -> None:
        """Insert the CSV file."""
        self.client.load(table, data.csv(table))
