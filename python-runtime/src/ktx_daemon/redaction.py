"""Redaction of credentials in every text that leaves the process, such as errors, responses and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_LENGTH = 4
"""Shorter secrets are not masked: they would match parts of words, and the masked positions would reveal them."""
MIN_SUBSTRING_LENGTH = 8
"""Shorter secrets may be part of a word (`conn`) and are masked as whole words only."""

_URL_USERINFO = re.compile(r"(?<=[a-z0-9+.-])://[^\s/'\"]*@", re.IGNORECASE)

# The names and values of `src/redact/named.rs`. A name begins where no word precedes it, which keeps the search linear.
_NAMES = r"(?<![\w-])[\w-]*(?:password|passwd|pwd|passphrase|token|secret|api[_-]?key|private[_-]?key|credentials?)"
_NAMED = rf"{_NAMES}\\?[\"']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?|\b(?:bearer|basic)\s+"
_VALUE = r"""\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&)"'}\]]+"""
_NAMED_SECRET = re.compile(rf"(?P<name>{_NAMED})(?P<value>{_VALUE})", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str | None] = ()) -> str:
    """Mask the given secrets, plain and percent-encoded, and everything that has the form of a secret."""
    for secret in secrets:
        if secret and len(secret) >= MIN_SECRET_LENGTH:
            for encoded in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
                text = text.replace(encoded, MASK) if len(secret) >= MIN_SUBSTRING_LENGTH else _mask_word(text, encoded)
    text = _URL_USERINFO.sub(f"://{MASK}@", text)
    return _NAMED_SECRET.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    """Replace a value, keeping the quotes around it."""
    value = found["value"]
    quote_mark = next((mark for mark in ('\\"', '"', "'") if value.startswith(mark)), "")
    return f"{found['name']}{quote_mark}{MASK}{quote_mark}"


def _mask_word(text: str, word: str) -> str:
    """Mask a whole word; punctuation at its start or end needs no word boundary."""
    before = r"(?<!\w)" if re.match(r"\w", word) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", word) else ""
    return re.sub(f"{before}{re.escape(word)}{after}", MASK, text)
