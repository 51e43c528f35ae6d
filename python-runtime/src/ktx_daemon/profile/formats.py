"""Formats of texts and integers by their values: what a value is beyond the type of its column."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ktx_daemon.profile import codes
from ktx_daemon.profile.names import split_words
from ktx_daemon.profile.sensitive_values import is_email, is_phone
from ktx_daemon.warehouses.model.profile import Format, FormatKind

# The share of the checked values that must have a format.
MIN_SHARE = 0.95
# Codes of two letters are also abbreviations of others: without a name that says so, as many must occur.
MIN_CODES = 5

_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_PATTERNS: dict[FormatKind, str] = {
    "uuid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "iso_date": _DATE,
    "iso_datetime": _DATE + r"[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?(?:\d\d)?))?",
    "url": r"(?:https?|ftp|s3|gs)://[^\s/]+(?:/\S*)?",
    # Leading zeros are digits of a code.
    "integer": r"-?(?:0|[1-9]\d{0,18})",
    "number": r"-?(?:\d+\.\d+|\d+(?:\.\d+)?[eE][+-]?\d+)",
}
_POSTAL_WORDS = frozenset({"zip", "postal", "postcode", "plz", "zipcode"})
_POSTAL = re.compile(
    r"\d{4,6}|\d{5}-\d{4}|\d{3}-\d{4}|\d{2}-\d{3}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
)
_BOOLEANS = tuple(map(frozenset, (("y", "n"), ("yes", "no"), ("t", "f"), ("true", "false"), ("0", "1"), ("on", "off"))))
# 1990 to 2100 in seconds since 1970.
_EPOCH = range(631_152_000, 4_102_444_800)
_TIMES = "at on time date ts timestamp epoch created updated modified deleted utc datetime when"
_TIME_WORDS = frozenset(_TIMES.split())
_LONG_JSON = 500


@dataclass(frozen=True)
class _Codes:
    kind: FormatKind
    codes: frozenset[str]
    words: frozenset[str]
    title: str


_CODES = (
    _Codes("currency_code", codes.CURRENCIES, frozenset({"currency", "ccy", "waehrung", "moneda"}), "ISO 4217"),
    _Codes("country_code", codes.COUNTRIES, frozenset({"country", "nation", "land", "pais", "pays"}), "ISO 3166-1"),
    _Codes("us_state", codes.US_STATES, frozenset({"state", "states"}), "states of the USA"),
    _Codes("language_code", codes.LANGUAGES, frozenset({"language", "lang", "locale", "sprache"}), "ISO 639-1"),
)


def find_text_formats(name: str, texts: Sequence[str]) -> list[Format]:
    """Return the formats of a sample of distinct texts of a column."""
    if not texts:
        return []
    words = set(split_words(name))
    checks: list[tuple[FormatKind, Callable[[str], bool], str]] = [
        (kind, _matcher(pattern), f"have the form of {kind}") for kind, pattern in _PATTERNS.items()
    ]
    checks += [
        ("email", is_email, "are e-mail addresses"),
        ("phone", is_phone, "have the form of phone numbers"),
        ("ip_address", _is_address, "are IP addresses"),
        ("json", _is_json, "are JSON documents"),
    ]
    if words & _POSTAL_WORDS:
        checks.append(
            ("postal_code", lambda text: _POSTAL.fullmatch(text) is not None, "have the form of postal codes")
        )
    found = [*_boolean(texts), *_codes(words, texts)]
    for kind, has, title in checks:
        found += _share(kind, sum(map(has, texts)), len(texts), title)
    return sorted(found, key=lambda each: each.kind)


def find_integer_formats(name: str, texts: Sequence[str], least: int | None, greatest: int | None) -> list[Format]:
    """Return the formats of integers, by a sample of their texts and their range."""
    words = set(split_words(name))
    found = _boolean(texts)
    if least is None or greatest is None:
        return found
    if words & _TIME_WORDS:
        if least in _EPOCH and greatest in _EPOCH:
            found.append(_epoch("epoch_seconds", "seconds"))
        elif least // 1000 in _EPOCH and greatest // 1000 in _EPOCH:
            found.append(_epoch("epoch_milliseconds", "milliseconds"))
    if words & _POSTAL_WORDS and texts:
        found += _share("postal_code", sum(map(_is_postal, texts)), len(texts), "have the form of postal codes")
    return found


def _epoch(kind: FormatKind, unit: str) -> Format:
    return Format(
        kind, 1.0, f"All values are {unit} since 1970 of times from 1990 to 2100, and the name is that of a time"
    )


def _share(kind: FormatKind, count: int, total: int, title: str) -> list[Format]:
    share = count / total
    return [Format(kind, round(share, 4), f"{count} of {total} checked values {title}")] if share >= MIN_SHARE else []


def _boolean(texts: Sequence[str]) -> list[Format]:
    found = {text.strip().lower() for text in texts}
    if len(found) == 2 and found in _BOOLEANS:  # noqa: PLR2004 - yes and no
        return [Format("boolean", 1.0, "All values are one of a pair such as yes and no, or 0 and 1")]
    return []


def _codes(words: set[str], texts: Sequence[str]) -> list[Format]:
    found: list[Format] = []
    for each in _CODES:
        matching = sum(text in each.codes for text in texts)
        if words & each.words or matching >= MIN_CODES:
            found += _share(each.kind, matching, len(texts), f"are codes of {each.title}")
    return found


def _matcher(pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern).fullmatch
    return lambda text: match(text) is not None


def _is_postal(text: str) -> bool:
    return _POSTAL.fullmatch(text) is not None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return "." in text or ":" in text


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    if len(text) >= _LONG_JSON:
        return text.startswith(('{"', '[{"', '["', "[[")) or text[1:2].isspace()
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
