"""Detection of a deleted or replaced environment of the running daemon.

Python imports many modules lazily, so a daemon whose environment was deleted, rebuilt or upgraded would still answer
`/health` and fail at the next import. A few calls of `stat` detect this.
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


class IntegrityCheck:
    """Compares one file each of package, environment, standard library and interpreter with its version at start-up."""

    def __init__(self, paths: tuple[str, ...] | None = None) -> None:
        monitored = _monitored_paths() if paths is None else paths
        self._versions = {path: version for path in monitored if (version := _read_version(path)) is not None}
        self._failed_import: str | None = None

    def find_damage(self) -> str | None:
        """Return what is wrong with the environment, or `None` if no damage was detected."""
        for path, version in self._versions.items():
            current = _read_version(path)
            if current is None:
                return f"{path} no longer exists"
            if current != version:
                return f"{path} was replaced after the daemon was started"
        return self._failed_import

    def diagnose(self, error: BaseException) -> str | None:
        """Return the damage that explains an error, or `None`.

        A failed import is kept as damage, because later imports would fail too.
        """
        if isinstance(error, ImportError) and self._failed_import is None:
            self._failed_import = str(error)
        return self.find_damage()


def _monitored_paths() -> tuple[str, ...]:
    library = getattr(os, "__file__", None) or ""
    return (ktx_daemon.__file__, os.path.join(sys.prefix, "pyvenv.cfg"), library, sys.executable)


def _read_version(path: str) -> FileVersion | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns
