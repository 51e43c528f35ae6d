"""MariaDB: the server of `scripts/with-databases.mjs`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.errors import UnavailableError
from tests.warehouses.tpch import Tpch


class MariaDb(Engine):
    """A new database on the server of the tests."""

    name = "mariadb"
    dialect = "mysql"
    driver = "mysql"
    definitions = Definitions(types={"VARCHAR": "VARCHAR(200)"}, comments="clause")
    active = (
        "SELECT count(*) FROM information_schema.processlist"
        " WHERE command = 'Query' AND info LIKE '%{text}%' AND id <> connection_id()"
    )

    def prepare(self) -> None:
        """Check that the server was started."""
        if not os.environ.get("KTX_TEST_MYSQL_URL"):
            raise UnavailableError("KTX_TEST_MYSQL_URL is not set; scripts/with-databases.mjs sets it")

    def start(self, folder: Path) -> None:
        """Create the database."""
        parts = urlsplit(os.environ["KTX_TEST_MYSQL_URL"])
        settings = {"user": parts.username, "password": parts.password, "host": parts.hostname, "port": parts.port}
        self._database = f"ktx_tpch_{secrets.token_hex(4)}"
        self.client = Client("mysql", settings)
        self.client.rows(f"CREATE DATABASE {self._database}")
        self.client.rows(f"USE {self._database}")
        self.client.rows("SET GLOBAL local_infile = 1")
        address = f"@{parts.hostname}:{parts.port}/{self._database}"
        self.url = f"mysql://{parts.username}:{parts.password}{address}"
        self.wrong_url = f"mysql://{parts.username}:wrong{address}"

    def fill(self, table: str, data: Tpch) -> None:
        """Load the CSV file."""
        self.client.load(table, data.csv(table))

    def stop(self) -> None:
        """Drop the database, also with the sessions of the daemon."""
        if hasattr(self, "_database"):
            sessions = f"SELECT id FROM information_schema.processlist WHERE db = '{self._database}'"
            for (session,) in self.client.rows(f"{sessions} AND id <> connection_id()"):
                self.client.rows(f"KILL {session}")
            self.client.rows(f"DROP DATABASE {self._database}")
        super().stop()
