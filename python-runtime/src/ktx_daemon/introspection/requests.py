"""Request type of the introspection."""

from __future__ import annotations

import msgspec


class IntrospectDatabase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/database/introspect`. The URL contains credentials and is excluded from logs, errors and `repr`.

    `include` and `exclude` are patterns of tables; see `Selection`. With `names_only`, tables have no columns and keys.
    """

    connection_id: str
    driver: str
    url: str
    schemas: list[str] | None = None
    include: list[str] = []
    exclude: list[str] = []
    names_only: bool = False
    statement_timeout_ms: int = 30_000
    connection_timeout_seconds: float = 5
    max_concurrent_statements: int = 4

    def __repr__(self) -> str:
        return f"IntrospectDatabase({self.connection_id!r}, {self.driver!r})"
