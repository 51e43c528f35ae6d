"""Middleware that closes connections after their last response.

uvicorn either reads the rest of an unread body, however long, to keep the connection, or closes immediately. Closing a
socket with unread bytes resets the connection, and the client may lose the response.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon.lifecycle import Lifecycle

# An unread body up to this size is read and discarded to keep the connection; for larger ones closing is cheaper.
MAX_DRAIN_BYTES = 256 * 1024
# The longest wait for the rest of an unread body before the connection is closed.
LINGER_SECONDS = 5.0
CLOSE = (b"connection", b"close")


class ConnectionCloseMiddleware:
    """Sends `Connection: close` with the last response, and lingers while the client still sends its body."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Track the body and the response, and pass both on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(Headers(scope=scope), receive)
        closing = False

        async def send_closing(message: Message) -> None:
            nonlocal closing
            if message["type"] == "http.response.start":
                sent = list(message.get("headers", ()))
                headers = [header for header in sent if header != CLOSE]
                closing = len(headers) < len(sent) or self._is_last(scope, body)
                await send({**message, "headers": [*headers, CLOSE] if closing else headers})
            elif closing and body.is_unread and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await body.discard()
                await send({"type": "http.response.body"})
            else:
                await send(message)

        await self._app(scope, body.receive, send_closing)

    def _is_last(self, scope: Scope, body: _Body) -> bool:
        return self._lifecycle.is_stopping or body.is_expensive_to_drain or _requests_close(scope)


class _Body:
    """Tracks how much of a request's body is unread."""

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self._receive = receive
        self._announced = int(headers.get("content-length", "0"))
        self._is_chunked = "transfer-encoding" in headers
        self._awaits_continue = "expect" in headers
        self.is_unread = self._is_chunked or self._announced > 0

    @property
    def is_expensive_to_drain(self) -> bool:
        """Whether closing is better than reading the rest, which a client that awaits `100 Continue` may never send."""
        return self.is_unread and (self._is_chunked or self._awaits_continue or self._announced > MAX_DRAIN_BYTES)

    async def receive(self) -> Message:
        """Receive the next message and update the state."""
        message = await self._receive()
        self._awaits_continue = False
        self.is_unread = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def discard(self) -> None:
        """Read until the body ends, the client disconnects, or the linger time is over."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._read_all(), LINGER_SECONDS)

    async def _read_all(self) -> None:
        while self.is_unread:
            await self.receive()


def _requests_close(scope: Scope) -> bool:
    return scope["http_version"] != "1.1" or "close" in Headers(scope=scope).get("connection", "").lower()
