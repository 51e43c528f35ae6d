"""A connection to PostgreSQL that can stream rows to a consumer and stop between rows."""

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

from ktx_daemon.warehouses.postgres.login import LoginConnection


class RowConsumer(Protocol):
    """The consumer of streamed rows: `add` returns False to stop; `limit.bytes` is the maximum size of a row."""

    def add(self, values: Sequence[Any], /) -> bool: ...  # noqa: D102
    def skip_oversized_row(self) -> None: ...  # noqa: D102
    @property
    def limit(self) -> Any: ...  # noqa: D102


class _ConsumerDoneError(Exception):
    """The consumer stops the stream; the connection cannot be used any more."""


class BoundedConnection(LoginConnection):
    """A connection that passes rows to a consumer as they arrive, without buffering them."""

    _consumer: RowConsumer | None = None
    _converters: Sequence[Callable[[str], Any]] = ()

    def describe_cursor(self, name: str) -> list[dict[str, Any]]:
        """Return the columns of a declared cursor."""
        return self._send(DESCRIBE, PORTAL + name.encode() + b"\0").columns or []

    def stream(
        self, name: str, max_rows: int, consumer: RowConsumer, converters: Sequence[Callable[[str], Any]]
    ) -> None:
        """Stream the rows of a cursor to the consumer until it stops.

        Uses the protocol's Execute message, because the statement FETCH materialises all rows before it sends the
        first.
        """
        self._consumer, self._converters = consumer, converters
        try:
            self._send(EXECUTE, name.encode() + b"\0" + i_pack(max_rows))
        except _ConsumerDoneError:
            pass
        finally:
            self._consumer = None

    def _send(self, code: bytes, data: bytes) -> Context:
        self._send_message(code, data)
        _write(self._sock, SYNC_MSG)
        _flush(self._sock)
        context = Context(None)
        self.handle_messages(context)
        return context

    def handle_messages(self, context: Context) -> None:
        """Handle messages as the driver does, but do not read a row that exceeds the consumer's limit."""
        if self._consumer is None:
            super().handle_messages(context)
            return
        code = None
        while code != READY_FOR_QUERY:
            code, length = ci_unpack(_read(self._sock, 5))
            if code == DATA_ROW and length > self._consumer.limit.bytes:
                self._consumer.skip_oversized_row()
                raise _ConsumerDoneError
            self.message_types[code](_read(self._sock, length - 4), context)
        if context.error is not None:
            raise context.error

    def handle_DATA_ROW(self, data: bytes, context: Context) -> None:  # noqa: N802 - the driver's name
        """Pass a row to the consumer, if there is one."""
        if self._consumer is None:
            super().handle_DATA_ROW(data, context)
        elif not self._consumer.add(self._decode_row(data)):
            raise _ConsumerDoneError

    def _decode_row(self, data: bytes) -> list[Any]:
        row: list[Any] = []
        position = 2
        for convert in self._converters:
            (length,) = i_unpack(data, position)
            position += 4
            if length < 0:
                row.append(None)
            else:
                row.append(convert(str(data[position : position + length], "utf-8", "replace")))
                position += length
        return row
