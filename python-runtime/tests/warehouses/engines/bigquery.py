"""BigQuery as local-bigquery: REST v2, answered by DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.bigquery import DATASET, EMULATOR, PROJECT, connection_url, launch_emulator
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.server import is_listening
from tests.warehouses.tpch import Tpch


class BigQueryEmulator(Engine):
    """The emulator."""

    name = "bigquery-local"
    dialect = "bigquery"
    driver = "bigquery"
    environment = EMULATOR
    definitions = Definitions(
        types={"INTEGER": "INT64", "BIGINT": "INT64", "VARCHAR": "STRING", "DECIMAL(15,2)": "NUMERIC(15, 2)"},
        schema="tpch.",  # the emulator does not apply the default data set there
        keys=" NOT ENFORCED",
        comments="option",
    )
    lacks: ClassVar[dict[str, str]] = {
        "history": "the log of the emulator lacks labels, times and bytes",
        "password": "the emulator checks no credentials",
    }
    active = (
        "SELECT count(*) FROM `region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT WHERE state = 'RUNNING' "
        "AND query LIKE '%{text}%' AND query NOT LIKE '%INFORMATION_SCHEMA%'"
    )

    def start(self, folder: Path) -> None:
        """Start the server."""
        self.server, port = launch_emulator(folder)
        self.server.wait_until(lambda: is_listening(port))
        settings = {"url": f"http://127.0.0.1:{port}", "project": PROJECT, "dataset": DATASET}
        self.client = Client("bigquery", settings, self.environment.executable())
        self.url = connection_url(port)

    def fill(self, table: str, data: Tpch) -> None:
        """Load the Parquet file by a load job."""
        self.client.load(table, data.parquet(table))

    def version(self) -> str:
        """Return the version of the emulator, as BigQuery has no version."""
        return self.environment.pinned_version("local-bigquery")
