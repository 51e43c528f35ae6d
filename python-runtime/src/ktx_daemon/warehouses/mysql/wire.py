"""A connection to MySQL and MariaDB that limits the bytes it reads, and to whom it sends the password."""

from __future__ import annotations

import math
from typing import Any

from pymysql.connections import Connection

# Methods of authentication that send the password itself, such as those for tokens of a cloud and PAM.
CLEARTEXT_PLUGINS = (b"mysql_clear_password", b"dialog")


class OversizedError(Exception):
    """The server sends more than the read limit; the connection cannot be used any more."""


class BoundedConnection(Connection):  # type: ignore[misc,type-arg,unused-ignore]
    """A connection with a read limit, which is initially infinite.

    The password itself is sent over TLS or a Unix socket only (`is_local`).
    """

    _remaining_bytes: float = math.inf

    def __init__(self, *arguments: Any, is_local: bool = False, **options: Any) -> None:
        self._is_local = is_local
        super().__init__(*arguments, **options)

    def set_read_limit(self, max_bytes: float) -> None:
        """Limit the bytes that are read from now on."""
        self._remaining_bytes = max_bytes

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._remaining_bytes -= num_bytes
        if self._remaining_bytes < 0:
            raise OversizedError
        return bytes(super()._read_bytes(num_bytes))

    def _process_auth(self, plugin_name: bytes, auth_packet: Any, handler: Any = None) -> Any:
        if plugin_name in CLEARTEXT_PLUGINS and not (self._secure or self._is_local):
            raise RuntimeError("the server asks for the password itself without TLS")
        return super()._process_auth(plugin_name, auth_packet, handler)
