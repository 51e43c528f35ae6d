"""The daemon as a process: life lock, socket, uvicorn, readiness, drain and exit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Generator

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

from ktx_daemon import log
from ktx_daemon.environment import Environment
from ktx_daemon.errors import StartupError
from ktx_daemon.http.app import create_app
from ktx_daemon.http.protocol import KEEP_ALIVE_SECONDS, MAX_HEAD_BYTES, Protocol
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.listener import BACKLOG, listen
from ktx_daemon.startup import LifeLock, report_ready
from ktx_daemon.workers import Workers

# Connections accepted in one iteration of the event loop; a connection can only be closed some iterations later.
ACCEPT_BATCH = 16
# The time for requests in flight to finish after a stop was requested.
DRAIN_TIMEOUT_SECONDS = 10.0


def serve(host: str, port: int, environment: Environment) -> None:
    """Serve until a signal, `POST /shutdown`, the idle timeout or a successor in the state file; exits with 0.

    Raises `StartupError` if the daemon cannot start.
    """
    life = LifeLock(environment)
    listener = listen(host, port, environment.listen_fd)
    log.configure(environment.log_level)
    workers = Workers()
    lifecycle = Lifecycle()
    app = create_app(environment, lifecycle, workers)
    Server(app, environment, lifecycle, listener).run([listener])
    if workers.is_busy:
        # A thread that waits for a database must not delay the exit; everything is written and closed by now.
        os._exit(0)
    _stop_processes()
    del life  # holds the lock until here


class Server(uvicorn.Server):
    """uvicorn's server with the ready report, the stop request and the drain deadline of the daemon."""

    def __init__(self, app: Starlette, environment: Environment, lifecycle: Lifecycle, listener: socket.socket) -> None:
        super().__init__(_build_config(app))
        self._environment = environment
        self._lifecycle = lifecycle
        self._listener = listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections, then write the ready report."""
        await super().startup(sockets)
        self._listener.listen(BACKLOG)  # uvicorn uses one setting for the backlog and the accept batch
        try:
            report_ready(self._environment, self._listener.getsockname()[1])
        except StartupError:
            await self.lifespan.shutdown()
            raise

    async def main_loop(self) -> None:
        """Wait until a stop is requested; uvicorn's own loop wakes ten times a second to update a disabled header."""
        await self._lifecycle.wait_for_stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections immediately and the others after their response or at the drain deadline."""
        deadline = asyncio.get_running_loop().call_later(DRAIN_TIMEOUT_SECONDS, self._abort_connections)
        await super().shutdown(sockets)
        deadline.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Request a stop on a signal. uvicorn would raise it again after the drain and skip the clean exit."""
        loop = asyncio.get_running_loop()
        for number in HANDLED_SIGNALS:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._lifecycle.stop))
        yield

    def _abort_connections(self) -> None:
        log.warn("daemon.drain_timed_out", open_connections=len(self.server_state.connections))
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _build_config(app: Starlette) -> uvicorn.Config:
    """Return the configuration of uvicorn: no environment variables, no access log, no default headers."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        interface="asgi3",
        workers=1,
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=ACCEPT_BATCH,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )


def _stop_processes() -> None:
    """Shut down the process pool if its module is loaded; a thread may still be importing it."""
    stop = getattr(sys.modules.get("ktx_daemon.processes"), "stop_processes", None)
    if stop is not None:
        stop()
