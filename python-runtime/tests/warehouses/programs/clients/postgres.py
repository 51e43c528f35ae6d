"""PostgreSQL by pg8000."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pg8000.native import Connection


class Session:
    """A connection with autocommit."""

    def __init__(self, **settings: Any) -> None:
        self._connection = Connection(**settings)

    def rows(self, sql: str) -> list[Any]:
        """Run a statement; one without a result has no rows."""
        return self._connection.execute_unnamed(sql).rows or []

    def load(self, table: str, file: str) -> None:
        """Copy a CSV file with a header."""
        with Path(file).open("rb") as data:
            self._connection.run(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)", stream=data)


connect = Session
