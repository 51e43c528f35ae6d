"""Cooperative cancellation of jobs whose caller has disconnected.

Jobs run in threads, which cannot be interrupted from outside. A job therefore polls its `Cancellation` between steps
(`check`), or registers a callback that interrupts a blocking call (`interrupting`).
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

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._cancelled

    def cancel(self) -> None:
        """Cancel the job and call its registered interrupts."""
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
        """Register `interrupt` for the block; a cancellation calls it from another thread."""
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
    """Return the cancellation of the current job, or one that is never cancelled outside of a job."""
    return _current.get() or Cancellation()


@contextlib.contextmanager
def scope(cancellation: Cancellation) -> Iterator[None]:
    """Bind `cancellation` as the current one of this context for the block."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)
