"""Limits of the system's resources that the daemon takes, and of the length of an answer."""

from __future__ import annotations

import functools
import sys

# Far more than the clients of one user have.
MOST_CONNECTIONS = 1024
# The most bytes that the client accepts.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
# What connections, databases, workers and files need together.
WANTED_DESCRIPTORS = 4096


@functools.cache
def connection_limit() -> int:
    """Ask for as many descriptors as are needed, and say how many connections may be open at the same time."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(MOST_CONNECTIONS, soft // 4))
