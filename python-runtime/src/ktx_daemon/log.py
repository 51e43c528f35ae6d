"""The daemon's log: its standard error, which goes to a file."""

from __future__ import annotations

import contextlib
import logging
import sys


def note(text: str) -> None:
    """Write to the log. One that cannot be written, as on a full disk, keeps nothing from being done."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def capture_logging() -> None:
    """Write the warnings and errors of libraries to this log, without credentials."""
    logging.getLogger().addHandler(_Handler())


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            from ktx_daemon.redaction import redact

            note(redact(self.format(record)))
        except Exception as failure:  # the files of the daemon may be deleted
            note(f"{record.name} logged a message that cannot be masked: {type(failure).__name__}")
