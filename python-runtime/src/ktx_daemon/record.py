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

# How often the file is looked at.
LOOK_SECONDS = 5.0
# How long a daemon may serve before anybody names it. Whoever starts it needs far less to ask for its health.
GRACE_SECONDS = 120.0
# From this size on a log begins anew; the previous part is kept beside it.
LOG_BYTES = 8 * 1024 * 1024


class Record:
    """The file in which `ktx` notes the daemon in use."""

    def __init__(self, path: str | None, instance: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._instance = instance
        self._clock = clock
        self._began = clock()
        self._was_named = False
        self._seen: tuple[int, int, int] | None = None
        self._logs: list[Path] = []

    def look(self) -> bool:
        """Say whether this daemon is still wanted: it is named, or so young that it could not be named yet."""
        if self._path is None:
            return True
        try:
            found = os.stat(self._path)
            mark = (found.st_ino, found.st_size, found.st_mtime_ns)
            if mark == self._seen:
                return True
            state = _read(self._path) if stat.S_ISREG(found.st_mode) else {}
        except FileNotFoundError:
            return self._unnamed()
        except OSError:
            return True  # whatever this is, it is no word against this daemon
        if state.get("instance") != self._instance:
            return self._unnamed()
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


def _read(path: str) -> dict[str, Any]:
    """Read the file; what is no JSON object names nobody."""
    try:
        state = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}
