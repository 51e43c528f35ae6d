"""Routing: from a request to the operation that answers it, and from any failure to the canonical error."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Awaitable, Callable

import msgspec

from ktx_daemon.decoding import decode
from ktx_daemon.environment import Environment
from ktx_daemon.errors import DaemonError
from ktx_daemon.health import health
from ktx_daemon.http import checks
from ktx_daemon.http.messages import Request, Response
from ktx_daemon.log import note
from ktx_daemon.operations import OPERATIONS, Operation
from ktx_daemon.own_files import CODE, HINT, OwnFiles
from ktx_daemon.workers import Workers

Handler = Callable[[Request], Awaitable[Response]]


class App:
    """The daemon's routes."""

    def __init__(self, environment: Environment, workers: Workers, stop: Callable[[], None]) -> None:
        self._environment = environment
        self._workers = workers
        self._stop = stop
        self._own_files = OwnFiles()
        self._routes: dict[str, dict[str, Handler]] = {"/health": {"GET": self._health, "HEAD": self._health}}
        for operation in OPERATIONS:
            self._routes[operation.path] = {"POST": functools.partial(self._operate, operation)}
        if environment.token is not None:
            self._routes["/shutdown"] = {"POST": self._shutdown}

    async def __call__(self, request: Request) -> Response:
        """Answer a request. Never raises but for cancellation."""
        try:
            return await self._dispatch(request)
        except DaemonError as error:
            return Response.error(error)
        except Exception as error:  # the caller gets an id, the log gets the rest
            return self._unexpected(error)

    @staticmethod
    def is_work(request: Request) -> bool:
        """Say whether a request counts as use of the daemon; a look at its health does not."""
        return not request.path.endswith("/health")

    async def _dispatch(self, request: Request) -> Response:
        checks.check_framing(request)
        checks.check_host(request)
        checks.check_origin(request)
        path_token = checks.take_path_token(request) if self._environment.token is not None else None
        handler = self._route(request)
        if self._environment.token is not None and (request.path != "/health" or checks.carries_token(request)):
            checks.check_token(request, self._environment.token, path_token)
        return await handler(request)

    def _route(self, request: Request) -> Handler:
        methods = self._routes.get(request.path)
        if methods is None:
            raise DaemonError(404, "not_found", "There is no such endpoint")
        if request.method not in methods:
            allowed = ", ".join(methods)
            raise DaemonError(
                405,
                "method_not_allowed",
                f"This endpoint answers only to {allowed}",
                headers={"allow": allowed},
            )
        return methods[request.method]

    async def _health(self, _request: Request) -> Response:
        damage = self._own_files.damage()
        if damage is not None:
            return Response.error(_damaged(503, damage))
        return Response.json(200, health(self._environment.version, self._environment.instance))

    async def _shutdown(self, _request: Request) -> Response:
        self._stop()
        return Response.json(202, {"status": "stopping"})

    async def _operate(self, operation: Operation, request: Request) -> Response:
        checks.check_content_type(request)
        checks.check_length(request, self._environment.max_body_bytes)
        body = await request.read_body(self._environment.max_body_bytes)

        def work() -> bytes:
            return msgspec.json.encode(operation.load()(decode(body, operation.request_type)))

        return Response(200, await self._workers.run(operation.lane, work))

    def _unexpected(self, error: Exception) -> Response:
        error_id = os.urandom(8).hex()
        note(f"error {error_id}\n{_stack_trace(error)}")
        damage = self._own_files.blame(error)
        if damage is not None:
            return Response.json(500, {**_damaged(500, damage).body(), "id": error_id})
        detail = f"An unexpected error occurred; the daemon's log has it under {error_id}"
        return Response.json(500, {"detail": detail, "code": "internal_error", "id": error_id})


def _damaged(status: int, damage: str) -> DaemonError:
    return DaemonError(status, CODE, f"The environment of the daemon is damaged: {damage}", hint=HINT)


def _stack_trace(error: Exception) -> str:
    """Give it without credentials; only the type of the error where the masking itself cannot be imported."""
    try:
        from ktx_daemon.credentials import scrub

        return scrub("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    except Exception as failure:  # the files of the daemon may be gone
        return f"{type(error).__name__}; there is no stack trace: {failure}"
