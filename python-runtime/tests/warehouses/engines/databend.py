"""Databend, embedded: a second engine for Snowflake's dialect.

Its licence is Apache 2.0, of some parts Elastic's, which a test may use.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.environment import Environment
from tests.warehouses.tpch import Tpch

NO_SERVER = "the package has no server, so that no connector can reach it"


class Databend(Engine):
    """The engine, in the process of its client."""

    name = "databend"
    dialect = "snowflake"
    driver = "snowflake"
    environment = Environment("databend", ("databend", "pyarrow"), python=(3, 12))
    definitions = Definitions(keys=None, comments=None)
    lacks: ClassVar[dict[str, str]] = dict.fromkeys(
        ("connect", "tables", "keys", "comments", "questions", "history", "cancel", "limits", "password"), NO_SERVER
    )

    def start(self, folder: Path) -> None:
        """Start the process."""
        self.client = Client("databend", {"folder": str(folder)}, self.environment.executable())
        self.client.rows("CREATE DATABASE tpch")
        self.client.rows("USE tpch")
        self.url = ""

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        files = f"'fs://{data.parquet(table)}' (FILE_FORMAT => 'parquet')"
        self.client.rows(f"INSERT INTO {table} SELECT * FROM {files}")
