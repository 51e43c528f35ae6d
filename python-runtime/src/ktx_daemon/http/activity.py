"""Middleware that tracks use of the daemon for the idle timeout."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon.lifecycle import Lifecycle

# Requests of an unauthorised client do not keep the daemon alive.
REJECTED_STATUSES = (401, 403)


class ActivityMiddleware:
    """Counts requests; health checks and rejected requests do not count as use."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request as in flight while the application handles it."""
        if scope["type"] != "http" or scope["path"].endswith("/health"):
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_and_record_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        self._lifecycle.request_started()
        try:
            await self._app(scope, receive, send_and_record_status)
        finally:
            self._lifecycle.request_ended(counts_as_use=status not in REJECTED_STATUSES)
