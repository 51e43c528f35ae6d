"""How much memory the process of a query may take."""

from __future__ import annotations

import contextlib
import os
import sys

LEAST = 2 * 1024**3
SHARE = 4


def most_memory() -> int:
    """Give the limit in bytes: a quarter of the machine's memory, but not less than 2 GiB."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return LEAST
    return max(LEAST, machine // SHARE)


def limit_memory() -> None:
    """Limit this process where the system can do that; a query that needs more fails, and nothing else."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most_memory(), hard))
