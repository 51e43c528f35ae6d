"""The daemon's token: as `Authorization: Bearer`, or as the first part of the path for clients that take only a URL."""

from __future__ import annotations

import hmac
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ktx_daemon.errors import DaemonError

_PATH_TOKEN = re.compile(r"/t/([^/]*)(/.*)", re.DOTALL)
_SCOPE_KEY = "ktx_daemon.path_token"


class PathTokenMiddleware:
    """Takes `/t/<token>` off the path, and makes the path the bytes that were sent.

    uvicorn decodes percent escapes in `path`; here each endpoint has one spelling.
    """

    def __init__(self, app: ASGIApp, *, enabled: bool) -> None:
        self._app = app
        self._enabled = enabled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the path, and pass the request on."""
        if scope["type"] == "http":
            scope["path"] = scope["raw_path"].decode("latin-1")
            match = _PATH_TOKEN.fullmatch(scope["path"]) if self._enabled else None
            if match is not None:
                scope[_SCOPE_KEY], scope["path"] = match.groups()
        await self._app(scope, receive, send)


class TokenMiddleware:
    """Refuses a request without the token (401). Where it is optional, only a wrong `Authorization` is refused."""

    def __init__(self, app: ASGIApp, token: str, *, optional: bool = False) -> None:
        self._app = app
        self._token = token.encode()
        self._optional = optional

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the token, and pass the request on."""
        given = Headers(scope=scope).getlist("authorization")
        if not self._optional or any(header.strip() for header in given):
            self._check(scope.get(_SCOPE_KEY), given)
        await self._app(scope, receive, send)

    def _check(self, path_token: str | None, authorization: list[str]) -> None:
        token = path_token if path_token is not None else _bearer(authorization)
        if not hmac.compare_digest(token.encode(), self._token):
            raise DaemonError(
                401,
                "unauthorized",
                "The daemon's token is missing or wrong",
                headers={"www-authenticate": "Bearer"},
            )


def _bearer(authorization: list[str]) -> str:
    if len(authorization) != 1:
        return ""
    scheme, _, token = authorization[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
