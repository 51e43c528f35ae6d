"""A process pool that spreads large batches over the cores; it starts with the first large batch.

When a worker dies, the pool is replaced and the batch is retried once. Workers exit with the daemon, however it ends.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from ktx_daemon import cancellation
from ktx_daemon.workers import allow_deep_recursion

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_deep_stack_thread: ThreadPoolExecutor | None = None


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def map_chunks(function: Callable[[Chunk], Result], chunks: Sequence[Chunk], max_workers: int | None) -> list[Result]:
    """Apply a module-level function to every chunk, at most `max_workers` at a time; results in the chunks' order."""
    try:
        return _try_map_chunks(function, chunks, max_workers)
    except BrokenProcessPool:
        return _try_map_chunks(function, chunks, max_workers)


def stop_processes() -> None:
    """Shut down the pool, if there is one, after the chunks in progress."""
    with _lock:
        if _pool is not None:
            _pool.shutdown(cancel_futures=True)


def _try_map_chunks(
    function: Callable[[Chunk], Result], chunks: Sequence[Chunk], max_workers: int | None
) -> list[Result]:
    token = cancellation.current()
    pool = _shared_pool()
    in_flight: dict[Future[Result], int] = {}
    results: dict[int, Result] = {}
    pending = iter(enumerate(chunks))
    try:
        while len(results) < len(chunks):
            token.check()
            while len(in_flight) < min(max_workers or available_cores(), available_cores()) and (
                item := next(pending, None)
            ):
                in_flight[pool.submit(_run_with_deep_stack, function, item[1])] = item[0]
            done, _ = wait(in_flight, return_when=FIRST_COMPLETED)
            for future in done:
                results[in_flight.pop(future)] = future.result()
    except BrokenProcessPool:
        _discard_pool(pool)
        raise
    finally:
        for future in in_flight:
            future.cancel()
    return [results[index] for index in range(len(chunks))]


def _shared_pool() -> ProcessPoolExecutor:
    global _pool  # noqa: PLW0603 - one pool per process
    with _lock:
        if _pool is None:
            context = multiprocessing.get_context("spawn")
            _pool = ProcessPoolExecutor(available_cores(), mp_context=context, initializer=_initialize_worker)
        return _pool


def _discard_pool(pool: ProcessPoolExecutor) -> None:
    global _pool  # noqa: PLW0603 - see _shared_pool
    with _lock:
        if _pool is pool:
            _pool = None
    pool.shutdown(wait=False, cancel_futures=True)


def _initialize_worker() -> None:
    """Initialise a worker process: ignore SIGINT, exit with the daemon, allow deep recursion."""
    global _deep_stack_thread  # noqa: PLW0603 - one per worker process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    allow_deep_recursion()
    _deep_stack_thread = ThreadPoolExecutor(1)


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        sys.stderr.flush()
        os._exit(0)


def _run_with_deep_stack(function: Callable[[Chunk], Result], chunk: Chunk) -> Result:
    """Run in a thread, because only the stack of a thread can be enlarged."""
    return _deep_stack_thread.submit(function, chunk).result() if _deep_stack_thread else function(chunk)
