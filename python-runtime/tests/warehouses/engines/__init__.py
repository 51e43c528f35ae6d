"""The engines, by name, in the order of the report."""

from __future__ import annotations

from tests.warehouses.engine import Engine
from tests.warehouses.engines.bigquery import BigQueryEmulator
from tests.warehouses.engines.chdb import ChDb
from tests.warehouses.engines.clickhouse_server import ClickHouseServer
from tests.warehouses.engines.databend import Databend
from tests.warehouses.engines.duckdb_file import DuckDb
from tests.warehouses.engines.fakesnow import FakeSnow
from tests.warehouses.engines.mariadb import MariaDb
from tests.warehouses.engines.postgres import Postgres, PostgresWheel
from tests.warehouses.engines.sail import Sail
from tests.warehouses.engines.spark import SparkConnect, SparkThrift
from tests.warehouses.engines.sqlite_file import Sqlite

ENGINES: dict[str, type[Engine]] = {
    engine.name: engine
    for engine in (
        ChDb,
        ClickHouseServer,
        Sail,
        SparkConnect,
        SparkThrift,
        FakeSnow,
        Databend,
        BigQueryEmulator,
        Postgres,
        PostgresWheel,
        MariaDb,
        DuckDb,
        Sqlite,
    )
}
