"""The last response of a connection, and how the connection is then closed.

uvicorn reads the rest of an unread body, however long it is, to keep the connection, or closes immediately. Closing a
socket with unread bytes makes the system discard what the client has not read yet: the response would be lost.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon.lifecycle import Lifecycle

# An unread body up to this size is read and dropped to keep the connection; beyond it, closing is cheaper.
MAX_DRAIN_BYTES = 256 * 1024
# How long the rest of an unread body is awaited before the connection is closed.
LINGER_SECONDS = 5.0
CLOSE = (b"connection", b"close")


class ClosingMiddleware:
    """Announces the end of a connection with `Connection: close`, and lingers while the client still sends."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch the body and the response, and pass both on."""
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
        return self._lifecycle.is_stopping or body.is_costly or _asks_to_close(scope)


class _Body:
    """How much of a request's body is still to come."""

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self._receive = receive
        self._announced = int(headers.get("content-length", "0"))
        self._is_chunked = "transfer-encoding" in headers
        self._awaits_continue = "expect" in headers
        self.is_unread = self._is_chunked or self._announced > 0

    @property
    def is_costly(self) -> bool:
        """Whether to close rather than read the rest, which a client that waits for `100 Continue` may never send."""
        return self.is_unread and (self._is_chunked or self._awaits_continue or self._announced > MAX_DRAIN_BYTES)

    async def receive(self) -> Message:
        """Receive the next message."""
        message = await self._receive()
        self._awaits_continue = False
        self.is_unread = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def discard(self) -> None:
        """Read on until the body ends, the client disconnects, or the time is up."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._read_all(), LINGER_SECONDS)

    async def _read_all(self) -> None:
        while self.is_unread:
            await self.receive()


def _asks_to_close(scope: Scope) -> bool:
    return scope["http_version"] != "1.1" or "close" in Headers(scope=scope).get("connection", "").lower()
