"""An extension of uvicorn's protocol: a connection limit, deadlines, and JSON errors for malformed requests."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ktx_daemon.errors import DaemonError
from ktx_daemon.http.closing import LINGER_SECONDS
from ktx_daemon.http.errors import error_response
from ktx_daemon.limits import connection_limit

MAX_HEAD_BYTES = 64 * 1024
# The longest time for which a connection may be idle or a request's head incomplete. HTTP clients have shorter
# timeouts, so that the client closes first.
KEEP_ALIVE_SECONDS = 600
# The longest time without progress while a client reads a response that exceeds the socket's buffer.
WRITE_TIMEOUT_SECONDS = 60.0

_sequence_numbers = itertools.count()


class Protocol(H11Protocol):
    """The protocol of one connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sequence_number = next(_sequence_numbers)
        self._idle_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._is_lingering = False

    @property
    def has_request_in_flight(self) -> bool:
        """Whether a request is in flight."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection; at the connection limit the oldest idle one is closed."""
        if len(self.connections) >= connection_limit():
            self._close_oldest_idle()
        super().connection_made(transport)
        self._start_head_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadlines."""
        self._set_idle_deadline(None)
        self._cancel_write_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes, or discard them while the connection lingers."""
        if not self._is_lingering:
            super().data_received(data)
        if not self._is_lingering:  # malformed bytes start the lingering
            self._start_head_deadline()

    def pause_writing(self) -> None:
        """Start the write deadline, because a connection with unsent bytes cannot be closed gracefully."""
        super().pause_writing()
        self._start_write_deadline()

    def resume_writing(self) -> None:
        """Cancel the write deadline when enough was sent."""
        super().resume_writing()
        self._cancel_write_deadline()

    def send_400_response(self, msg: str) -> None:
        """Respond to malformed HTTP with the canonical error body, and linger; uvicorn's own response is plain text."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = DaemonError(400, "bad_request", "The request is not valid HTTP", headers={"connection": "close"})
            response = error_response(error)
            for event in (
                h11.Response(status_code=400, headers=response.raw_headers, reason=b"Bad Request"),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self._linger()

    def _start_head_deadline(self) -> None:
        """Start the deadline of a request's head; uvicorn's own timer is cancelled by its first byte."""
        if self.has_request_in_flight:
            self._set_idle_deadline(None)
        elif self._idle_deadline is None:
            self._set_idle_deadline(KEEP_ALIVE_SECONDS)

    def _set_idle_deadline(self, seconds: float | None) -> None:
        if self._idle_deadline is not None:
            self._idle_deadline.cancel()
        self._idle_deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

    def _start_write_deadline(self, unsent_before: float = math.inf) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent < unsent_before:
            self._write_deadline = self.loop.call_later(WRITE_TIMEOUT_SECONDS, self._start_write_deadline, unsent)
        else:
            self.transport.abort()

    def _cancel_write_deadline(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()

    def _close_oldest_idle(self) -> None:
        idle = [each for each in self.connections if isinstance(each, Protocol) and not each.has_request_in_flight]
        if idle:
            oldest = min(idle, key=lambda each: each._sequence_number)
            self.connections.discard(oldest)
            oldest.transport.abort()

    def _linger(self) -> None:
        """Discard further bytes of the client until it closes; closing with unread bytes would lose the response."""
        self._is_lingering = True
        if self.has_request_in_flight:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write_eof()
        self.flow.resume_reading()
        self._set_idle_deadline(LINGER_SECONDS)
