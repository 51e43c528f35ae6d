"""One HTTP/1.1 connection: h11 knows the protocol, asyncio moves the bytes, this file joins them.

Rules kept here: the connection stays open whenever the protocol allows; a body is read only when the application asks
for it; an answer reaches the client even if its body was never read; a client that goes away cancels its request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import h11

from ktx_daemon.errors import DaemonError
from ktx_daemon.http.checks import too_large
from ktx_daemon.http.messages import JSON, Request, Response

READ_BYTES = 256 * 1024
MAX_HEAD_BYTES = 64 * 1024
# An unread body up to this size is read and dropped to keep the connection; beyond it, closing is cheaper.
MAX_DRAIN_BYTES = 256 * 1024
# How long a client may pause inside a request, and how long the rest of an unread body is awaited before closing.
PAUSE_SECONDS = 60.0
LINGER_SECONDS = 5.0
# How long an idle connection is kept; longer than HTTP clients keep theirs, so that the client closes first.
KEEP_ALIVE_SECONDS = 600.0

Application = Callable[[Request], Awaitable[Response]]


class DisconnectedError(Exception):
    """The client is gone."""


class Connection:
    """A client's connection, from accept to close.

    `answering` says whether a request is in flight; `closing`, once set, makes the current answer the last one.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._running: asyncio.Future[Response] | None = None
        self._watcher: asyncio.Future[None] | None = None
        self._ended = False  # the client has closed its side
        self.answering = False
        self.closing = False

    async def serve(self, application: Application) -> None:
        """Answer requests until the client or the daemon is done with the connection."""
        try:
            while await self._serve_one(application):
                self._h11.start_next_cycle()
        except asyncio.TimeoutError:
            self.abort()  # a client that does not read would never let it be closed
        except (DisconnectedError, OSError, h11.RemoteProtocolError):
            pass
        finally:
            self._writer.close()
            with contextlib.suppress(Exception):
                await self._writer.wait_closed()

    def abort(self) -> None:
        """Close at once, whatever the client has not read yet."""
        self._writer.transport.abort()

    async def _serve_one(self, application: Application) -> bool:
        """Answer one request; say whether another may follow."""
        try:
            head = await self._next_event(KEEP_ALIVE_SECONDS)
        except h11.RemoteProtocolError as error:
            if self._ended:
                raise DisconnectedError from None
            await self._send(_malformed(error), close=True)
            await self._linger()
            return False
        if not isinstance(head, h11.Request):
            return False
        self.answering = True
        response = await self._answer(application, head)
        await self._send(response, close=self.closing or not self._can_drain(head), bodyless=head.method == b"HEAD")
        self.answering = False
        return await self._finish()

    async def _answer(self, application: Application, head: h11.Request) -> Response:
        """Run the application; it is cancelled if the client goes away meanwhile."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        path = head.target.decode("latin-1").partition("?")[0]
        request = Request(head.method.decode("ascii"), path, headers, self._read_body)
        self._running = asyncio.ensure_future(application(request))
        try:
            return await self._running
        except asyncio.CancelledError:
            if self._ended:
                raise DisconnectedError from None
            raise
        finally:
            self._running.cancel()
            if self._watcher is not None:
                self._watcher.cancel()
                await asyncio.wait([self._watcher])  # two readers at once are an error
                self._watcher = None

    async def _read_body(self, limit: int) -> bytes:
        """Read the body of the current request, then watch whether the client stays."""
        if self._h11.they_are_waiting_for_100_continue:
            self._writer.write(
                self._h11.send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
            )
        parts: list[bytes] = []
        size = 0
        try:
            while isinstance(event := await self._next_event(PAUSE_SECONDS), h11.Data):
                size += len(event.data)
                if size > limit:
                    raise too_large(limit)
                parts.append(bytes(event.data))
        except asyncio.TimeoutError:
            raise DaemonError(408, "request_timeout", "The request body did not arrive in time") from None
        except h11.RemoteProtocolError as error:
            raise DaemonError(400, "bad_request", f"The request is not valid HTTP: {error}") from None
        self._watcher = asyncio.ensure_future(self._watch())
        return b"".join(parts)

    async def _watch(self) -> None:
        """Cancel the running request when the client closes; bytes of a next request are kept for it."""
        with contextlib.suppress(OSError):
            if data := await self._reader.read(READ_BYTES):
                self._h11.receive_data(data)
                return
        self._ended = True
        if self._running is not None:
            self._running.cancel()

    async def _next_event(self, patience: float) -> Any:
        """Read on until there is an event; one that comes in dribs and drabs has no more time than any other."""
        deadline = asyncio.get_running_loop().time() + patience
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            rest = deadline - asyncio.get_running_loop().time()
            data = await asyncio.wait_for(self._reader.read(READ_BYTES), rest)
            self._ended = not data
            self._h11.receive_data(data)
        return event

    async def _send(self, response: Response, *, close: bool, bodyless: bool = False) -> None:
        headers = {"content-type": JSON, "content-length": str(len(response.body)), **response.headers}
        if close:
            headers["connection"] = "close"
        head = h11.Response(
            status_code=response.status,
            headers=list(headers.items()),
            reason=HTTPStatus(response.status).phrase.encode(),
        )
        chunks = [self._h11.send(head)]
        if not bodyless:
            chunks.append(self._h11.send(h11.Data(data=response.body)))
        chunks.append(self._h11.send(h11.EndOfMessage()))
        self._writer.write(b"".join(chunk for chunk in chunks if chunk))
        await asyncio.wait_for(self._writer.drain(), PAUSE_SECONDS)

    def _can_drain(self, head: h11.Request) -> bool:
        """Say whether reading the rest of the body to keep the connection is worth it."""
        if self._h11.their_state is h11.DONE:
            return True
        if self._h11.their_state is not h11.SEND_BODY or self._h11.they_are_waiting_for_100_continue:
            return False
        headers = dict(head.headers)
        return b"transfer-encoding" not in headers and int(headers.get(b"content-length", 0)) <= MAX_DRAIN_BYTES

    async def _finish(self) -> bool:
        """Bring the connection to its next request, or to an end at which the client can still read the answer."""
        if self._h11.our_state is h11.DONE:
            while self._h11.their_state is h11.SEND_BODY:
                await self._next_event(LINGER_SECONDS)
            return bool(self._h11.their_state is h11.DONE)
        if self._h11.their_state in (h11.SEND_BODY, h11.ERROR):
            await self._linger()
        return False

    async def _linger(self) -> None:
        """Read on for a while: closing with unread bytes makes the system discard what the client has not read yet."""
        with contextlib.suppress(asyncio.TimeoutError, OSError):
            await asyncio.wait_for(self._discard(), LINGER_SECONDS)

    async def _discard(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()
        while await self._reader.read(READ_BYTES):
            pass


def _malformed(error: h11.RemoteProtocolError) -> Response:
    detail = f"The request is not valid HTTP: {error}"
    return Response.error(DaemonError(error.error_status_hint, "bad_request", detail))
