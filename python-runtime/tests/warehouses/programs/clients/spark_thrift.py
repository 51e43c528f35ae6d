"""Spark's Thrift server by PyHive."""

from __future__ import annotations

from typing import Any

from pyhive import hive


class Session:
    """A session of HiveServer2's protocol."""

    def __init__(self, **settings: Any) -> None:
        self._cursor = hive.connect(**settings).cursor()

    def rows(self, sql: str) -> list[Any]:
        """Run a statement; one without a result has no rows."""
        self._cursor.execute(sql)
        return list(self._cursor.fetchall()) if self._cursor.description else []


connect = Session
