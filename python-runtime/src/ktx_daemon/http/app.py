"""The application: its middleware and routes."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from ktx_daemon.environment import Environment
from ktx_daemon.http.activity import ActivityMiddleware
from ktx_daemon.http.authentication import PathTokenMiddleware, TokenMiddleware
from ktx_daemon.http.closing import ConnectionCloseMiddleware
from ktx_daemon.http.content_type import JsonMiddleware
from ktx_daemon.http.endpoints import get_health, post_operation, post_shutdown
from ktx_daemon.http.errors import ErrorMiddleware, handle_http_exception
from ktx_daemon.http.loopback import LoopbackMiddleware
from ktx_daemon.http.request_id import RequestIdMiddleware
from ktx_daemon.integrity import IntegrityCheck
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.lifespan import lifespan
from ktx_daemon.operations import OPERATIONS
from ktx_daemon.workers import Workers


def create_app(environment: Environment, lifecycle: Lifecycle, workers: Workers) -> Starlette:
    """Build the application.

    Checks come in this order: framing, `Host` and `Origin`; path and method; token; content type; length. Those that
    depend on the endpoint are middleware of its route.
    """
    integrity = IntegrityCheck()
    app = Starlette(
        routes=_routes(environment, lifecycle, workers, integrity),
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(ConnectionCloseMiddleware, lifecycle),
            Middleware(ActivityMiddleware, lifecycle),
            Middleware(ErrorMiddleware, integrity),
            Middleware(LoopbackMiddleware),
            Middleware(PathTokenMiddleware, enabled=environment.token is not None),
        ],
        exception_handlers={HTTPException: handle_http_exception},
        lifespan=lifespan(environment, lifecycle, workers),
    )
    app.router.redirect_slashes = False  # `/health/` is not found
    return app


def _routes(environment: Environment, lifecycle: Lifecycle, workers: Workers, integrity: IntegrityCheck) -> list[Route]:
    token = environment.token
    required = [] if token is None else [Middleware(TokenMiddleware, token)]
    optional = [] if token is None else [Middleware(TokenMiddleware, token, optional=True)]
    health = partial(get_health, environment=environment, integrity=integrity)
    routes = [Route("/health", health, methods=["GET"], middleware=optional)]
    for operation in OPERATIONS:
        endpoint = partial(
            post_operation, operation=operation, workers=workers, max_body_bytes=environment.max_body_bytes
        )
        routes.append(
            Route(operation.path, endpoint, methods=["POST"], middleware=[*required, Middleware(JsonMiddleware)])
        )
    if token is not None:
        shutdown = partial(post_shutdown, lifecycle=lifecycle)
        routes.append(Route("/shutdown", shutdown, methods=["POST"], middleware=required))
    return routes
