"""What is refused before a body is read: foreign hosts and origins, missing tokens, other content types, large bodies.

A web page can make a browser send requests to a loopback port. `Host` and `Origin` tell such a request from one of the
user's own programs, also after a DNS name was rebound to 127.0.0.1.
"""

from __future__ import annotations

import hmac
import re

from ktx_daemon.errors import DaemonError
from ktx_daemon.http.messages import JSON, Request

_LOOPBACK = r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?"
_LOOPBACK_HOST = re.compile(_LOOPBACK, re.IGNORECASE)
_LOOPBACK_ORIGIN = re.compile(rf"https?://{_LOOPBACK}", re.IGNORECASE)
_PATH_TOKEN = re.compile(r"/t/([^/]*)(/.*)", re.DOTALL)


def check_framing(request: Request) -> None:
    """Refuse a body whose length is told in two ways (400): another program may have read it in the other one."""
    if "transfer-encoding" in request.headers and "content-length" in request.headers:
        raise DaemonError(400, "bad_request", "Content-Length and Transfer-Encoding exclude each other")


def check_host(request: Request) -> None:
    """Refuse a request that was meant for another host (403)."""
    if not _LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
        raise DaemonError(403, "forbidden_host", "The Host header must name this computer: 127.0.0.1 or localhost")


def check_origin(request: Request) -> None:
    """Refuse a request of a web page from elsewhere (403)."""
    origin = request.headers.get("origin")
    if origin is not None and not _LOOPBACK_ORIGIN.fullmatch(origin):
        raise DaemonError(403, "forbidden_origin", "Requests of web pages from other origins are refused")


def take_path_token(request: Request) -> str | None:
    """Strip `/t/<token>` from the path and give the token: a URL may carry the right to use it."""
    match = _PATH_TOKEN.fullmatch(request.path)
    if match is None:
        return None
    request.path = match[2]
    return match[1]


def carries_token(request: Request) -> bool:
    """Say whether a request is sent with a token: where none is needed, a wrong one is refused all the same."""
    return bool(request.headers.get("authorization", "").strip())


def check_token(request: Request, token: str, path_token: str | None) -> None:
    """Refuse a request without the daemon's token, in its path or as `Authorization: Bearer` (401)."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = path_token if path_token is not None else bearer.strip() if scheme.lower() == "bearer" else ""
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise DaemonError(
            401,
            "unauthorized",
            "The daemon's token is missing or wrong",
            headers={"www-authenticate": "Bearer"},
        )


def check_content_type(request: Request) -> None:
    """Refuse a body that is not said to be JSON in UTF-8 (415)."""
    media_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = [
        value.strip(' "') for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "charset"
    ]
    if media_type.strip() != JSON or any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise DaemonError(415, "unsupported_media_type", f"The content type must be {JSON} in UTF-8")


def check_length(request: Request, limit: int) -> None:
    """Refuse a body that says it is larger than the limit (413)."""
    if int(request.headers.get("content-length", "0")) > limit:
        raise too_large(limit)


def too_large(limit: int) -> DaemonError:
    """Build the refusal of a body over the limit."""
    return DaemonError(413, "payload_too_large", f"The request body is larger than {limit} bytes")
