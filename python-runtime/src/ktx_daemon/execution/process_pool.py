"""Queries on files, each in a process that can be killed: a database inside of a process cannot always be interrupted.

A process runs one query at a time and is then kept for the next one, so that an ordinary query does not wait for
Python to start. It is killed when the time of its query is over or when the query is cancelled, and it ends when the
daemon ends in any way.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, Final, Literal

import msgspec

from ktx_daemon import cancellation
from ktx_daemon.environment import for_children
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError, DaemonError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.introspection.target import Target

# How much longer than its own limit a query may take before its process is killed.
GRACE_SECONDS = 2.0
# How long a process may take to start, which is Python's time and not the query's.
START_SECONDS = 60.0
# So many processes wait for queries; more of them are started while more queries run, and end afterwards.
MAX_IDLE = 2
LENGTH = struct.Struct("<I")
READY = b"ready"
# The code of a failure that the daemon itself explains: its environment may be damaged.
IMPORT_FAILED: Final = "import_failed"

_lock = threading.Lock()
_idle: list[Process] = []


class Failure(msgspec.Struct, frozen=True):
    """A query that did not succeed, as the process tells it."""

    status: int
    code: ErrorCode | Literal["import_failed"]
    detail: str
    hint: str | None = None


class Process:
    """A process that runs queries."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ktx_daemon.execution.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**for_children(os.environ), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._is_ready = False
        self.is_late = False
        self.has_waited = False

    def ask(self, request: ExecuteSql, seconds: float) -> bytes | None:
        """Run a query; None where the process has ended instead of answering, at the latest after `seconds`."""
        with contextlib.suppress(OSError):
            with self._within(START_SECONDS):
                self._is_ready = self._is_ready or _read(self._process.stdout) == READY
            with self._within(seconds):
                _write(self._process.stdin, msgspec.json.encode(request))
                return _read(self._process.stdout)
        return None

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self.is_late = True
        self.kill()

    @property
    def is_alive(self) -> bool:
        """Whether it can take a query."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it, whether it runs a query or not."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and let go of it."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


def execute_isolated(request: ExecuteSql, target: Target) -> msgspec.Raw:
    """Run a query on a file in another process and give its answer, which is JSON already."""
    while True:
        process = _take()
        answer = None
        try:
            with cancellation.current().interrupting(process.kill):
                answer = process.ask(request, target.statement_timeout + GRACE_SECONDS)
            cancellation.current().check()
        finally:
            _give_back(process, usable=answer is not None and not process.is_late)
        if answer is not None:
            return _result(answer)
        # One that waited may have died before the query came; queries only read, so another process may take it.
        if process.is_late or not process.has_waited:
            raise _ended(target, is_late=process.is_late)


def stop() -> None:
    """End the processes that wait for queries."""
    with _lock:
        processes = _idle[:]
        _idle.clear()
    for process in processes:
        process.close()


atexit.register(stop)


def _take() -> Process:
    while True:
        with _lock:
            process = _idle.pop() if _idle else None
        if process is None:
            return Process()
        if process.is_alive:
            return process
        process.close()


def _give_back(process: Process, *, usable: bool) -> None:
    with _lock:
        if usable and len(_idle) < MAX_IDLE:
            process.has_waited = True
            _idle.append(process)
            return
    process.close()


def _result(answer: bytes) -> msgspec.Raw:
    kind, body = answer[:1], memoryview(answer)[1:]
    if kind == b"R":
        return msgspec.Raw(body)
    failure = msgspec.json.decode(body, type=Failure)
    if failure.code == IMPORT_FAILED:
        raise ImportError(failure.detail)
    raise DaemonError(failure.status, failure.code, failure.detail, hint=failure.hint)


def _ended(target: Target, *, is_late: bool) -> BadRequestError:
    if is_late:
        limit = f"{target.statement_timeout:g} s"
        return BadRequestError(
            "statement_timeout", f"The query on '{target.connection_id}' took longer than {limit} and was ended"
        )
    return BadRequestError(
        "query_failed",
        f"The process of the query on '{target.connection_id}' ended",
        "Ask for less: the query may need too much memory",
    )


def _write(pipe: IO[bytes] | None, body: bytes) -> None:
    if pipe is not None:
        pipe.write(LENGTH.pack(len(body)))
        pipe.write(body)
        pipe.flush()


def _read(pipe: IO[bytes] | None) -> bytes | None:
    head = pipe.read(LENGTH.size) if pipe is not None else b""
    if pipe is None or len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = pipe.read(length)
    return body if len(body) == length else None
