"""Checks that a connection URL is unambiguous: credentials have to be percent-encoded."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from ktx_daemon.errors import BadRequestError

NOT_ENCODED = "The user name or password in the connection URL is not percent-encoded"
ENCODING_HINT = "Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25 and a space as %20 in it"
CONTROL_CHARACTER = (
    "The connection URL has a control character, such as a line break (%0A), in its user name, password, host or "
    "database"
)
PARAMETERS_WITH_AT = frozenset(
    {"user", "username", "account", "email", "role", "application_name", "options", "ssh_host"}
)
"""Parameters whose values may contain an `@`, such as user names."""

_END_OF_AUTHORITY = re.compile(r"[/?#]")
_NOT_PLAIN = re.compile(r"[\s\x00-\x1f\x7f\[\]]|%(?![0-9A-Fa-f]{2})")


def check_encoding(url: str) -> None:
    """Raise 400 if a part of the password could be parsed as the host and leak into errors and DNS queries.

    Control characters are rejected too, because databases reject them or parse the URL differently.
    """
    if not is_encoded(url):
        raise BadRequestError("invalid_url", NOT_ENCODED, ENCODING_HINT)
    authority_and_path = re.split(r"[?#]", url.strip().partition("://")[2], maxsplit=1)[0]
    if any(unicodedata.category(character) == "Cc" for character in unquote(authority_and_path)):
        raise BadRequestError("invalid_url", CONTROL_CHARACTER, "Remove it")


def is_encoded(url: str) -> bool:
    """Return whether the end of a server URL's user information is unambiguous."""
    _, separator, rest = url.strip().partition("://")
    if not separator:
        return True
    end = _END_OF_AUTHORITY.search(rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    user, _, _ = authority.rpartition("@")
    return "@" not in user and not _NOT_PLAIN.search(user) and _has_no_stray_at(tail)


def _has_no_stray_at(tail: str) -> bool:
    """Return whether an `@` after the host occurs only in values of parameters that may contain one."""
    tail, _, fragment = tail.partition("#")
    path, _, query = tail.partition("?")
    stray = [pair for pair in query.split("&") if "@" in pair and not (path and _is_value(pair))]
    return "@" not in path and "@" not in fragment and not stray


def _is_value(pair: str) -> bool:
    key, separator, _ = pair.partition("=")
    return bool(separator) and key.lower() in PARAMETERS_WITH_AT
