"""Cancellation of work whose caller no longer waits for it.

Work runs in threads, and a thread cannot be interrupted from outside. A job therefore checks its `Cancellation`
between steps (`check`), or registers how to interrupt it while it waits (`interrupting`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar


class CancelledWorkError(Exception):
    """The job was cancelled."""


class Cancellation:
    """The cancellation token of one job, set once from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._interrupts: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Cancel the job, and interrupt what it is waiting for."""
        with self._lock:
            self._cancelled = True
            interrupts = list(self._interrupts)
        for interrupt in interrupts:
            interrupt()

    def check(self) -> None:
        """Raise `CancelledWorkError` if the job was cancelled."""
        if self._cancelled:
            raise CancelledWorkError

    @contextlib.contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """While the block runs, a cancellation calls `interrupt` (from another thread)."""
        with self._lock:
            self._interrupts.append(interrupt)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)


_current: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current() -> Cancellation:
    """Return the cancellation of the job that is running here; one that never fires where none was set."""
    return _current.get() or Cancellation()


@contextlib.contextmanager
def scope(cancellation: Cancellation) -> Iterator[None]:
    """Make `cancellation` the current one of this thread for the block."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)
