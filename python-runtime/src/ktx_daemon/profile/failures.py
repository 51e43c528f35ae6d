"""Sentences about statements that failed, without values of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ktx_daemon.errors import DaemonError

# Errors after which a session is no longer usable.
LOST_SESSION = frozenset(
    {"statement_timeout", "connection_failed", "connection_timeout", "tls_failed", "host_not_found"}
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
# From the first to the last quotation mark, as a value may have some itself.
_VALUES = re.compile(r"['\"`“].*['\"`”]", re.DOTALL)
# What some databases write without quotes.
_UNQUOTED = re.compile(r"(?<=value: ).*|(?<=Detail: ).*|(?<=VALUE: ).*|(?<=input: ).*", re.DOTALL)
_PLACE = "\0{}\0"


def describe_failure(error: DaemonError, names: Iterable[str]) -> str:
    """Return the sentence of an error; quoted texts other than `names` of columns and tables may be values."""
    known, kept = set(names), list[str]()

    def keep(found: re.Match[str]) -> str:
        if found[0][1:-1] not in known:
            return found[0]
        kept.append(found[0])
        return _PLACE.format(len(kept) - 1)

    text = _UNQUOTED.sub("…", _VALUES.sub("'…'", _QUOTED.sub(keep, error.detail)))
    for index, name in enumerate(kept):
        text = text.replace(_PLACE.format(index), name)
    return (text.splitlines() or [error.code])[0].rstrip(".")
