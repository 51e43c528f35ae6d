"""Offloads blocking work to threads, so that the event loop only moves bytes.

Two thread pools: short work never queues behind long work, and neither delays `/health`. Batches that would
occupy more than one core go from their thread to `processes`.
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

# Deeply nested SQL needs deep recursion; beyond the limit the parser raises RecursionError, which is an error of that
# one text. The stack of a thread is reserved, not used, so a large one costs nothing until it is needed.
RECURSION_LIMIT = 6000
STACK_BYTES = 64 * 1024 * 1024


class Pool(enum.Enum):
    """The thread pool of a job: quick for one statement, slow for a batch or a database."""

    QUICK = "quick"
    SLOW = "slow"


POOL_THREADS = {Pool.QUICK: 8, Pool.SLOW: 64}


def allow_deep_recursion() -> None:
    """Let threads that start from now on recurse as deep as long SQL expressions need."""
    threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(RECURSION_LIMIT)


def run_with_deep_stack(job: Callable[[], Result]) -> Result:
    """Run one job in a thread that may recurse deeply, and wait for it."""
    allow_deep_recursion()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(contextvars.copy_context().run, job).result()


class Workers:
    """The threads of the daemon; they start when they are first needed."""

    def __init__(self) -> None:
        allow_deep_recursion()
        self._busy = 0
        self._busy_lock = threading.Lock()
        self._pools = {
            pool: ThreadPoolExecutor(threads, thread_name_prefix=f"ktx-{pool.value}")
            for pool, threads in POOL_THREADS.items()
        }

    async def run(self, pool: Pool, job: Callable[[], Result]) -> Result:
        """Run the job in a thread. When the awaiting task is cancelled the job is dropped or cancelled."""
        token = cancellation.Cancellation()

        def work() -> Result:
            with self._counted(), cancellation.scope(token):
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
    def _counted(self) -> Iterator[None]:
        with self._busy_lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._busy_lock:
                self._busy -= 1

    def close(self) -> None:
        """Drop what waits and do not wait for what runs: the process is about to end."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
