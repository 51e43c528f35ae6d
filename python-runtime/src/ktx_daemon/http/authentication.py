"""Token authentication: `Authorization: Bearer`, or a path prefix for clients that are configured by a URL only."""

from __future__ import annotations

import hmac
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ktx_daemon.errors import DaemonError

_PATH_TOKEN = re.compile(r"/t/([^/]*)(/.*)", re.DOTALL)
_SCOPE_KEY = "ktx_daemon.path_token"


class PathTokenMiddleware:
    """Strips `/t/<token>` from the path, and restores the path as it was sent.

    uvicorn decodes percent escapes in `path`, but each endpoint has exactly one spelling.
    """

    def __init__(self, app: ASGIApp, *, enabled: bool) -> None:
        self._app = app
        self._enabled = enabled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the path and pass the request on."""
        if scope["type"] == "http":
            scope["path"] = scope["raw_path"].decode("latin-1")
            match = _PATH_TOKEN.fullmatch(scope["path"]) if self._enabled else None
            if match is not None:
                scope[_SCOPE_KEY], scope["path"] = match.groups()
        await self._app(scope, receive, send)


class TokenMiddleware:
    """Rejects requests without the token (401). If it is optional, only a wrong `Authorization` header is rejected."""

    def __init__(self, app: ASGIApp, token: str, *, optional: bool = False) -> None:
        self._app = app
        self._token = token.encode()
        self._optional = optional

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the token and pass the request on."""
        authorization = Headers(scope=scope).getlist("authorization")
        if not self._optional or any(header.strip() for header in authorization):
            self._check(scope.get(_SCOPE_KEY), authorization)
        await self._app(scope, receive, send)

    def _check(self, path_token: str | None, authorization: list[str]) -> None:
        token = path_token if path_token is not None else _parse_bearer_token(authorization)
        if not hmac.compare_digest(token.encode(), self._token):
            raise DaemonError(
                401,
                "unauthorized",
                "The daemon's token is missing or wrong",
                headers={"www-authenticate": "Bearer"},
            )


def _parse_bearer_token(authorization: list[str]) -> str:
    if len(authorization) != 1:
        return ""
    scheme, _, token = authorization[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
