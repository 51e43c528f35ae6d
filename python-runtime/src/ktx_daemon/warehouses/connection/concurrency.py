"""The limit of concurrent statements of a connection, which holds for every operation of this process."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Iterator

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target

_changed = threading.Condition()
_running: Counter[tuple[str, str]] = Counter()


@contextlib.contextmanager
def limited(target: Target) -> Iterator[Target]:
    """Wait until the database may run another statement of KTX, and yield the target with the rest of its timeout.

    Connections with the same driver and URL share the limit. Raises 400 at the timeout; a cancellation ends the wait.
    """
    key = (target.driver, target.url)
    deadline = time.monotonic() + target.statement_timeout
    waited = False
    with cancellation.current().interrupting(_wake), _changed:
        while _running[key] >= target.max_concurrent_statements:
            _wait(target, deadline)
            waited = True
        _running[key] += 1
    try:
        rest = max(round(deadline - time.monotonic(), 1), 0.1)
        yield dataclasses.replace(target, statement_timeout=rest) if waited else target
    finally:
        with _changed:
            _running[key] -= 1
            if not _running[key]:
                del _running[key]
            _changed.notify_all()


@contextlib.contextmanager
def spare(target: Target, wanted: int) -> Iterator[int]:
    """Take up to `wanted` more statements of the limit for the block, without waiting, and yield their number."""
    key = (target.driver, target.url)
    with _changed:
        count = max(0, min(wanted, target.max_concurrent_statements - _running[key]))
        _running[key] += count
    try:
        yield count
    finally:
        with _changed:
            _running[key] -= count
            _changed.notify_all()


def _wait(target: Target, deadline: float) -> None:
    cancellation.current().check()
    if not _changed.wait(max(deadline - time.monotonic(), 0)):
        detail = (
            f"The statement waited {target.statement_timeout:g} s, since {target.max_concurrent_statements} others of "
            f"KTX run on '{target.connection_id}'"
        )
        raise BadRequestError("statement_timeout", detail, "Raise max_concurrent_statements of the connection")
    cancellation.current().check()


def _wake() -> None:
    with _changed:
        _changed.notify_all()
