"""ClickHouse by clickhouse-connect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import clickhouse_connect


class Session:
    """A client over HTTP."""

    def __init__(self, **settings: Any) -> None:
        self._client = clickhouse_connect.get_client(**settings)

    def rows(self, sql: str) -> Sequence[Sequence[Any]]:
        """Run a statement; one without a result has no rows."""
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            rows: Sequence[Sequence[Any]] = self._client.query(sql).result_rows
            return rows
        self._client.command(sql)
        return []


connect = Session
