"""Request type of the query history."""

from __future__ import annotations

import msgspec

from ktx_daemon.limits import MAX_ANSWER_BYTES


class ReadQueryHistory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/database/query-history`. The URL contains credentials and is excluded from logs, errors and `repr`.

    `max_statements` (1 to 100,000) limits the history to the statements with the most total time. `max_bytes` (1 MiB to
    64 MiB) limits a page; `cursor` is the `next_cursor` of the previous page. `window_days` (default 30) applies to
    databases that log each call: so many whole days in UTC and the current one are read. `first_day` (in days since
    1970) limits them to that day and later ones. `cluster` applies to ClickHouse, whose servers it names.
    """

    connection_id: str
    driver: str
    url: str
    cursor: str | None = None
    max_statements: int = 1000
    max_bytes: int = MAX_ANSWER_BYTES
    statement_timeout_ms: int = 30_000
    connection_timeout_seconds: float = 5
    max_concurrent_statements: int = 4
    window_days: int | None = None
    first_day: int | None = None
    cluster: str | None = None

    def __repr__(self) -> str:
        return f"ReadQueryHistory({self.connection_id!r}, {self.driver!r})"
