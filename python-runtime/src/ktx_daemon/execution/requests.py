"""Request type of the execution."""

from __future__ import annotations

import msgspec

from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.sql.policy.patterns import Denied


class ExecuteSql(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/sql/execute`. The URL contains credentials and is excluded from logs, errors and `repr`.

    `dialect` defaults to that of the driver; `max_rows` is 1 to 100,000, `max_bytes` 1 KiB to 64 MiB.
    A statement that may read what is `denied` is refused.
    """

    connection_id: str
    driver: str
    url: str
    sql: str
    dialect: str | None = None
    max_rows: int = 1000
    max_bytes: int = MAX_ANSWER_BYTES
    statement_timeout_ms: int = 30_000
    connection_timeout_seconds: float = 5
    max_concurrent_statements: int = 4
    denied: Denied = Denied()

    def __repr__(self) -> str:
        return f"ExecuteSql({self.connection_id!r}, {self.driver!r})"
