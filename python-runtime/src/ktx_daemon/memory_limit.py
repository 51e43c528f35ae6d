"""The memory limit of the process that runs a query."""

from __future__ import annotations

import contextlib
import os
import sys

MIN_BYTES = 2 * 1024**3
MACHINE_SHARE = 4


def memory_limit() -> int:
    """Return the limit in bytes: a quarter of the machine's memory, at least 2 GiB."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return MIN_BYTES
    return max(MIN_BYTES, machine // MACHINE_SHARE)


def limit_memory() -> None:
    """Set the memory limit of this process where the system supports it; only the query that exceeds it fails."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit(), hard))
