"""Every failure as the canonical error body: `detail`, `code`, and where there is one a `hint`."""

from __future__ import annotations

import traceback

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon import log, request_id
from ktx_daemon.errors import DaemonError
from ktx_daemon.http.responses import JsonResponse
from ktx_daemon.own_files import HINT, OwnFiles


def error_response(error: DaemonError) -> Response:
    """Answer with the canonical body of an error."""
    return JsonResponse(error.body(), error.status, error.headers)


def damaged(status: int, damage: str) -> DaemonError:
    """Build the error of a daemon whose own files were deleted or replaced."""
    return DaemonError(status, "environment_damaged", f"The environment of the daemon is damaged: {damage}", hint=HINT)


async def http_error(_request: Request, error: Exception) -> Response:
    """Answer for the router: 404, or 405 with the methods that the path has."""
    headers = (error.headers if isinstance(error, HTTPException) else None) or {}
    if "Allow" not in headers:
        return error_response(DaemonError(404, "not_found", "There is no such endpoint"))
    allowed = ", ".join(sorted(headers["Allow"].split(", ")))
    detail = f"This endpoint answers only to {allowed}"
    return error_response(DaemonError(405, "method_not_allowed", detail, headers={"allow": allowed}))


class ErrorMiddleware:
    """Answers every exception of the application; an unexpected one is logged, and the body repeats the request's id.

    Starlette's handler for `Exception` is not used: it raises the error once more, and uvicorn would log it unmasked.
    """

    def __init__(self, app: ASGIApp, own_files: OwnFiles) -> None:
        self._app = app
        self._own_files = own_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer if that raises."""
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except ClientDisconnect:
            return
        except Exception as error:
            response = error_response(error) if isinstance(error, DaemonError) else self._unexpected(error)
            if started:
                raise  # uvicorn closes the connection: half a response is an error of its own
            await response(scope, receive, send)

    def _unexpected(self, error: Exception) -> Response:
        error_id = request_id.current()
        log.error("request.failed", stack=_stack_trace(error))
        damage = self._own_files.blame(error)
        if damage is not None:
            return JsonResponse(damaged(500, damage).body(error_id), 500)
        detail = f"An unexpected error occurred; the daemon's log has it under {error_id}"
        return JsonResponse(DaemonError(500, "internal_error", detail).body(error_id), 500)


def _stack_trace(error: Exception) -> str:
    """Format it without credentials; only the type of the error where the masking itself cannot be imported."""
    try:
        from ktx_daemon.redaction import redact

        return redact("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    except Exception as failure:  # the files of the daemon may be deleted
        return f"{type(error).__name__}; there is no stack trace: {failure}"
