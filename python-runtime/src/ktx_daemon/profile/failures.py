"""Sentences about statements that failed, without values of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ktx_daemon.errors import DaemonError
from ktx_daemon.profile.requests import ProfileTable
from ktx_daemon.profile.sensitive_names import classify_name
from ktx_daemon.warehouses.model.profiling import Kind

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


def may_quote_values(table: ProfileTable) -> bool:
    """Return whether an error about a table may have values that are not shown: of masked, denied or sensitive columns.

    A column is sensitive by its name here, not by its type, as it may be one of a view that converts it.
    """
    return table.restricted or any(
        column.masked or (not column.unmasked and classify_name(column.name, Kind.TEXT) is not None)
        for column in table.columns
    )


def describe_failure(error: DaemonError, names: Iterable[str], *, has_text: bool) -> str:
    """Return the sentence of an error; quoted texts other than `names` of columns and tables may be values.

    Without its text, which functions and views compose of values, only the code is left.
    """
    if not has_text and error.code not in LOST_SESSION:
        return f"A statement failed ({error.code}); the text of the error may have values that are not shown"
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
