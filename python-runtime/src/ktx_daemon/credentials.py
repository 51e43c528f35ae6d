"""Credentials are kept out of every text that leaves the process: messages, answers, logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4
"""Shorter secrets stay: they would be found in words, and a message full of `***` says which letters they are."""

_URL_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/'\"@]*(?:[^\s/'\"]*@)", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"(?P<name>\b(?:password|passwd|pwd|token|secret|sslpassword)['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&)]+)",
    re.IGNORECASE,
)


def scrub(text: str, secrets: Iterable[str | None] = ()) -> str:
    """Mask the given secrets, in every spelling that a URL may have, and whatever looks like one."""
    for secret in secrets:
        if secret and len(secret) >= SHORTEST:
            for spelling in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
                text = text.replace(spelling, MASK)
    text = _URL_USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    return _NAMED_SECRET.sub(rf"\g<name>{MASK}", text)
