"""A connection to MySQL and MariaDB that limits the bytes it reads."""

from __future__ import annotations

import math

from pymysql.connections import Connection


class OversizedError(Exception):
    """The server sends more than the read limit; the connection cannot be used any more."""


class BoundedConnection(Connection):  # type: ignore[misc,type-arg,unused-ignore]
    """A connection with a read limit, which is initially infinite."""

    _remaining_bytes: float = math.inf

    def set_read_limit(self, max_bytes: float) -> None:
        """Limit the bytes that are read from now on."""
        self._remaining_bytes = max_bytes

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._remaining_bytes -= num_bytes
        if self._remaining_bytes < 0:
            raise OversizedError
        return bytes(super()._read_bytes(num_bytes))
