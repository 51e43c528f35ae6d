"""The server of fakesnow, with a login that has what version 5 of the connector needs beside the token.

A time that is NULL is sent as NULL, which fakesnow sends as the beginning of 1970.

    python fakesnow_front.py PORT

It runs in the environment of the engine, so that it imports nothing of this project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import fakesnow.arrow
import fakesnow.server
import pyarrow as pa
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LOGIN = "/session/v1/login-request"


async def log_in(request: Request) -> JSONResponse:
    """Add a master token and the number of a session to the answer."""
    answer = await fakesnow.server.login_request(request)
    body = json.loads(answer.body)
    body["data"] |= {"masterToken": body["data"]["token"], "sessionId": 1}
    return JSONResponse(body)


def encode_times(
    times: pa.ChunkedArray, encode: Callable[[Any], pa.StructArray] = fakesnow.arrow.timestamp_to_sf_struct
) -> pa.StructArray:
    """Return times as the protocol has them, with their NULLs."""
    encoded = encode(times)
    nulls = times.combine_chunks().is_null()
    parts = [part.fill_null(0) for part in encoded.flatten()]
    return pa.StructArray.from_arrays(parts, fields=list(encoded.type), mask=nulls)


if __name__ == "__main__":
    fakesnow.arrow.timestamp_to_sf_struct = encode_times
    routes = fakesnow.server.app.router.routes
    routes[:] = [route for route in routes if route.path != LOGIN]
    routes.append(Route(LOGIN, log_in, methods=["POST"]))
    uvicorn.run(fakesnow.server.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
