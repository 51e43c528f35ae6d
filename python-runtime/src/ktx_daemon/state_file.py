"""Polling of the state file: whether it names this daemon, and which log files to rotate."""

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

# The polling intervals after and before the file names this daemon.
POLL_SECONDS = 5.0
FIRST_POLL_SECONDS = 0.5
# The time within which the launcher must name the daemon in the state file; a health check takes far less.
GRACE_SECONDS = 120.0
# A log is rotated at this size; the previous part is kept as `<log>.1`.
MAX_LOG_BYTES = 8 * 1024 * 1024
# Larger state files are invalid and not read.
MAX_STATE_BYTES = 1024 * 1024

# Inode, size and time of modification.
FileVersion = tuple[int, int, int]


class StateFile:
    """Polls the file in which `ktx` records the daemon in use."""

    def __init__(self, path: str | None, instance: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._instance = instance
        self._clock = clock
        self._started = clock()
        self._was_named = False
        self._last_version: FileVersion | None = None
        # A file of an earlier daemon is no evidence of a successor; a changed file is.
        self._first_version = _read_version(path)
        self._folder_identity = _folder_identity(path)
        self._logs: list[Path] = []

    @property
    def poll_seconds(self) -> float:
        """Seconds until the next poll."""
        return POLL_SECONDS if self._was_named else FIRST_POLL_SECONDS

    def poll(self) -> bool:
        """Read the file if it has changed, and return False when the daemon has to stop.

        The daemon keeps running while the file names it, and for the first `GRACE_SECONDS` until it is named.
        """
        if self._path is None:
            return True
        try:
            status = os.stat(self._path)
            version = _version_of(status)
            if version == self._last_version:
                return True
            state = (
                _read_state(self._path) if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_STATE_BYTES else {}
            )
        except FileNotFoundError:
            return self._is_in_grace_period() and _folder_identity(self._path) == self._folder_identity
        except OSError:
            return True  # an unreadable file is no evidence of a successor
        if state.get("instance") != self._instance:
            superseded = "instance" in state and version != self._first_version
            return self._is_in_grace_period() and not superseded
        self._was_named, self._last_version = True, version
        self._logs = [Path(log) for key in ("stdoutLog", "stderrLog") if isinstance(log := state.get(key), str)]
        return True

    def rotate_logs(self) -> None:
        """Rotate the logs by copying and truncating, because other processes have them open too."""
        for log in self._logs:
            with contextlib.suppress(OSError):
                if log.stat().st_size > MAX_LOG_BYTES:
                    _copy_to_previous(log)
                    os.truncate(log, 0)

    def _is_in_grace_period(self) -> bool:
        return not self._was_named and self._clock() - self._started < GRACE_SECONDS


def _copy_to_previous(log: Path) -> None:
    """Copy a log to `<log>.1`; if that fails, as on a full disk, remove the partial copy."""
    previous = Path(f"{log}.1")
    try:
        shutil.copyfile(log, previous)
    except OSError:
        with contextlib.suppress(OSError):
            previous.unlink()


def _read_version(path: str | None) -> FileVersion | None:
    try:
        return _version_of(os.stat(path)) if path is not None else None
    except OSError:
        return None


def _version_of(status: os.stat_result) -> FileVersion:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _folder_identity(path: str | None) -> tuple[int, int] | None:
    """Return device and inode of the file's folder; a folder that was deleted and created again has others."""
    try:
        status = os.stat(os.path.dirname(path)) if path is not None else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status is not None else None


def _read_state(path: str) -> dict[str, Any]:
    """Return the JSON object of the file, empty if there is none."""
    try:
        state = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}
