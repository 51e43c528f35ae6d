"""Middleware that accepts requests of local programs only, not of web pages.

A web page can make a browser send requests to a loopback port. `Host` and `Origin` distinguish such requests from those
of local programs, also after DNS rebinding to 127.0.0.1.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ktx_daemon.errors import DaemonError

_LOOPBACK = r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?"
_LOOPBACK_HOST = re.compile(_LOOPBACK, re.IGNORECASE)
_LOOPBACK_ORIGIN = re.compile(rf"https?://{_LOOPBACK}", re.IGNORECASE)


class LoopbackMiddleware:
    """Rejects ambiguous framing (400), a foreign `Host` and a foreign `Origin` (403)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the headers and pass the request on."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            _check_framing(headers)
            _check_host(headers)
            _check_origin(headers)
        await self._app(scope, receive, send)


def _check_framing(headers: Headers) -> None:
    """Reject a body with two lengths, which enables request smuggling through a proxy."""
    if "transfer-encoding" in headers and "content-length" in headers:
        raise DaemonError(400, "bad_request", "Content-Length and Transfer-Encoding exclude each other")


def _check_host(headers: Headers) -> None:
    if not _LOOPBACK_HOST.fullmatch(headers.get("host", "")):
        raise DaemonError(403, "forbidden_host", "The Host header must name this computer: 127.0.0.1 or localhost")


def _check_origin(headers: Headers) -> None:
    if not all(_LOOPBACK_ORIGIN.fullmatch(origin) for origin in headers.getlist("origin")):
        raise DaemonError(403, "forbidden_origin", "Requests of web pages from other origins are refused")
