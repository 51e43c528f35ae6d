"""The daemon's log: its standard error, which goes to a file."""

from __future__ import annotations

import contextlib
import sys


def note(text: str) -> None:
    """Write to the log. One that cannot be written, as on a full disk, keeps nothing from being done."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201
