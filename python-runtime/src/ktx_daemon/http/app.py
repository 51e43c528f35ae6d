"""The application: which middleware a request passes, and which endpoint answers it."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from ktx_daemon.environment import Environment
from ktx_daemon.http.activity import ActivityMiddleware
from ktx_daemon.http.authentication import PathTokenMiddleware, TokenMiddleware
from ktx_daemon.http.closing import ClosingMiddleware
from ktx_daemon.http.content_type import JsonMiddleware
from ktx_daemon.http.endpoints import get_health, post_operation, post_shutdown
from ktx_daemon.http.errors import ErrorMiddleware, http_error
from ktx_daemon.http.loopback import LoopbackMiddleware
from ktx_daemon.http.request_id import RequestIdMiddleware
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.lifespan import lifespan
from ktx_daemon.operations import OPERATIONS
from ktx_daemon.own_files import OwnFiles
from ktx_daemon.workers import Workers


def create_app(environment: Environment, lifecycle: Lifecycle, workers: Workers) -> Starlette:
    """Build the application.

    Checks come in this order: framing, `Host` and `Origin`; path and method; token; content type; length. Those that
    depend on the endpoint are middleware of its route.
    """
    own_files = OwnFiles()
    app = Starlette(
        routes=_routes(environment, lifecycle, workers, own_files),
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(ClosingMiddleware, lifecycle),
            Middleware(ActivityMiddleware, lifecycle),
            Middleware(ErrorMiddleware, own_files),
            Middleware(LoopbackMiddleware),
            Middleware(PathTokenMiddleware, enabled=environment.token is not None),
        ],
        exception_handlers={HTTPException: http_error},
        lifespan=lifespan(environment, lifecycle, workers),
    )
    app.router.redirect_slashes = False  # `/health/` is another path
    return app


def _routes(environment: Environment, lifecycle: Lifecycle, workers: Workers, own_files: OwnFiles) -> list[Route]:
    token = environment.token
    needed = [] if token is None else [Middleware(TokenMiddleware, token)]
    optional = [] if token is None else [Middleware(TokenMiddleware, token, optional=True)]
    health = partial(get_health, environment=environment, own_files=own_files)
    routes = [Route("/health", health, methods=["GET"], middleware=optional)]
    for operation in OPERATIONS:
        operate = partial(
            post_operation, operation=operation, workers=workers, max_body_bytes=environment.max_body_bytes
        )
        routes.append(
            Route(operation.path, operate, methods=["POST"], middleware=[*needed, Middleware(JsonMiddleware)])
        )
    if token is not None:
        shutdown = partial(post_shutdown, lifecycle=lifecycle)
        routes.append(Route("/shutdown", shutdown, methods=["POST"], middleware=needed))
    return routes
