"""The driver's connection to PostgreSQL, with a way to read rows one by one and to stop within them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pg8000.core import (
    DATA_ROW,
    DESCRIBE,
    EXECUTE,
    PORTAL,
    READY_FOR_QUERY,
    SYNC_MSG,
    Context,
    _flush,
    _read,
    _write,
    ci_unpack,
    i_pack,
    i_unpack,
)

from ktx_daemon.introspection.postgres_login import LoginConnection


class Taker(Protocol):
    """What takes the rows."""

    def add(self, values: Sequence[Any], /) -> bool: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102
    @property
    def limit(self) -> Any: ...  # noqa: D102


class _EnoughError(Exception):
    """The taker wants no more rows; the connection cannot be used any further."""


class BoundedConnection(LoginConnection):
    """A connection that can hand on rows as they arrive, without keeping them."""

    _taker: Taker | None = None
    _readers: Sequence[Callable[[str], Any]] = ()

    def describe_cursor(self, name: str) -> list[dict[str, Any]]:
        """Give the columns of a cursor that was declared."""
        return self._send(DESCRIBE, PORTAL + name.encode() + b"\0").columns or []

    def stream(self, name: str, most: int, taker: Taker, readers: Sequence[Callable[[str], Any]]) -> None:
        """Give the rows of a cursor to the taker, until it wants no more.

        The protocol's own message is used, as the statement FETCH puts all rows together before it sends the first one.
        """
        self._taker, self._readers = taker, readers
        try:
            self._send(EXECUTE, name.encode() + b"\0" + i_pack(most))
        except _EnoughError:
            pass
        finally:
            self._taker = None

    def _send(self, code: bytes, data: bytes) -> Context:
        self._send_message(code, data)
        _write(self._sock, SYNC_MSG)
        _flush(self._sock)
        context = Context(None)
        self.handle_messages(context)
        return context

    def handle_messages(self, context: Context) -> None:
        """Read messages as the driver does; a row that alone is too large is not read."""
        if self._taker is None:
            super().handle_messages(context)
            return
        code = None
        while code != READY_FOR_QUERY:
            code, length = ci_unpack(_read(self._sock, 5))
            if code == DATA_ROW and length > self._taker.limit.bytes:
                self._taker.stop()
                raise _EnoughError
            self.message_types[code](_read(self._sock, length - 4), context)
        if context.error is not None:
            raise context.error

    def handle_DATA_ROW(self, data: bytes, context: Context) -> None:  # noqa: N802 - the driver's name
        """Hand on a row, where there is a taker."""
        if self._taker is None:
            super().handle_DATA_ROW(data, context)
        elif not self._taker.add(self._values(data)):
            raise _EnoughError

    def _values(self, data: bytes) -> list[Any]:
        row: list[Any] = []
        position = 2
        for read in self._readers:
            (length,) = i_unpack(data, position)
            position += 4
            if length < 0:
                row.append(None)
            else:
                row.append(read(str(data[position : position + length], "utf-8", "replace")))
                position += length
        return row
