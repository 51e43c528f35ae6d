"""Requests that count as use of the daemon, for its idle timeout."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon.lifecycle import Lifecycle

# Requests of a client without access do not keep the daemon alive.
REFUSALS = (401, 403)


class ActivityMiddleware:
    """Counts requests; health checks and refused ones do not count."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request while the application answers it."""
        if scope["type"] != "http" or scope["path"].endswith("/health"):
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        self._lifecycle.request_started()
        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            self._lifecycle.request_ended(is_use=status not in REFUSALS)
