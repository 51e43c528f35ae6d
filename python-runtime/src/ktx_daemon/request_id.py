"""The id of the current request, for the log, the response and the names of database sessions."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

HEADER = "x-request-id"
# Characters that need no quoting in SQL comments, log lines and headers. PostgreSQL truncates longer application names.
_VALID = re.compile(r"[A-Za-z0-9._-]{1,48}")
_current: ContextVar[str | None] = ContextVar("ktx_request_id", default=None)


@contextlib.contextmanager
def bind(candidates: Sequence[str] = ()) -> Iterator[str]:
    """Bind the id for the block: the only candidate if it is valid, otherwise a random one."""
    is_valid = len(candidates) == 1 and _VALID.fullmatch(candidates[0])
    token = _current.set(candidates[0] if is_valid else os.urandom(8).hex())
    try:
        yield current() or ""
    finally:
        _current.reset(token)


def current() -> str | None:
    """Return the current id, or None outside of a request."""
    return _current.get()


def session_name() -> str:
    """Return the name of a database session: `ktx/<id>`, or `ktx` outside of a request."""
    return "ktx" if current() is None else f"ktx/{current()}"
