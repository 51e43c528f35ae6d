"""A fast path for plain table references: dotted names, possibly quoted, possibly with an alias.

Plain names are words that are keywords in no table of the dialect, and quoted names without possible escapes. The
result is identical to that of sqlglot's parser, which handles all other references.
"""

from __future__ import annotations

import functools
import re

import msgspec
from sqlglot import Tokenizer
from sqlglot.dialects.dialect import Dialect

from ktx_daemon.sql.dialects import find_dialect, is_bigquery
from ktx_daemon.sql.reserved import reserved_words

# Languages without SELECT, for which the parser accepts no reference.
WITHOUT_SELECT = ("DAX", "PRQL")

_FIRST_WORD = re.compile(r"\w+")
_WORD = r"[A-Za-z_]\w*"
_QUOTED = r"[\w -]+"
_PLAIN = re.compile(r"[^\W\d]\w*")
_DASHED = re.compile(r"[^\W\d]\w*(?:-(?:[^\W\d]\w*|\d+))*")
# In BigQuery a project may have dashes, and a whole path may be in one pair of quotes. Views of the INFORMATION_SCHEMA
# are left to the parser, which joins the last two names.
_BIGQUERY_PREFIX = r"(?!.*(?i:INFORMATION_SCHEMA))"
_BIGQUERY_FIRST = rf"{_WORD}(?:-{_WORD})*|`{_QUOTED}`|`{_QUOTED}(?:\.{_QUOTED}){{1,2}}`(?!\.)"


class PhysicalTable(msgspec.Struct, frozen=True):
    """The table of a reference: its parts, and the canonical reference in the dialect."""

    ok: bool
    catalog: str | None
    schema: str | None
    name: str
    canonical_table: str


def canonical_path(names: list[str], reserved: frozenset[str]) -> str:
    """Return the canonical form of a BigQuery path, with quotes only where they are required."""
    return ".".join(
        name if _needs_no_quotes(name, is_first=index == 0, reserved=reserved) else f"`{_escape(name)}`"
        for index, name in enumerate(names)
    )


def _needs_no_quotes(name: str, *, is_first: bool, reserved: frozenset[str]) -> bool:
    """Return whether a name requires no quotes; the first of a path may have dashes between words."""
    if is_first and _DASHED.fullmatch(name):
        return reserved.isdisjoint(name.lower().split("-"))
    return bool(_PLAIN.fullmatch(name)) and name.lower() not in reserved


def _escape(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")


class PlainReferenceParser:
    """Parses the plain references of one dialect."""

    def __init__(self, dialect: Dialect, prefix: str = "", first: str = "") -> None:
        self._is_path = bool(first)
        self._reserved = reserved_words(type(dialect))
        quote, end = dialect.IDENTIFIER_START, dialect.IDENTIFIER_END
        part = rf"{_WORD}|{re.escape(quote)}{_QUOTED}{re.escape(end)}"
        rest = rf"(?:\.({part}))?"
        alias = rf"(?: +(?:AS +|as +)?({_WORD}))?"
        self._pattern = re.compile(rf"{prefix} *({first or part}){rest}{rest}{alias} *", re.ASCII)
        self._quote = quote
        self._keywords = _collect_keywords(dialect) | {word.upper() for word in self._reserved}

    def parse(self, text: str) -> PhysicalTable | None:
        """Return the table of a plain reference, or None for any other text."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        groups = match.groups()
        words = "-".join([part for part in groups if part and part[0] != self._quote])
        if not self._keywords.isdisjoint(words.upper().split("-")):
            return None
        parts = [part for part in groups[:3] if part]
        canonical = ".".join(parts)
        names = parts if self._quote not in canonical else self._unquote(parts)
        if self._is_path and names is not parts:
            canonical = canonical_path(names, self._reserved)
        catalog, schema, name = (None, None, *names)[-3:]
        return PhysicalTable(True, catalog, schema, name, canonical)

    def _unquote(self, parts: list[str]) -> list[str]:
        """Remove the quotes; only a quoted path contains dots."""
        return ".".join([part[1:-1] if part[0] == self._quote else part for part in parts]).split(".")


@functools.lru_cache(maxsize=64)
def plain_reference_parser(dialect_name: str) -> PlainReferenceParser | None:
    """Return the cached parser of a dialect, by name or alias; None for unsupported dialects."""
    dialect = find_dialect(dialect_name)
    if dialect is None or type(dialect).__name__ in WITHOUT_SELECT:
        return None
    if is_bigquery(dialect):
        return PlainReferenceParser(dialect, _BIGQUERY_PREFIX, _BIGQUERY_FIRST)
    return PlainReferenceParser(dialect)


def _collect_keywords(dialect: Dialect) -> frozenset[str]:
    """Return the first words of the base dialect's and this dialect's keywords, and the words that it quotes as names.

    A dialect's parser may use keywords that its tokenizer lacks.
    """
    keywords = (*Tokenizer.KEYWORDS, *dialect.tokenizer_class.KEYWORDS, *dialect.generator_class.RESERVED_KEYWORDS)
    return frozenset(first[0].upper() for word in keywords if (first := _FIRST_WORD.match(word)))
