"""SQLite, embedded."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path
from typing import Any


class Session:
    """A connection to a file with autocommit."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)

    def rows(self, sql: str) -> list[Any]:
        """Run a statement."""
        return self._connection.execute(sql).fetchall()

    def load(self, table: str, file: str) -> None:
        """Insert a CSV file with a header in one transaction."""
        with Path(file).open(encoding="utf-8", newline="") as data:
            header, *rows = csv.reader(data)
        marks = ", ".join("?" * len(header))
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        self._connection.execute("COMMIT")


connect = Session
