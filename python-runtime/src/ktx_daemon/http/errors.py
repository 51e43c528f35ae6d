"""Error responses with the canonical body: `detail`, `code` and an optional `hint`."""

from __future__ import annotations

import traceback

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktx_daemon import log, request_id
from ktx_daemon.errors import DaemonError
from ktx_daemon.http.responses import JsonResponse
from ktx_daemon.integrity import HINT, IntegrityCheck


def error_response(error: DaemonError) -> Response:
    """Return the response of an error, with its canonical body."""
    return JsonResponse(error.body(), error.status, error.headers)


def environment_damaged_error(status: int, damage: str) -> DaemonError:
    """Return the error for an environment whose files were deleted or replaced."""
    return DaemonError(status, "environment_damaged", f"The environment of the daemon is damaged: {damage}", hint=HINT)


async def handle_http_exception(_request: Request, error: Exception) -> Response:
    """Handle the router's exceptions: 404, or 405 with the allowed methods."""
    headers = (error.headers if isinstance(error, HTTPException) else None) or {}
    if "Allow" not in headers:
        return error_response(DaemonError(404, "not_found", "There is no such endpoint"))
    allowed = ", ".join(sorted(headers["Allow"].split(", ")))
    detail = f"This endpoint answers only to {allowed}"
    return error_response(DaemonError(405, "method_not_allowed", detail, headers={"allow": allowed}))


class ErrorMiddleware:
    """Turns every exception of the application into a response; unexpected ones are logged under the request's id.

    Starlette's handler for `Exception` is not used because it raises the error again, and uvicorn would log it
    unredacted.
    """

    def __init__(self, app: ASGIApp, integrity: IntegrityCheck) -> None:
        self._app = app
        self._integrity = integrity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and respond to exceptions."""
        started = False

        async def send_and_record_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_record_start)
        except ClientDisconnect:
            return
        except Exception as error:
            response = (
                error_response(error) if isinstance(error, DaemonError) else self._unexpected_error_response(error)
            )
            if started:
                raise  # uvicorn closes the connection, so that the client sees an incomplete response
            await response(scope, receive, send)

    def _unexpected_error_response(self, error: Exception) -> Response:
        error_id = request_id.current()
        log.error("request.failed", stack=_stack_trace(error))
        damage = self._integrity.diagnose(error)
        if damage is not None:
            return JsonResponse(environment_damaged_error(500, damage).body(error_id), 500)
        detail = f"An unexpected error occurred; the daemon's log has it under {error_id}"
        return JsonResponse(DaemonError(500, "internal_error", detail).body(error_id), 500)


def _stack_trace(error: Exception) -> str:
    """Return the redacted stack trace, or only the type of the error if the redaction cannot be imported."""
    try:
        from ktx_daemon.redaction import redact

        return redact("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    except Exception as failure:  # the module's file may have been deleted
        return f"{type(error).__name__}; there is no stack trace: {failure}"
