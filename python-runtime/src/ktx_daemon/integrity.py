"""Detects that the environment of the running daemon was deleted or replaced.

A process outlives its files: Python imports many modules only when they are needed, so a daemon whose environment was
deleted, rebuilt or upgraded answers `/health` and fails at the next import. A few calls of `stat` find that out.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import ktx_daemon

CODE: Final = "environment_damaged"
HINT = "Rebuild the environment with: ktx runtime install --force"

# Device, inode and time of modification.
FileVersion = tuple[int, int, int]


class OwnFiles:
    """One file each of the package, the environment, the standard library and the interpreter, as they were once."""

    def __init__(self, paths: tuple[str, ...] | None = None) -> None:
        watched = _own_paths() if paths is None else paths
        self._versions = {path: version for path in watched if (version := _version(path)) is not None}
        self._failed_import: str | None = None

    def damage(self) -> str | None:
        """Say what is wrong with the environment; `None` if nothing is known to be."""
        for path, version in self._versions.items():
            now = _version(path)
            if now is None:
                return f"{path} no longer exists"
            if now != version:
                return f"{path} was replaced after the daemon was started"
        return self._failed_import

    def blame(self, error: BaseException) -> str | None:
        """Whether the environment explains an error. A failed import is remembered: there would be another one."""
        if isinstance(error, ImportError) and self._failed_import is None:
            self._failed_import = str(error)
        return self.damage()


def _own_paths() -> tuple[str, ...]:
    library = getattr(os, "__file__", None) or ""
    return (ktx_daemon.__file__, os.path.join(sys.prefix, "pyvenv.cfg"), library, sys.executable)


def _version(path: str) -> FileVersion | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns
