"""A request and a response, as the application sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ktx_daemon.errors import DaemonError

JSON = "application/json"


@dataclass
class Request:
    """The head of a request. Header names are lower case; the body is read only when `read_body(limit)` is awaited."""

    method: str
    path: str
    headers: dict[str, str]
    read_body: Callable[[int], Awaitable[bytes]]


@dataclass
class Response:
    """A whole answer: a status and a JSON body."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def json(status: int, value: Any, headers: dict[str, str] | None = None) -> Response:
        """Encode a value as the body."""
        return Response(status, msgspec.json.encode(value), headers or {})

    @staticmethod
    def error(error: DaemonError) -> Response:
        """Answer with the canonical body of an error."""
        return Response.json(error.status, error.body(), error.headers)
