"""Limits of open connections, file descriptors and the length of a response."""

from __future__ import annotations

import functools
import sys

# Far more than the clients of one user open.
MAX_CONNECTIONS = 1024
# The longest response that the client accepts.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
# Enough for all connections, databases, workers and files together.
TARGET_DESCRIPTORS = 4096


@functools.cache
def connection_limit() -> int:
    """Raise the soft limit of file descriptors, and return the maximum number of open connections."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = TARGET_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(TARGET_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        soft = target
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(MAX_CONNECTIONS, soft // 4))
