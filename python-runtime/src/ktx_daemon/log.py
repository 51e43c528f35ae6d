"""The daemon's log: JSON lines on standard error, which the launcher redirects to a file.

`docs/logging.md` lists the keys.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from datetime import datetime, timezone
from typing import Any

import msgspec

from ktx_daemon import request_id
from ktx_daemon.log_levels import LEVELS

_LEVEL_NAMES = {number: name for name, number in LEVELS.items()}
_logger = logging.getLogger("ktx_daemon")


def error(event: str, **fields: Any) -> None:
    """Log a failure of the daemon itself."""
    _log(logging.ERROR, event, fields)


def warn(event: str, **fields: Any) -> None:
    """Log a condition that a user may have to act on."""
    _log(logging.WARNING, event, fields)


def info(event: str, **fields: Any) -> None:
    """Log a change of the daemon's state."""
    _log(logging.INFO, event, fields)


def debug(event: str, **fields: Any) -> None:
    """Log routine work."""
    _log(logging.DEBUG, event, fields)


def configure(level: str) -> None:
    """Log the daemon's events of this level and above, and warnings and errors of libraries, all redacted."""
    logging.getLogger().addHandler(_Handler())
    _logger.setLevel(LEVELS[level])


def _log(level: int, event: str, fields: dict[str, Any]) -> None:
    _logger.log(level, event, extra={"fields": fields})


class _Handler(logging.Handler):
    """Writes a record as one line. A write error, such as a full disk, does not fail the request."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            print(_format_line(record), file=sys.stderr, flush=True)  # noqa: T201


def _format_line(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
    head = {
        "time": time.replace("+00:00", "Z"),
        "level": _LEVEL_NAMES.get(record.levelno, "error"),
        "component": "daemon",
    }
    fields = getattr(record, "fields", None)
    name = "library.message" if fields is None else record.getMessage()
    common = {**head, "event": name, "request_id": request_id.current()}
    values = {"logger": record.name, "message": _format_message(record)} if fields is None else fields
    present = {key: value for key, value in {**common, **values}.items() if value is not None}
    return msgspec.json.encode(present).decode()


def _format_message(record: logging.LogRecord) -> str:
    """Format and redact the message of a library, if the redaction can be imported."""
    try:
        from ktx_daemon.redaction import redact

        return redact(logging.Formatter().format(record))
    except Exception as failure:  # the module's file may have been deleted
        return f"a message that cannot be redacted: {type(failure).__name__}"
