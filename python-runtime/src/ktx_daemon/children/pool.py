"""A pool of child processes for queries on in-process databases, which cannot always be interrupted.

A process runs one function at a time and is then reused, so that a query does not wait for Python to start. It is
killed on a timeout or a cancellation of its query, and it exits with the daemon, however that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import struct
import subprocess
import sys
import threading
from typing import IO, Final, Literal

import msgspec

from ktx_daemon import cancellation
from ktx_daemon.environment import child_environment
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import DaemonError
from ktx_daemon.timers import calling_after

# The time after the statement timeout until the process is killed.
GRACE_SECONDS = 2.0
# The time for a process to start, which does not count as time of the query.
START_TIMEOUT_SECONDS = 60.0
# The maximum number of idle processes; further ones are started on demand and end after their query.
MAX_IDLE_PROCESSES = 2
FRAME_LENGTH = struct.Struct("<I")
READY = b"ready"
# The code of a failed import, which the daemon checks for a damaged environment.
IMPORT_FAILED: Final = "import_failed"

_lock = threading.Lock()
_idle: list[ChildProcess] = []


class Failure(msgspec.Struct, frozen=True):
    """The message with which a process reports a failure."""

    status: int
    code: ErrorCode | Literal["import_failed"]
    detail: str
    hint: str | None = None


class ProcessEndedError(Exception):
    """The process ended before it answered; `has_timed_out` if that was the deadline."""

    def __init__(self, *, has_timed_out: bool) -> None:
        super().__init__("the process ended")
        self.has_timed_out = has_timed_out


class ChildProcess:
    """A child process that runs functions of the daemon."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ktx_daemon.children.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**child_environment(os.environ), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._is_ready = False
        self.has_timed_out = False
        self.was_idle = False

    def run(self, message: bytes, seconds: float) -> bytes | None:
        """Send a request and return its answer, or None if the process ended; it is killed after `seconds`."""
        with contextlib.suppress(OSError):
            with calling_after(START_TIMEOUT_SECONDS, self._expire):
                self._is_ready = self._is_ready or _read(self._process.stdout) == READY
            with calling_after(seconds, self._expire):
                _write(self._process.stdin, message)
                return _read(self._process.stdout)
        return None

    def _expire(self) -> None:
        self.has_timed_out = True
        self.kill()

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """Kill the process, close its pipes and reap it."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


def run_in_child_process(function: str, request: msgspec.Struct, seconds: float) -> msgspec.Raw:
    """Run a function in a child process and return its result as encoded JSON.

    `function` is `module:name` below `ktx_daemon`, and takes the encoded request. Raises its DaemonError, and
    ProcessEndedError if the process ended or did not answer within `seconds` and a grace.
    """
    message = function.encode() + b"\n" + msgspec.json.encode(request)
    while True:
        process = _acquire()
        answer = None
        try:
            with cancellation.current().interrupting(process.kill):
                answer = process.run(message, seconds + GRACE_SECONDS)
            cancellation.current().check()
        finally:
            _release(process, is_reusable=answer is not None and not process.has_timed_out)
        if answer is not None:
            return _decode_answer(answer)
        # An idle process may have died before it received the request. Requests only read, so another one retries it.
        if process.has_timed_out or not process.was_idle:
            raise ProcessEndedError(has_timed_out=process.has_timed_out)


def stop() -> None:
    """Close the idle processes."""
    with _lock:
        processes = _idle[:]
        _idle.clear()
    for process in processes:
        process.close()


atexit.register(stop)


def _acquire() -> ChildProcess:
    while True:
        with _lock:
            process = _idle.pop() if _idle else None
        if process is None:
            return ChildProcess()
        if process.is_alive:
            return process
        process.close()


def _release(process: ChildProcess, *, is_reusable: bool) -> None:
    with _lock:
        if is_reusable and len(_idle) < MAX_IDLE_PROCESSES:
            process.was_idle = True
            _idle.append(process)
            return
    process.close()


def _decode_answer(answer: bytes) -> msgspec.Raw:
    kind, body = answer[:1], memoryview(answer)[1:]
    if kind == b"R":
        return msgspec.Raw(body)
    failure = msgspec.json.decode(body, type=Failure)
    if failure.code == IMPORT_FAILED:
        raise ImportError(failure.detail)
    raise DaemonError(failure.status, failure.code, failure.detail, hint=failure.hint)


def _write(pipe: IO[bytes] | None, body: bytes) -> None:
    if pipe is not None:
        pipe.write(FRAME_LENGTH.pack(len(body)))
        pipe.write(body)
        pipe.flush()


def _read(pipe: IO[bytes] | None) -> bytes | None:
    head = pipe.read(FRAME_LENGTH.size) if pipe is not None else b""
    if pipe is None or len(head) < FRAME_LENGTH.size:
        return None
    (length,) = FRAME_LENGTH.unpack(head)
    body = pipe.read(length)
    return body if len(body) == length else None
