"""Columns and values that look sensitive by their content.

The checks are arithmetic of public standards: the Luhn formula of card numbers (ISO/IEC 7812-1) and the remainder 1 of
the division of an IBAN by 97 (ISO 13616, ISO/IEC 7064).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ktx_daemon.profile.names import split_words
from ktx_daemon.profile.secret_values import has_secret, is_random
from ktx_daemon.warehouses.model.profile import Sensitive, SensitiveClass

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")
# An address that is written for persons only: `ada (at) example.org`.
_SPELLED_EMAIL = re.compile(r"(?i)\b[\w.+-]{1,64} ?[(\[] ?at ?[)\]] ?(?:[\w-]+\.)+[^\W\d_]{2,}")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}")
_PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*\Z)\+?\(?\d[\d ()./-]{5,}\d")
_NOT_PHONE = re.compile(r"\d+|\d+\.\d+|\d{4}-\d\d?-\d\d?.*|\d\d?[./-]\d\d?[./-]\d{2,4}.*|(?:\d{1,3}\.){3}\d{1,3}")
LUHN_BASE, IBAN_BASE = 10, 97
CARD_LENGTHS = range(13, 20)


def is_card(text: str) -> bool:
    """Return whether a text is a card number: 13 to 19 digits with a check digit by the Luhn formula."""
    if _CARD.fullmatch(text) is None:
        return False
    digits = [int(each) for each in text if each.isdigit()]
    doubled = [each * 2 - 9 if each > 4 else each * 2 for each in digits[-2::-2]]  # noqa: PLR2004 - two digits
    return len(digits) in CARD_LENGTHS and (sum(digits[-1::-2]) + sum(doubled)) % LUHN_BASE == 0


def is_iban(text: str) -> bool:
    """Return whether a text is an IBAN with valid check digits."""
    compact = text.replace(" ", "")
    if _IBAN.fullmatch(text) is None or not compact.isascii():
        return False
    return int("".join(str(int(each, 36)) for each in compact[4:] + compact[:4])) % IBAN_BASE == 1


def is_phone(text: str) -> bool:
    """Return whether a text has the form of a phone number: 7 to 15 digits with a plus sign or separators."""
    return _PHONE.fullmatch(text) is not None and _NOT_PHONE.fullmatch(text) is None and not is_ssn(text)


def is_ssn(text: str) -> bool:
    """Return whether a text has the form of a social security number of the USA."""
    return _SSN.fullmatch(text) is not None


def has_email(text: str) -> bool:
    """Return whether a text contains an e-mail address."""
    if "@" in text:
        return _EMAIL.search(text) is not None
    return ("(" in text or "[" in text) and _SPELLED_EMAIL.search(text) is not None


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address."""
    return "@" in text and _EMAIL.fullmatch(text) is not None


@dataclass(frozen=True)
class _Check:
    name: SensitiveClass
    has: Callable[[str], bool]
    share: float
    values: int
    title: str


_RANDOM = _Check("secret", is_random, 0.5, 3, "look like random tokens")
# Words of the names of columns whose random values identify something, and give no access to it.
_IDENTIFIER_WORDS = (
    "id ids uid uuid guid ulid ksuid cid key pk fk hash hashes checksum digest etag md sha crc fingerprint commit "
    "revision sku"
)
_IDENTIFIERS = frozenset(_IDENTIFIER_WORDS.split())
# A column is of a class if at least `share` of its values are, and at least `values` of them.
_CHECKS = (
    _Check("secret", has_secret, 0.0, 1, "have the form of keys or tokens"),
    _RANDOM,
    _Check("email", has_email, 0.5, 1, "contain an e-mail address"),
    _Check("iban", is_iban, 0.5, 1, "are IBANs by their check digits"),
    _Check("card", is_card, 0.5, 2, "are card numbers by their check digit"),
    _Check("national_id", is_ssn, 0.9, 2, "have the form of social security numbers"),
    _Check("phone", is_phone, 0.9, 2, "have the form of phone numbers"),
)


def classify_values(texts: Sequence[str], name: str = "") -> Sensitive | None:
    """Return the class of a column by distinct values; None if it does not look sensitive.

    Random values are keys or hashes, and no secrets, where the `name` of the column says so.
    """
    is_identifier = not _IDENTIFIERS.isdisjoint(split_words(name))
    for check in _CHECKS:
        if check is _RANDOM and is_identifier:
            continue
        found = sum(map(check.has, texts))
        if found >= check.values and found >= check.share * len(texts):
            evidence = f"{found} of {len(texts)} checked values {check.title}"
            return Sensitive(check.name, "content", evidence)
    return None


def is_sensitive(text: str) -> bool:
    """Return whether a single value is not returned, also from a column of other values."""
    return has_secret(text) or has_email(text) or is_iban(text) or is_card(text) or is_ssn(text)
