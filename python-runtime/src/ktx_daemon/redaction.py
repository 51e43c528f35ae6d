"""Redaction: removes credentials from every text that leaves the process, such as messages, answers and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4
"""Shorter secrets stay: they would be found in words, and a message full of `***` says which letters they are."""
LONG = 8
"""Secrets that are not as long may be a part of a word (`conn`), and are masked where they stand as words."""

_URL_USERINFO = re.compile(r"(?<=[a-z0-9+.-])://[^\s/'\"]*@", re.IGNORECASE)

# The names and values of `src/redact/named.rs`. A name begins where no word precedes it, which keeps the search linear.
_NAMES = r"(?<![\w-])[\w-]*(?:password|passwd|pwd|passphrase|token|secret|api[_-]?key|private[_-]?key|credentials?)"
_NAMED = rf"{_NAMES}\\?[\"']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?|\b(?:bearer|basic)\s+"
_VALUE = r"""\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&)"'}\]]+"""
_NAMED_SECRET = re.compile(rf"(?P<name>{_NAMED})(?P<value>{_VALUE})", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str | None] = ()) -> str:
    """Mask the given secrets in every spelling that a URL may have, and all that has the form of a secret."""
    for secret in secrets:
        if secret and len(secret) >= SHORTEST:
            for spelling in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
                text = text.replace(spelling, MASK) if len(secret) >= LONG else _without_word(text, spelling)
    text = _URL_USERINFO.sub(f"://{MASK}@", text)
    return _NAMED_SECRET.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    """Replace a value, keeping the quotes around it."""
    value = found["value"]
    quote_mark = next((mark for mark in ('\\"', '"', "'") if value.startswith(mark)), "")
    return f"{found['name']}{quote_mark}{MASK}{quote_mark}"


def _without_word(text: str, word: str) -> str:
    """Mask a word; punctuation at its beginning or end needs no word boundary."""
    before = r"(?<!\w)" if re.match(r"\w", word) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", word) else ""
    return re.sub(f"{before}{re.escape(word)}{after}", MASK, text)
