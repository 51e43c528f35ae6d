"""Connection URLs that can be read in one way only: a password that is not percent-encoded is refused."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from ktx_daemon.errors import BadRequestError

NOT_ENCODED = "The user name or password in the connection URL is not percent-encoded"
ENCODE = "Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25 and a space as %20 in it"
CONTROL = (
    "The connection URL has a control character, such as a line break (%0A), in its user name, password, host or "
    "database"
)
WITH_AT = frozenset({"user", "username", "account", "email", "role", "application_name", "options"})
"""Parameters whose values often have an `@`, as names of users have."""

_END_OF_AUTHORITY = re.compile(r"[/?#]")
_NOT_PLAIN = re.compile(r"[\s\x00-\x1f\x7f\[\]]|%(?![0-9A-Fa-f]{2})")


def check_encoding(url: str) -> None:
    """Raise 400 where a part of the password would be taken for the host, printed, and asked of DNS.

    Control characters are refused as well: databases refuse them, or read the URL in another way.
    """
    if not is_encoded(url):
        raise BadRequestError("invalid_url", NOT_ENCODED, ENCODE)
    place = re.split(r"[?#]", url.strip().partition("://")[2], maxsplit=1)[0]
    if any(unicodedata.category(character) == "Cc" for character in unquote(place)):
        raise BadRequestError("invalid_url", CONTROL, "Remove it")


def is_encoded(url: str) -> bool:
    """Say whether the user information of a URL of a server ends where it seems to end."""
    _, separator, rest = url.strip().partition("://")
    if not separator:
        return True
    end = _END_OF_AUTHORITY.search(rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    user, _, _ = authority.rpartition("@")
    return "@" not in user and not _NOT_PLAIN.search(user) and _has_no_stray_at(tail)


def _has_no_stray_at(tail: str) -> bool:
    """Behind the host an `@` stands in the value of a parameter alone."""
    tail, _, fragment = tail.partition("#")
    path, _, query = tail.partition("?")
    stray = [pair for pair in query.split("&") if "@" in pair and not (path and _is_value(pair))]
    return "@" not in path and "@" not in fragment and not stray


def _is_value(pair: str) -> bool:
    key, separator, _ = pair.partition("=")
    return bool(separator) and key.lower() in WITH_AT
