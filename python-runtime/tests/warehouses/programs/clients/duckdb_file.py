"""DuckDB, embedded."""

from __future__ import annotations

from typing import Any

import duckdb


class Session:
    """A connection to a file. (Other processes can open it at the same time only if it is read-only.)"""

    def __init__(self, file: str, read_only: bool) -> None:
        self._connection = duckdb.connect(file, read_only=read_only)

    def rows(self, sql: str) -> list[Any]:
        """Run a statement."""
        return self._connection.execute(sql).fetchall()


connect = Session
