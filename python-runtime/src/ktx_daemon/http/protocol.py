"""Additions to uvicorn's protocol: a limit of connections, deadlines, and JSON for malformed requests."""

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
# How long a connection may be idle, or a request's head incomplete; longer than HTTP clients keep theirs, so that the
# client closes first.
KEEP_ALIVE_SECONDS = 600
# How long a client may read nothing of a response that does not fit into the socket's buffer.
WRITE_SECONDS = 60.0

_number = itertools.count()


class Protocol(H11Protocol):
    """One connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._opened = next(_number)
        self._idle_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._is_lingering = False

    @property
    def is_answering(self) -> bool:
        """Whether a request is in flight."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Close the oldest idle connection if there are too many, so that a new one is always served."""
        if len(self.connections) >= connection_limit():
            self._close_oldest_idle()
        super().connection_made(transport)
        self._limit_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the deadlines."""
        self._set_idle_deadline(None)
        self._cancel_write_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes, or discard them while the connection lingers."""
        if not self._is_lingering:
            super().data_received(data)
        if not self._is_lingering:  # which malformed bytes begin
            self._limit_head()

    def pause_writing(self) -> None:
        """Limit the time for which a client may read nothing: a connection with unsent bytes could not be closed."""
        super().pause_writing()
        self._limit_writing()

    def resume_writing(self) -> None:
        """Go on when enough was sent."""
        super().resume_writing()
        self._cancel_write_deadline()

    def send_400_response(self, msg: str) -> None:
        """Answer malformed HTTP with the canonical error body, and linger; uvicorn's message is plain text."""
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

    def _limit_head(self) -> None:
        """Limit the time for a head from its first byte on; uvicorn's own timer ends there."""
        if self.is_answering:
            self._set_idle_deadline(None)
        elif self._idle_deadline is None:
            self._set_idle_deadline(KEEP_ALIVE_SECONDS)

    def _set_idle_deadline(self, seconds: float | None) -> None:
        if self._idle_deadline is not None:
            self._idle_deadline.cancel()
        self._idle_deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

    def _limit_writing(self, unsent_before: float = math.inf) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent < unsent_before:
            self._write_deadline = self.loop.call_later(WRITE_SECONDS, self._limit_writing, unsent)
        else:
            self.transport.abort()

    def _cancel_write_deadline(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()

    def _close_oldest_idle(self) -> None:
        idle = [each for each in self.connections if isinstance(each, Protocol) and not each.is_answering]
        if idle:
            oldest = min(idle, key=lambda each: each._opened)
            self.connections.discard(oldest)
            oldest.transport.abort()

    def _linger(self) -> None:
        """Discard what the client still sends; closing with unread bytes would lose the response."""
        self._is_lingering = True
        if self.is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write_eof()
        self.flow.resume_reading()
        self._set_idle_deadline(LINGER_SECONDS)
