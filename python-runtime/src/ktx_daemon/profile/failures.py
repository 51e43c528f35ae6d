"""Sentences about statements that failed, without values of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ktx_daemon.errors import DaemonError

# Errors after which a session is no longer usable.
LOST_SESSION = frozenset(
    {"statement_timeout", "connection_failed", "connection_timeout", "tls_failed", "host_not_found"}
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|“[^”]*”|\$\$.*?\$\$", re.DOTALL)
# What some databases write without quotes.
_UNQUOTED = re.compile(r"(?<=value: ).*|(?<=Detail: ).*|(?<=VALUE: ).*|(?<=input: ).*", re.DOTALL)


def describe_failure(error: DaemonError, names: Iterable[str]) -> str:
    """Return the sentence of an error; quoted texts other than `names` of columns and tables may be values."""
    known = set(names)
    text = _QUOTED.sub(lambda found: found[0] if _unquote(found[0]) in known else "'…'", error.detail)
    return _UNQUOTED.sub("…", text).splitlines()[0].rstrip(".")


def _unquote(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])
