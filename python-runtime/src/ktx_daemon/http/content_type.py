"""Middleware that checks the content type of requests."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ktx_daemon.errors import DaemonError
from ktx_daemon.http.responses import JSON


class JsonMiddleware:
    """Rejects a body that is not declared as JSON in UTF-8 (415)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the header and pass the request on."""
        if not _is_json(Headers(scope=scope).get("content-type", "")):
            raise DaemonError(415, "unsupported_media_type", f"The content type must be {JSON} in UTF-8")
        await self._app(scope, receive, send)


def _is_json(content_type: str) -> bool:
    media_type, *parameters = content_type.lower().split(";")
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = [value.strip(' "') for name, _, value in pairs if name.strip() == "charset"]
    return media_type.strip() == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)
