"""Middleware for the header `X-Request-Id`: accepted from the request if valid, sent with responses, and logged."""

from __future__ import annotations

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon import log, request_id
from ktx_daemon.operations import OPERATIONS

SERVER_ERROR = 500
# Other paths may contain the token and are not logged.
_PATHS = {operation.path for operation in OPERATIONS} | {"/health", "/shutdown"}


class RequestIdMiddleware:
    """Binds the id of a request while it is handled, and logs the request when it is finished."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = None
        with request_id.bind(Headers(scope=scope).getlist(request_id.HEADER)) as current_id:
            header = (request_id.HEADER.encode(), current_id.encode())

            async def send_with_id(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message = {**message, "headers": [*message.get("headers", ()), header]}
                await send(message)

            started = time.monotonic()
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _log(scope["path"], status, round((time.monotonic() - started) * 1000, 1))


def _log(path: str, status: int | None, ms: float) -> None:
    """Log a finished request; the status is None if the client disconnected before the response."""
    write = log.warn if status is not None and status >= SERVER_ERROR else log.debug
    write("request.finished", path=path if path in _PATHS else "other", status=status, ms=ms)
