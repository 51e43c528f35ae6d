"""Handlers of the endpoints."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from ktx_daemon.environment import Environment
from ktx_daemon.health import health_body
from ktx_daemon.http.body import read_body, run_until_disconnect
from ktx_daemon.http.errors import environment_damaged_error, error_response
from ktx_daemon.http.responses import JSON, JsonResponse
from ktx_daemon.integrity import IntegrityCheck
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.operations import Operation
from ktx_daemon.workers import Workers


async def get_health(_request: Request, *, environment: Environment, integrity: IntegrityCheck) -> Response:
    """Return 200, or 503 when files of the environment were deleted or replaced."""
    damage = integrity.find_damage()
    if damage is not None:
        return error_response(environment_damaged_error(503, damage))
    return JsonResponse(health_body(environment.version, environment.instance))


async def post_shutdown(_request: Request, *, lifecycle: Lifecycle) -> Response:
    """Request a stop: the daemon drains and exits."""
    lifecycle.stop()
    return JsonResponse({"status": "stopping"}, 202)


async def post_operation(request: Request, *, operation: Operation, workers: Workers, max_body_bytes: int) -> Response:
    """Decode the body and run the operation in a worker thread; cancelled when the client disconnects."""
    body = await read_body(request, max_body_bytes)
    work = workers.run(operation.pool, partial(operation.answer, body))
    return Response(await run_until_disconnect(request, work), media_type=JSON)
