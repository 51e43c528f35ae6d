"""The interface of an engine."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server
from tests.warehouses.tpch import Tpch


class Engine(ABC):
    """An engine that runs here. `start`, then `load`, in the end `stop`, which also follows a failed `start`.

    `lacks` are cells of the report that the engine cannot show, with the reason. `endless` is a query that does not end
    in time, and `active` the SQL that counts the running statements with `{text}` in them, for engines with a server.
    """

    name: ClassVar[str]
    dialect: ClassVar[str]
    driver: ClassVar[str]
    environment: ClassVar[Environment | None] = None
    definitions: ClassVar[Definitions] = Definitions()
    lacks: ClassVar[dict[str, str]] = {}
    endless: ClassVar[str] = "SELECT count(*) FROM lineitem a, lineitem b, lineitem c WHERE a.l_comment < b.l_comment"
    active: ClassVar[str] = ""
    version_sql: ClassVar[str] = "SELECT version()"

    client: Client
    server: Server | None = None
    url: str  # for the connector; with credentials
    wrong_url: str = ""  # the same with a wrong password

    def prepare(self) -> None:
        """Install the engine in the cache. Raises UnavailableError if it cannot run here."""
        if self.environment:
            self.environment.prepare()

    @abstractmethod
    def start(self, folder: Path) -> None:
        """Start the engine, with its files in an empty folder."""

    def load(self, data: Tpch) -> None:
        """Create and fill the tables."""
        for table, columns in data.columns.items():
            for statement in self.definitions.create(table, columns):
                self.client.rows(statement)
            self.fill(table, data)

    @abstractmethod
    def fill(self, table: str, data: Tpch) -> None:
        """Load the rows of a table in the engine's bulk way."""

    def running(self) -> int:
        """Return the number of statements that compute `endless`, for engines with a server."""
        sql = self.active.format(text=self.endless.split(" WHERE ")[1])
        return int(self.client.rows(sql)[0][0])

    def stop(self) -> None:
        """End the client, then the server."""
        if hasattr(self, "client"):
            self.client.close()
        if self.server:
            self.server.stop()

    def version(self) -> str:
        """Return the numbers of the version that the engine reports."""
        reported = str(self.client.rows(self.version_sql)[0][0])
        numbers = re.search(r"\d+(\.\d+)+", reported)
        return numbers[0] if numbers else reported
