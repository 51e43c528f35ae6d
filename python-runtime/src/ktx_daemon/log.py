"""The daemon's log: JSON lines on its standard error, which goes to a file. `docs/logging.md` lists the keys."""

from __future__ import annotations

import contextlib
import logging
import sys
from datetime import datetime, timezone
from typing import Any

import msgspec

from ktx_daemon import request_id
from ktx_daemon.log_levels import LEVELS

_NAMES = {number: name for name, number in LEVELS.items()}
_logger = logging.getLogger("ktx_daemon")


def error(event: str, **fields: Any) -> None:
    """Log a failure of the daemon itself."""
    _log(logging.ERROR, event, fields)


def warn(event: str, **fields: Any) -> None:
    """Log what a user may have to act on."""
    _log(logging.WARNING, event, fields)


def info(event: str, **fields: Any) -> None:
    """Log a change in the daemon's life."""
    _log(logging.INFO, event, fields)


def debug(event: str, **fields: Any) -> None:
    """Log routine work."""
    _log(logging.DEBUG, event, fields)


def configure(level: str) -> None:
    """Write events of the daemon from this level on, and warnings and errors of libraries, without credentials."""
    logging.getLogger().addHandler(_Handler())
    _logger.setLevel(LEVELS[level])


def _log(level: int, event: str, fields: dict[str, Any]) -> None:
    _logger.log(level, event, extra={"fields": fields})


class _Handler(logging.Handler):
    """Writes a record as one line. A log that cannot be written, as on a full disk, fails no request."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            print(_line(record), file=sys.stderr, flush=True)  # noqa: T201


def _line(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
    head = {"time": time.replace("+00:00", "Z"), "level": _NAMES.get(record.levelno, "error"), "component": "daemon"}
    fields = getattr(record, "fields", None)
    name = "library.message" if fields is None else record.getMessage()
    known = {**head, "event": name, "request_id": request_id.current()}
    values = {"logger": record.name, "message": _message(record)} if fields is None else fields
    filled = {key: value for key, value in {**known, **values}.items() if value is not None}
    return msgspec.json.encode(filled).decode()


def _message(record: logging.LogRecord) -> str:
    """Format the message of a library without credentials, if the redaction can be imported."""
    try:
        from ktx_daemon.redaction import redact

        return redact(logging.Formatter().format(record))
    except Exception as failure:  # the files of the daemon may be deleted
        return f"a message that cannot be masked: {type(failure).__name__}"
