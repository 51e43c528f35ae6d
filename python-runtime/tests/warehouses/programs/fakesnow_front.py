"""The server of fakesnow, with a login that has what version 5 of the connector needs beside the token.

    python fakesnow_front.py PORT

It runs in the environment of the engine, so that it imports nothing of this project.
"""

from __future__ import annotations

import json
import sys

import fakesnow.server
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


if __name__ == "__main__":
    routes = fakesnow.server.app.router.routes
    routes[:] = [route for route in routes if route.path != LOGIN]
    routes.append(Route(LOGIN, log_in, methods=["POST"]))
    uvicorn.run(fakesnow.server.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
