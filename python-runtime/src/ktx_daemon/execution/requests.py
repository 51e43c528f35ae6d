"""The request of an execution."""

from __future__ import annotations

import msgspec


class ExecuteSql(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/sql/execute`. The URL holds credentials: it is never logged and never repeated.

    `dialect` is that of the driver unless it is given; `max_rows` is 1 to 100,000.
    """

    connection_id: str
    driver: str
    url: str
    sql: str
    dialect: str | None = None
    max_rows: int = 1000
    statement_timeout_ms: int = 30_000
    connection_timeout_seconds: float = 5

    def __repr__(self) -> str:
        return f"ExecuteSql({self.connection_id!r}, {self.driver!r})"
