"""References that are read without the parser: names joined by dots, perhaps quoted, perhaps with an alias.

Of most references sqlglot's parser only says what stands in the text. Those are words that no table of the dialect
holds, so that the tokenizer takes them for names, and quoted names without anything that could be an escape. The
answer is what the parser would give, to the letter; all other references are left to the parser.
"""

from __future__ import annotations

import functools
import re

import msgspec
from sqlglot import Tokenizer
from sqlglot.dialects.dialect import Dialect

from ktx_daemon.sql.dialects import find_dialect, is_bigquery
from ktx_daemon.sql.reserved import reserved_words

# Their statements do not begin with SELECT: the parser reads no reference at all.
WITHOUT_SELECT = ("DAX", "PRQL")

_FIRST_WORD = re.compile(r"\w+")
_WORD = r"[A-Za-z_]\w*"
_QUOTED = r"[\w -]+"
_PLAIN = re.compile(r"[^\W\d]\w*")
_DASHED = re.compile(r"[^\W\d]\w*(?:-(?:[^\W\d]\w*|\d+))*")
# In BigQuery a project may have dashes, and all of a path may stand in one pair of quotes. Its views of the
# INFORMATION_SCHEMA are left to the parser, which makes one name of the last two.
_BIGQUERY_PREFIX = r"(?!.*(?i:INFORMATION_SCHEMA))"
_BIGQUERY_FIRST = rf"{_WORD}(?:-{_WORD})*|`{_QUOTED}`|`{_QUOTED}(?:\.{_QUOTED}){{1,2}}`(?!\.)"


class PhysicalTable(msgspec.Struct, frozen=True):
    """The table that a reference names: its parts, and the reference as the dialect writes it."""

    ok: bool
    catalog: str | None
    schema: str | None
    name: str
    canonical_table: str


def canonical_path(names: list[str], reserved: frozenset[str]) -> str:
    """Write a path of BigQuery in one way for all its spellings: with no quotes that it can spare."""
    return ".".join(
        name if _spares_quotes(name, is_first=index == 0, reserved=reserved) else f"`{_escaped(name)}`"
        for index, name in enumerate(names)
    )


def _spares_quotes(name: str, *, is_first: bool, reserved: frozenset[str]) -> bool:
    """Return whether a name needs no quotes; the first of a path may have dashes between words."""
    if is_first and _DASHED.fullmatch(name):
        return reserved.isdisjoint(name.lower().split("-"))
    return bool(_PLAIN.fullmatch(name)) and name.lower() not in reserved


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")


class PlainReferences:
    """The plain references of one dialect."""

    def __init__(self, dialect: Dialect, prefix: str = "", first: str = "") -> None:
        self._is_path = bool(first)
        self._reserved = reserved_words(type(dialect))
        quote, end = dialect.IDENTIFIER_START, dialect.IDENTIFIER_END
        part = rf"{_WORD}|{re.escape(quote)}{_QUOTED}{re.escape(end)}"
        rest = rf"(?:\.({part}))?"
        alias = rf"(?: +(?:AS +|as +)?({_WORD}))?"
        self._pattern = re.compile(rf"{prefix} *({first or part}){rest}{rest}{alias} *", re.ASCII)
        self._quote = quote
        self._meaningful = _meaningful_words(dialect) | {word.upper() for word in self._reserved}

    def read(self, text: str) -> PhysicalTable | None:
        """Return the table of a plain reference; None for any other text."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        groups = match.groups()
        words = "-".join([part for part in groups if part and part[0] != self._quote])
        if not self._meaningful.isdisjoint(words.upper().split("-")):
            return None
        parts = [part for part in groups[:3] if part]
        canonical = ".".join(parts)
        names = parts if self._quote not in canonical else self._unquoted(parts)
        if self._is_path and names is not parts:
            canonical = canonical_path(names, self._reserved)
        catalog, schema, name = (None, None, *names)[-3:]
        return PhysicalTable(True, catalog, schema, name, canonical)

    def _unquoted(self, parts: list[str]) -> list[str]:
        """Take the quotes off; only a path that stands in one pair of them has dots within."""
        return ".".join([part[1:-1] if part[0] == self._quote else part for part in parts]).split(".")


@functools.lru_cache(maxsize=64)
def plain_references(dialect_name: str) -> PlainReferences | None:
    """Return the plain references of a dialect, by any of its names; None if there are none or no such dialect."""
    dialect = find_dialect(dialect_name)
    if dialect is None or type(dialect).__name__ in WITHOUT_SELECT:
        return None
    if is_bigquery(dialect):
        return PlainReferences(dialect, _BIGQUERY_PREFIX, _BIGQUERY_FIRST)
    return PlainReferences(dialect)


def _meaningful_words(dialect: Dialect) -> frozenset[str]:
    """Collect the words that begin keywords, of any dialect or this one, and those that it quotes as names.

    A keyword that a dialect's tokenizer does without may still be one to its parser.
    """
    known = (*Tokenizer.KEYWORDS, *dialect.tokenizer_class.KEYWORDS, *dialect.generator_class.RESERVED_KEYWORDS)
    return frozenset(first[0].upper() for word in known if (first := _FIRST_WORD.match(word)))
