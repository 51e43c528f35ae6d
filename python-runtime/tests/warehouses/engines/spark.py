"""Apache Spark: one server with both wires, Spark Connect and the Thrift protocol of HiveServer2."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any, ClassVar

from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.environment import Environment
from tests.warehouses.errors import UnavailableError
from tests.warehouses.server import Server, is_listening
from tests.warehouses.tpch import Tpch

THRIFT_SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
DEFINITIONS = Definitions(
    types={"VARCHAR": "STRING"}, keys=None, comments="clause", suffix=" USING parquet", apostrophe="\\'"
)
# Tasks of a cancelled statement go on, so that statements need more slots than this machine has cores.
SETTINGS = {
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "true",
}


class Spark(Engine):
    """The server with its own metastore; the wires are subclasses."""

    dialect = "databricks"
    driver = "spark"
    environment = Environment("spark", ("pyspark[connect]", "pyhive[hive_pure_sasl]"))
    definitions = DEFINITIONS
    # A join of tables without an equality notices only at its end that its statement was cancelled.
    endless = "SELECT count(*) FROM range(100000000000000) WHERE id % 7 = hash(id) % 7"
    lacks: ClassVar[dict[str, str]] = {
        "history": "Spark keeps no history of statements that SQL can read",
        "keys": "the session catalog of Spark has no keys",
        "password": "the server runs without authentication",
    }

    def prepare(self) -> None:
        """Install the packages; Java is not one of them."""
        if not shutil.which("java"):
            raise UnavailableError("there is no Java; version 17 or later is required")
        super().prepare()

    def start(self, folder: Path) -> None:
        """Start the server."""
        thrift, connect, self._interface = find_closed_port(), find_closed_port(), find_closed_port()
        settings = SETTINGS | {
            "spark.connect.grpc.binding.port": str(connect),
            "spark.ui.port": str(self._interface),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.hadoop.hive.server2.thrift.port": str(thrift),
            "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
        }
        flags = [f"--conf={name}={value}" for name, value in settings.items()]
        submit = self.environment.executable("spark-submit")
        command = [submit, "--master=local[4]", "--driver-memory=1g", *flags, "--class", THRIFT_SERVER]
        variables = {"PYSPARK_PYTHON": str(self.environment.executable()), "TMPDIR": str(folder)}
        self.server = Server([*command, "spark-internal"], folder, variables)
        self.server.wait_until(lambda: is_listening(thrift) and is_listening(connect))
        self.connect_client(thrift, connect)
        self.client.rows("CREATE DATABASE tpch")
        self.client.rows("USE tpch")

    def connect_client(self, thrift: int, connect: int) -> None:
        """Connect the client of a wire."""
        raise NotImplementedError

    def running(self) -> int:
        """Return the number of tasks, as the state of a cancelled statement does not say whether its tasks end."""
        api = f"http://127.0.0.1:{self._interface}/api/v1/applications"
        (application,) = _fetch(api)
        return sum(executor["activeTasks"] for executor in _fetch(f"{api}/{application['id']}/executors"))

    def fill(self, table: str, data: Tpch) -> None:
        """Insert from the Parquet file."""
        self.client.rows(f"INSERT INTO {table} SELECT * FROM parquet.`{data.parquet(table)}`")


def _fetch(url: str) -> Any:
    with urllib.request.urlopen(url) as response:
        return json.load(response)


class SparkThrift(Spark):
    """The wire that most clusters offer."""

    name = "spark-thrift"

    def connect_client(self, thrift: int, connect: int) -> None:
        """Connect by PyHive."""
        settings = {"host": "127.0.0.1", "port": thrift, "username": "ktx"}
        self.client = Client("spark_thrift", settings, self.environment.executable())
        self.url = f"spark://ktx@127.0.0.1:{thrift}/tpch"


class SparkConnect(Spark):
    """The wire of Spark 3.4 and later."""

    name = "spark-connect"

    def connect_client(self, thrift: int, connect: int) -> None:
        """Connect by the client of pyspark."""
        self.client = Client("spark_connect", {"url": f"sc://127.0.0.1:{connect}"}, self.environment.executable())
        self.url = f"spark://ktx@127.0.0.1:{connect}/tpch?method=connect"
