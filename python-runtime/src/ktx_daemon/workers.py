"""Offloads blocking work to thread pools, so that the event loop only does I/O.

There are two pools, so that short work never queues behind long work, and neither delays `/health`. Large batches are
passed on to `processes`.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import enum
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ktx_daemon import cancellation

Result = TypeVar("Result")

# Deeply nested SQL needs deep recursion; beyond the limit the parser raises RecursionError, which is reported for that
# statement. The stack of a thread is only reserved, so a large one costs no memory until it is used.
RECURSION_LIMIT = 6000
STACK_BYTES = 64 * 1024 * 1024


class Pool(enum.Enum):
    """The thread pool of an operation: quick for one statement, slow for batches and databases."""

    QUICK = "quick"
    SLOW = "slow"


POOL_THREADS = {Pool.QUICK: 8, Pool.SLOW: 64}


def allow_deep_recursion() -> None:
    """Enlarge the stack of threads that start from now on, and the recursion limit, for deeply nested SQL."""
    threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(RECURSION_LIMIT)


def run_with_deep_stack(job: Callable[[], Result]) -> Result:
    """Run a job in a thread with a large stack, and return its result."""
    allow_deep_recursion()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(contextvars.copy_context().run, job).result()


class Workers:
    """The thread pools of the daemon; threads start on demand."""

    def __init__(self) -> None:
        allow_deep_recursion()
        self._busy = 0
        self._busy_lock = threading.Lock()
        self._pools = {
            pool: ThreadPoolExecutor(threads, thread_name_prefix=f"ktx-{pool.value}")
            for pool, threads in POOL_THREADS.items()
        }

    async def run(self, pool: Pool, job: Callable[[], Result]) -> Result:
        """Run the job in a thread. Cancelling the awaiting task drops a queued job and cancels a running one."""
        token = cancellation.Cancellation()

        def work() -> Result:
            with self._count_busy(), cancellation.scope(token):
                token.check()
                return job()

        context = contextvars.copy_context()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pools[pool], context.run, work)
        except asyncio.CancelledError:
            token.cancel()
            raise

    @property
    def is_busy(self) -> bool:
        """Whether a job is still running in a thread."""
        return self._busy > 0

    @contextlib.contextmanager
    def _count_busy(self) -> Iterator[None]:
        with self._busy_lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._busy_lock:
                self._busy -= 1

    def close(self) -> None:
        """Drop queued jobs without waiting for running ones, as the process is about to exit."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
