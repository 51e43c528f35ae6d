"""ClickHouse as chDB: the engine as a Python package, behind a small HTTP front.

The smaller `chdb-core-lite` lacks decimals of 128 bits, which sums of decimals have.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.clickhouse import CHDB, launch_chdb
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.server import is_listening
from tests.warehouses.tpch import Tpch

# The primary key is the order of the table; there is no other key.
DEFINITIONS = Definitions(
    types={"INTEGER": "Int32", "BIGINT": "Int64", "VARCHAR": "String"},
    keys=None,
    comments="clause",
    suffix=" ENGINE = MergeTree ORDER BY ({key})",
)


class ChDb(Engine):
    """The newest engine, for everything but users, history and the end of a statement by its id."""

    name = "clickhouse-chdb"
    dialect = "clickhouse"
    driver = "clickhouse"
    environment = CHDB
    definitions = DEFINITIONS
    lacks: ClassVar[dict[str, str]] = {
        "keys": "ClickHouse has no unique and no foreign keys",
        "history": "chDB has no query_log",
        "cancel": "chDB does not take the id of a query from a client",
        "password": "the front of the tests checks no password",
    }

    def start(self, folder: Path) -> None:
        """Start the front."""
        self.server, port = launch_chdb(folder)
        python = self.environment.executable()
        self.server.wait_until(lambda: is_listening(port))
        address = {"host": "127.0.0.1", "port": port, "username": "default", "password": ""}
        admin = Client("clickhouse", address, python)
        admin.rows("CREATE DATABASE tpch")
        admin.close()
        self.client = Client("clickhouse", {**address, "database": "tpch"}, python)
        self.url = f"clickhouse://default@127.0.0.1:{port}/tpch"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM file('{data.parquet(table)}', Parquet)")
