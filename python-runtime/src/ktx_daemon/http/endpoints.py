"""The endpoints: from a request to its response."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ktx_daemon.decoding import decode
from ktx_daemon.environment import Environment
from ktx_daemon.health import health
from ktx_daemon.http.body import read_body, until_disconnect
from ktx_daemon.http.errors import damaged, error_response
from ktx_daemon.http.responses import JSON, JsonResponse
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.operations import Operation
from ktx_daemon.own_files import OwnFiles
from ktx_daemon.workers import Workers


async def get_health(_request: Request, *, environment: Environment, own_files: OwnFiles) -> Response:
    """Answer 200 while the daemon can work, 503 once its own files were deleted or replaced."""
    damage = own_files.damage()
    if damage is not None:
        return error_response(damaged(503, damage))
    return JsonResponse(health(environment.version, environment.instance))


async def post_shutdown(_request: Request, *, lifecycle: Lifecycle) -> Response:
    """Ask the daemon to drain and end."""
    lifecycle.stop()
    return JsonResponse({"status": "stopping"}, 202)


async def post_operation(request: Request, *, operation: Operation, workers: Workers, max_body_bytes: int) -> Response:
    """Decode the body and compute the answer in a worker thread; cancelled when the client disconnects."""
    body = await read_body(request, max_body_bytes)

    def work() -> bytes:
        return msgspec.json.encode(operation.load()(decode(body, operation.request_type)))

    return Response(await until_disconnect(request, workers.run(operation.lane, work)), media_type=JSON)
