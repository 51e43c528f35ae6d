"""The life lock, held until the daemon exits, and the ready report, written once it accepts requests."""

from __future__ import annotations

import os
import sys
import time

from ktx_daemon.environment import Environment
from ktx_daemon.errors import StartupError

# The lock covers one byte far beyond the end of the file, so that other processes can still read the file.
LOCK_OFFSET = 0x7FFF_FFFE
# A probe of another process may hold the lock briefly, so locking is retried.
LOCK_TIMEOUT_SECONDS = 2.0


class LifeLock:
    """A kernel lock that marks the daemon as alive; the kernel releases it however the process ends."""

    def __init__(self, environment: Environment) -> None:
        # An inherited descriptor is locked already and only has to stay open.
        self._descriptor = environment.life_fd
        if environment.life_lock is not None:
            self._descriptor = _acquire_lock(environment.life_lock)


def _acquire_lock(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartupError(f"Cannot open the life lock {path}: {error.strerror}") from None
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            _lock_descriptor(descriptor)
        except OSError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise StartupError(f"Another daemon holds the life lock {path}", "ktx runtime stop") from None
            time.sleep(0.05)
        else:
            return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock_descriptor(descriptor: int) -> None:
        os.lseek(descriptor, LOCK_OFFSET, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_descriptor(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def report_ready(environment: Environment, port: int) -> None:
    """Write the ready report. Raises StartupError if its reader is closed, as no client would find this daemon."""
    line = f'{{"pid": {os.getpid()}, "port": {port}}}\n'
    try:
        if environment.ready_fd is not None:
            with os.fdopen(environment.ready_fd, "w", encoding="ascii") as pipe:
                pipe.write(line)
        elif environment.ready_file is not None:
            _write_atomically(environment.ready_file, line)
        else:
            print(f"ktx-daemon listens on port {port}", file=sys.stderr, flush=True)  # noqa: T201
    except OSError as error:
        raise StartupError(f"The ready report could not be written: {error.strerror}") from None


def _write_atomically(path: str, text: str) -> None:
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
