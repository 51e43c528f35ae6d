"""Snowflake by its Python connector."""

from __future__ import annotations

from typing import Any

import snowflake.connector


class Session:
    """A session of the connector."""

    def __init__(self, **settings: Any) -> None:
        self._cursor = snowflake.connector.connect(**settings).cursor()

    def rows(self, sql: str) -> list[Any]:
        """Run a statement."""
        rows: list[Any] = self._cursor.execute(sql).fetchall()
        return rows


connect = Session
