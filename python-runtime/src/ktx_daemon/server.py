"""The daemon's life as a server: socket, readiness, requests, and the ways to end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time

from ktx_daemon.environment import Environment
from ktx_daemon.errors import StartupError
from ktx_daemon.greeter import Greeter
from ktx_daemon.http.app import App
from ktx_daemon.http.connection import Connection
from ktx_daemon.http.messages import Request, Response
from ktx_daemon.life import Life, report_ready
from ktx_daemon.limits import connection_limit
from ktx_daemon.log import note
from ktx_daemon.operations import warm
from ktx_daemon.record import Record
from ktx_daemon.workers import Workers

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
BACKLOG = 512
# So many are accepted in one turn of the event loop; some turns pass before one can be closed again.
ACCEPTED_AT_ONCE = 16
# Whoever may not use the daemon does not keep it alive either.
REFUSALS = (401, 403)
# How long requests in flight may take to finish once the daemon is asked to stop.
DRAIN_SECONDS = 10.0


def serve(host: str, port: int, environment: Environment, greeter: Greeter | None = None) -> None:
    """Serve until a signal, `POST /shutdown`, the idle timeout or another daemon's turn; then end with exit code 0."""
    life = Life(environment)
    server = Server(environment, _listen(host, port, environment.listen_fd), greeter)
    asyncio.run(server.run())
    if server.is_busy:
        # A thread that waits for a database must not keep the process; all that matters is written and closed.
        os._exit(0)
    _stop_processes()
    del life  # it has held the lock until here


class Server:
    """A listening socket, its connections and the reasons to stop."""

    def __init__(self, environment: Environment, listener: socket.socket, greeter: Greeter | None = None) -> None:
        self._environment = environment
        self._listener = listener
        self._greeter = greeter
        self._workers = Workers()
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._most_connections = connection_limit()
        self._in_flight = 0
        self._last_work = time.monotonic()
        self._stopping = asyncio.Event()
        self._app = App(environment, self._workers, self._stopping.set)

    @property
    def is_busy(self) -> bool:
        """Say whether work is still running that nobody waits for."""
        return self._workers.is_busy

    async def run(self) -> None:
        """Accept connections until asked to stop, then let the requests in flight finish."""
        self._listen_to_signals()
        if self._greeter is not None:
            for connection, received in self._greeter.leave().items():
                await self._take_over(connection, received)
        server = await asyncio.start_server(self._accept, sock=self._listener, backlog=ACCEPTED_AT_ONCE)
        self._listener.listen(BACKLOG)  # asyncio has one number for both
        report_ready(self._environment, self._listener.getsockname()[1])
        watch = asyncio.create_task(self._watch_record())
        threading.Thread(target=warm, daemon=True).start()
        await self._until_stopped()
        watch.cancel()
        server.close()
        await self._drain()
        self._workers.close()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._stopping.set)
            except NotImplementedError:  # Windows has no signals in the event loop
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stopping.set))

    async def _take_over(self, connection: socket.socket, received: bytes) -> None:
        """Go on with a connection that was accepted before there was an event loop."""
        reader = asyncio.StreamReader()
        reader.feed_data(received)
        protocol = asyncio.StreamReaderProtocol(reader, self._accept)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, connection)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this callback in a task
        self._make_room()
        self._connections[connection] = task
        try:
            await connection.serve(self._answer)
        except asyncio.CancelledError:
            pass  # the daemon is ending
        finally:
            self._connections.pop(connection, None)

    def _make_room(self) -> None:
        """Close the oldest connection that is not being answered, so that however many there are, one gets in."""
        if len(self._connections) >= self._most_connections:
            idle = next((each for each in self._connections if not each.answering), None)
            if idle is not None:
                del self._connections[idle]
                idle.abort()

    async def _answer(self, request: Request) -> Response:
        if not self._app.is_work(request):
            return await self._app(request)
        self._in_flight += 1
        status = None
        try:
            response = await self._app(request)
            status = response.status
            return response
        finally:
            self._in_flight -= 1
            if status not in REFUSALS:
                self._last_work = time.monotonic()

    async def _until_stopped(self) -> None:
        """Wait for the wish to stop, or until nobody has used the daemon for the idle timeout."""
        limit = self._environment.idle_timeout
        while not self._stopping.is_set():
            rest = self._last_work + limit - time.monotonic() if not self._in_flight else limit
            if limit and rest <= 0:
                return
            try:
                await asyncio.wait_for(self._stopping.wait(), rest if limit else None)
            except asyncio.TimeoutError:
                continue

    async def _watch_record(self) -> None:
        """End when the state file names another daemon or none: nobody would ever find this one again."""
        record = Record(self._environment.state_file, self._environment.instance)
        while record.look():
            record.cap_logs()
            await asyncio.sleep(record.pause)
        note("ktx-daemon ends: its state file does not name it")
        self._stopping.set()

    async def _drain(self) -> None:
        """Close idle connections at once, and the others after their answer, at the latest when time is up."""
        tasks = list(self._connections.values())
        for connection, task in self._connections.items():
            connection.closing = True
            if not connection.answering:
                task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()


def _stop_processes() -> None:
    """End the pool of processes, which is loaded with the first batch that needs it."""
    processes = sys.modules.get("ktx_daemon.processes")
    if processes is not None:
        processes.stop_processes()


def _listen(host: str, port: int, listen_fd: int | None) -> socket.socket:
    """Take the inherited socket, or bind one; either way only this computer can reach it."""
    if host not in LOOPBACK_HOSTS:
        raise StartupError(f"The daemon listens only on this computer, not on {host}", "--host 127.0.0.1")
    if listen_fd is not None:
        return _inherited(listen_fd)
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option would let another process take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::1" if host == "::1" else "127.0.0.1", port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartupError(f"Cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}") from None
    return listener


def _inherited(listen_fd: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=listen_fd)
        listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        address = listener.getsockname()[0]
    except OSError as error:
        raise StartupError(f"KTX_DAEMON_LISTEN_FD is not a socket: {error.strerror}") from None
    if not listening or address not in ("127.0.0.1", "::1"):
        raise StartupError("KTX_DAEMON_LISTEN_FD must be a socket that listens on 127.0.0.1")
    return listener
