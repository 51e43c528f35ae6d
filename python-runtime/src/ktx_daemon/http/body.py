"""Reading of request bodies within limits, and detection of clients that disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from ktx_daemon.errors import DaemonError

Result = TypeVar("Result")

# The longest pause of a client inside a body.
READ_TIMEOUT_SECONDS = 60.0


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body.

    Raises 413 for a body over `limit` bytes, before reading if its length is declared, and 408 when the next part does
    not arrive in time. Starlette's `max_body_size` is not used because its 413 response is plain text.
    """
    if int(request.headers.get("content-length", "0")) > limit:
        raise _payload_too_large_error(limit)
    body = bytearray()
    more = True
    while more:
        message = await _next_message(request)
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _payload_too_large_error(limit)
    return bytes(body)


async def run_until_disconnect(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of the work; cancel it and raise `ClientDisconnect` if the client disconnects first."""
    running = asyncio.ensure_future(work)
    disconnect = asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait({running, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise ClientDisconnect
        return running.result()
    finally:
        running.cancel()
        disconnect.cancel()


async def _next_message(request: Request) -> Any:
    try:
        return await asyncio.wait_for(request.receive(), READ_TIMEOUT_SECONDS)
    except asyncio.TimeoutError:
        headers = {"connection": "close"}
        detail = "The request body did not arrive in time"
        raise DaemonError(408, "request_timeout", detail, headers=headers) from None


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _payload_too_large_error(limit: int) -> DaemonError:
    return DaemonError(413, "payload_too_large", f"The request body is larger than {limit} bytes")
