"""Databend, embedded."""

from __future__ import annotations

from typing import Any

from databend import SessionContext


class Session:
    """A session of the embedded engine."""

    def __init__(self, folder: str) -> None:
        self._context = SessionContext(data_path=folder)

    def rows(self, sql: str) -> list[Any]:
        """Run a statement."""
        return list(self._context.sql(sql).fetchall())


connect = Session
