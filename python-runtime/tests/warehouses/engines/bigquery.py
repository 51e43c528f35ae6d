"""BigQuery as local-bigquery: REST v2, answered by DuckDB."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

import duckdb

from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server, is_listening
from tests.warehouses.tpch import Tpch

EXTENSIONS = ("icu", "ducklake", "spatial")
PACKAGES = ("local-bigquery", "google-cloud-bigquery", *(f"duckdb-extension-{name}" for name in EXTENSIONS))


class BigQueryEmulator(Engine):
    """The emulator. It looks for DuckDB's extensions in the home folder, where they are copied from their packages."""

    name = "bigquery-local"
    dialect = "bigquery"
    driver = "bigquery"
    environment = Environment("bigquery", PACKAGES, python=(3, 13))
    definitions = Definitions(
        types={"INTEGER": "INT64", "BIGINT": "INT64", "VARCHAR": "STRING", "DECIMAL(15,2)": "NUMERIC(15, 2)"},
        schema="tpch.",  # the emulator does not apply the default data set there
        keys=" NOT ENFORCED",
        comments="option",
    )
    lacks: ClassVar[dict[str, str]] = {"password": "the emulator checks no credentials"}

    def start(self, folder: Path) -> None:
        """Start the server."""
        port, grpc, environment = find_closed_port(), find_closed_port(), self.environment
        (platform,) = duckdb.sql("PRAGMA platform").fetchall()[0]
        (packages,) = environment.folder.glob("lib/python*/site-packages")
        for name in EXTENSIONS:
            extensions = packages / f"duckdb_extension_{name}" / "extensions"
            for version in extensions.iterdir():
                target = folder / ".duckdb" / "extensions" / version.name / str(platform)
                shutil.copytree(version, target, dirs_exist_ok=True)
        address = ["--host", "127.0.0.1", "--port", str(port), "--grpc-port", str(grpc)]
        place = ["--project", "ktx", "--dataset", "tpch", "--data-dir", str(folder / "data")]
        command = [environment.executable("local-bigquery"), *address, *place, "serve"]
        self.server = Server(command, folder, {"HOME": str(folder)})
        self.server.wait_until(lambda: is_listening(port))
        settings = {"url": f"http://127.0.0.1:{port}", "project": "ktx", "dataset": "tpch"}
        self.client = Client("bigquery", settings, environment.executable())
        self.url = f"bigquery://ktx/tpch?endpoint=http://127.0.0.1:{port}"

    def fill(self, table: str, data: Tpch) -> None:
        """Load the Parquet file by a load job."""
        self.client.load(table, data.parquet(table))

    def version(self) -> str:
        """Return the version of the emulator, as BigQuery has no version."""
        return self.environment.pinned_version("local-bigquery")
