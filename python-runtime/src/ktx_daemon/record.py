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

# How often the file is looked at, once it has named this daemon and before.
LOOK_SECONDS = 5.0
FIRST_LOOKS_SECONDS = 0.5
# How long a daemon may serve before anybody names it. Whoever starts it needs far less to ask for its health.
GRACE_SECONDS = 120.0
# From this size on a log begins anew; the previous part is kept beside it.
LOG_BYTES = 8 * 1024 * 1024
# No state file is larger; one that is, is not read.
STATE_BYTES = 1024 * 1024

Mark = tuple[int, int, int]


class Record:
    """The file in which `ktx` notes the daemon in use."""

    def __init__(self, path: str | None, instance: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._instance = instance
        self._clock = clock
        self._began = clock()
        self._was_named = False
        self._seen: Mark | None = None
        # What another daemon has left says nothing; what comes later does.
        self._at_birth = _mark(path)
        self._folder = _folder(path)
        self._logs: list[Path] = []

    @property
    def pause(self) -> float:
        """Give the seconds until the next look."""
        return LOOK_SECONDS if self._was_named else FIRST_LOOKS_SECONDS

    def look(self) -> bool:
        """Say whether this daemon is still wanted: it is named, or so young that it could not be named yet."""
        if self._path is None:
            return True
        try:
            found = os.stat(self._path)
            mark = _mark_of(found)
            if mark == self._seen:
                return True
            state = _read(self._path) if stat.S_ISREG(found.st_mode) and found.st_size <= STATE_BYTES else {}
        except FileNotFoundError:
            return self._unnamed() and _folder(self._path) == self._folder
        except OSError:
            return True  # whatever this is, it is no word against this daemon
        if state.get("instance") != self._instance:
            superseded = "instance" in state and mark != self._at_birth
            return self._unnamed() and not superseded
        self._was_named, self._seen = True, mark
        self._logs = [Path(log) for key in ("stdoutLog", "stderrLog") if isinstance(log := state.get(key), str)]
        return True

    def cap_logs(self) -> None:
        """Keep the logs from growing without end. They are open in more processes than this one: they stay in place."""
        for log in self._logs:
            with contextlib.suppress(OSError):
                if log.stat().st_size > LOG_BYTES:
                    _keep(log)
                    os.truncate(log, 0)

    def _unnamed(self) -> bool:
        return not self._was_named and self._clock() - self._began < GRACE_SECONDS


def _keep(log: Path) -> None:
    """Copy a log as the previous one; on a full disk, or where that cannot be, there is none."""
    previous = Path(f"{log}.1")
    try:
        shutil.copyfile(log, previous)
    except OSError:
        with contextlib.suppress(OSError):
            previous.unlink()


def _mark(path: str | None) -> Mark | None:
    try:
        return _mark_of(os.stat(path)) if path is not None else None
    except OSError:
        return None


def _mark_of(found: os.stat_result) -> Mark:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _folder(path: str | None) -> tuple[int, int] | None:
    """Give which folder the file is in: one that was made anew is another."""
    try:
        found = os.stat(os.path.dirname(path)) if path is not None else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found is not None else None


def _read(path: str) -> dict[str, Any]:
    """Read the file; what is no JSON object names nobody."""
    try:
        state = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}
