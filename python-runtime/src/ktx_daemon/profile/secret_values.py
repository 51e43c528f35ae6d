"""Secrets by their content: keys, tokens, passwords in texts, and URLs that give access to those who know them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def _read_forms() -> Iterator[str]:
    """Yield a pattern for each form of the list, of which the addon masks texts, too."""
    for line in Path(__file__).with_name("secret_forms.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            beginning, rest = line.split("\t")
            boundary = r"\b" if beginning[0].isalnum() else ""
            yield f"(?a:{boundary}{re.escape(beginning)}{rest})"


_KNOWN = "|".join(_read_forms())
_KNOWN += r"|\bBearer +(?=\S*\d)[\w.~+/=-]{16,}|^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$|^\$argon2"
# A password in the authority of a URL; a webhook, whose path is its secret; a query with a key or a signature.
_URL = (
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/?#@:]*:[^\s/?#@]+@"
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/\w|discord(?:app)?\.com/api/webhooks/\d+/\w"
    r"|\.webhook\.office\.com/webhookb2/\w|api\.telegram\.org/bot\d+:\w"
    r"|://[^\s?#]*\b(?:web)?hooks?\b[^\s?#]*/(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}"
    r"|://[^\s#]*[?&](?:[\w-]*(?:token|secret|password)|api[_-]?key|key|sig|[\w-]*signature)=[\w%.~+/-]{16,}"
)
# A word for a secret, with its value. Words that say that there is none, or what it must be, are no values.
_ASSIGNED = (
    r"(?i:(?:password|passwd|pwd|passphrase|passwort|kennwort|api[_-]?key|access[_-]?key|access[_-]?token"
    r"|auth[_-]?token|client[_-]?secret)[\"']?\s*[=:]\s*[\"']?"
    r"(?!(?:null|nil|none|true|false|yes|no|required|optional|missing|invalid|changed|reset|expired|incorrect)\b)"
    r"[^\s\"',;&<>{}()*]{3,})"
)
_SECRET = re.compile(f"{_KNOWN}|{_URL}|{_ASSIGNED}")
# A secret access key of AWS: 40 characters of Base64.
_AWS_SECRET = re.compile(r"(?:^|(?<=[\s\"'=:,]))[A-Za-z0-9/+]{40}(?=$|[\s\"',;])")
_TOKEN = re.compile(r"[A-Za-z0-9_.+/~-]{20,}={0,2}")
_LOWER_TOKEN = re.compile(r"(?![0-9a-f]*\Z)[a-z0-9]{24,}")
_CASES = tuple(map(re.compile, ("[A-Z]", "[a-z]", "[0-9]")))
# Parts of words, names and dates, which are rare in random texts.
_WORDLIKE = re.compile(r"[A-Za-z]?[a-z]{3,}|[A-Z]{4,}|[0-9]{4,}")
_RUN = re.compile(r"[a-z]+|[0-9]+")
# Random texts of 20 of 62 characters have 17 different ones, and a sixth of them is word-like; these are their limits.
_MIN_CHARACTERS, _MAX_WORDLIKE = 12, 0.5
# Random texts of 40 of 64 characters have 30 different ones; paths have fewer.
_MIN_AWS_CHARACTERS = 24
# Runs of letters or digits in a random text of 24 of 36 characters are about ten.
_MIN_RUNS = 7


def has_secret(text: str) -> bool:
    """Return whether a text contains a key or a token of a known form, a hash of a password, or a password."""
    return _SECRET.search(text) is not None or any(map(_is_mixed, _AWS_SECRET.findall(text)))


def _is_mixed(text: str) -> bool:
    return len(set(text)) >= _MIN_AWS_CHARACTERS and all(case.search(text) for case in _CASES)


def is_random(text: str) -> bool:
    """Return whether a text looks like a random token.

    It has 20 characters or more, of which 12 are different: capital and small letters and digits that form few words
    and numbers; or 24 small letters and digits or more that alternate often. Hexadecimal texts, among them UUIDs, are
    not tokens, as most are keys and hashes.
    """
    if len(set(text)) < _MIN_CHARACTERS:
        return False
    if _LOWER_TOKEN.fullmatch(text) is not None:
        return len(_RUN.findall(text)) >= _MIN_RUNS
    if _TOKEN.fullmatch(text) is None or not all(case.search(text) for case in _CASES):
        return False
    return sum(map(len, _WORDLIKE.findall(text))) <= _MAX_WORDLIKE * len(text)
