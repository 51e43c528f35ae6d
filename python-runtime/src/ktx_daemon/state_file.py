"""The state file on disk: whether it names this daemon, and which logs it says are this daemon's."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The polling interval once the file has named this daemon, and before.
POLL_SECONDS = 5.0
FIRST_POLL_SECONDS = 0.5
# How long a daemon may serve before its state file names it. Its launcher needs far less for a health check.
GRACE_SECONDS = 120.0
# A log is rotated at this size; the previous part is kept beside it.
LOG_BYTES = 8 * 1024 * 1024
# No state file is larger; one that is, is not read.
STATE_BYTES = 1024 * 1024

# Inode, size and time of modification.
FileVersion = tuple[int, int, int]


class StateFile:
    """Watches the file in which `ktx` records the daemon in use."""

    def __init__(self, path: str | None, instance: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._instance = instance
        self._clock = clock
        self._started = clock()
        self._was_named = False
        self._last_version: FileVersion | None = None
        # A file of an earlier daemon is not evidence; a later one is.
        self._first_version = _version(path)
        self._folder = _folder(path)
        self._logs: list[Path] = []

    @property
    def poll_seconds(self) -> float:
        """The seconds until the next poll."""
        return POLL_SECONDS if self._was_named else FIRST_POLL_SECONDS

    def poll(self) -> bool:
        """Read the file if it has changed; return False when the daemon has to stop.

        It goes on while the file names it, and for the first `GRACE_SECONDS` if it was not named yet.
        """
        if self._path is None:
            return True
        try:
            found = os.stat(self._path)
            version = _version_of(found)
            if version == self._last_version:
                return True
            state = _read(self._path) if stat.S_ISREG(found.st_mode) and found.st_size <= STATE_BYTES else {}
        except FileNotFoundError:
            return self._unnamed() and _folder(self._path) == self._folder
        except OSError:
            return True  # the file cannot be read, which is no evidence against this daemon
        if state.get("instance") != self._instance:
            superseded = "instance" in state and version != self._first_version
            return self._unnamed() and not superseded
        self._was_named, self._last_version = True, version
        self._logs = [Path(log) for key in ("stdoutLog", "stderrLog") if isinstance(log := state.get(key), str)]
        return True

    def cap_logs(self) -> None:
        """Rotate the logs by copying and truncating: they are open in other processes too."""
        for log in self._logs:
            with contextlib.suppress(OSError):
                if log.stat().st_size > LOG_BYTES:
                    _copy_to_previous(log)
                    os.truncate(log, 0)

    def _unnamed(self) -> bool:
        return not self._was_named and self._clock() - self._started < GRACE_SECONDS


def _copy_to_previous(log: Path) -> None:
    """Copy a log as the previous one; on a full disk, or where that cannot be, there is none."""
    previous = Path(f"{log}.1")
    try:
        shutil.copyfile(log, previous)
    except OSError:
        with contextlib.suppress(OSError):
            previous.unlink()


def _version(path: str | None) -> FileVersion | None:
    try:
        return _version_of(os.stat(path)) if path is not None else None
    except OSError:
        return None


def _version_of(found: os.stat_result) -> FileVersion:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _folder(path: str | None) -> tuple[int, int] | None:
    """Return the identity of the folder of the file: a folder that was deleted and created again has another."""
    try:
        found = os.stat(os.path.dirname(path)) if path is not None else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found is not None else None


def _read(path: str) -> dict[str, Any]:
    """Read the file; without a JSON object it names no daemon."""
    try:
        state = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}
