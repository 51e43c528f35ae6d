"""The id of the request in progress: in the log, in the response, and in the sessions of databases."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

HEADER = "x-request-id"
# Letters that need no quoting in SQL comments, log lines and headers. PostgreSQL truncates longer application names.
_VALID = re.compile(r"[A-Za-z0-9._-]{1,48}")
_current: ContextVar[str | None] = ContextVar("ktx_request_id", default=None)


@contextlib.contextmanager
def bind(given: Sequence[str] = ()) -> Iterator[str]:
    """Set the id while the block runs: the given one, or a random one if there is none, several or an invalid one."""
    is_valid = len(given) == 1 and _VALID.fullmatch(given[0])
    token = _current.set(given[0] if is_valid else os.urandom(8).hex())
    try:
        yield current() or ""
    finally:
        _current.reset(token)


def current() -> str | None:
    """Give the id; None outside of a request."""
    return _current.get()


def session_name() -> str:
    """Name a database session after the request: `ktx/<id>`, or `ktx` outside of a request."""
    return "ktx" if current() is None else f"ktx/{current()}"
