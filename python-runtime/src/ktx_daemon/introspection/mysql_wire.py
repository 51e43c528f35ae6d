"""The driver's connection to MySQL and MariaDB, with a limit of the bytes of one read."""

from __future__ import annotations

import math

from pymysql.connections import Connection


class OversizedError(Exception):
    """The server sends more than is allowed; the connection cannot be used any further."""


class BoundedConnection(Connection):  # type: ignore[misc,type-arg,unused-ignore]
    """A connection that reads no more bytes than it was last allowed to; at first as many as there are."""

    _allowed: float = math.inf

    def allow(self, most_bytes: float) -> None:
        """Allow so many bytes from here on."""
        self._allowed = most_bytes

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._allowed -= num_bytes
        if self._allowed < 0:
            raise OversizedError
        return bytes(super()._read_bytes(num_bytes))
