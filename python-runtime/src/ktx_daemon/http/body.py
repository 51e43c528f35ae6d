"""Reading a request's body within its limits, and noticing that the client disconnects while it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from ktx_daemon.errors import DaemonError

Result = TypeVar("Result")

# How long a client may pause inside a body.
PAUSE_SECONDS = 60.0


async def read_body(request: Request, limit: int) -> bytes:
    """Read the whole body.

    Raises 413 for a body over the limit, before anything is read where its length is announced, and 408 for one whose
    next part does not arrive in time. Starlette's `max_body_size` is not used, as it answers 413 in plain text.
    """
    if int(request.headers.get("content-length", "0")) > limit:
        raise _too_large(limit)
    body = bytearray()
    more = True
    while more:
        message = await _next_message(request)
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def until_disconnect(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for the work, or cancel it and raise `ClientDisconnect` when the client disconnects before."""
    running = asyncio.ensure_future(work)
    disconnect = asyncio.ensure_future(_disconnect(request))
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
        return await asyncio.wait_for(request.receive(), PAUSE_SECONDS)
    except asyncio.TimeoutError:
        headers = {"connection": "close"}
        detail = "The request body did not arrive in time"
        raise DaemonError(408, "request_timeout", detail, headers=headers) from None


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _too_large(limit: int) -> DaemonError:
    return DaemonError(413, "payload_too_large", f"The request body is larger than {limit} bytes")
