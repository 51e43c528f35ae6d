r"""Where strings, quoted names and comments are in a text, by the rules of the database and not by those of sqlglot.

This is a second opinion on every statement that is to run: a database, an own reading and sqlglot's tokenizer have to
agree on what is text and what is code. The rules come from sqlglot's tables of quotes and prefixes, corrected where a
database differs, and are applied by one regular expression for each dialect. Where the rules of a database are not
known for certain, as the backslash in Redshift's strings, several readings are given, and all of them have to agree.
"""

from __future__ import annotations

import bisect
import enum
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Tokenizer, TokenType

from ktx_daemon.sql.dialects import dialect_name

# MySQL and its relatives execute what is in `/*! … */`, and `--` begins a comment only before white space.
MYSQL_LIKE = frozenset({"mysql", "doris", "starrocks"})
# Relatives of which it is not certain that `--1` is no comment.
UNCERTAIN_DASHES = MYSQL_LIKE - {"mysql"}
# Their strings `E'…'` are continued, with the same escapes, by the next string after a line break.
POSTGRES_LIKE = frozenset({"postgres", "redshift", "materialize", "risingwave", "duckdb"})
SPARK_LIKE = frozenset({"spark", "spark2", "databricks", "hive"})
# Where block comments are known to nest, and known not to; elsewhere a comment within a comment is ambiguous.
NESTED_COMMENTS = frozenset({"postgres", "materialize", "risingwave", "duckdb", "redshift", "tsql", "fabric"})
FLAT_COMMENTS = frozenset({"mysql", "sqlite"})
# Dialects whose strings are said to have backslash escapes, and may not have them.
UNCERTAIN_BACKSLASH = frozenset({"redshift", "athena"})

# Tokens that are strings or quoted names.
QUOTED_TYPES = frozenset(
    {
        TokenType.STRING,
        TokenType.NATIONAL_STRING,
        TokenType.RAW_STRING,
        TokenType.NATIONAL_RAW_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.UNICODE_STRING,
        TokenType.BYTE_STRING,
        TokenType.HEX_STRING,
        TokenType.BIT_STRING,
        TokenType.IDENTIFIER,
    }
)

_DOLLAR_TAG = r"(?:[^\W\d]|[^\x00-\x7f])(?:\w|[^\x00-\x7f])*"


class Kind(enum.Enum):
    """What a part of a text is."""

    QUOTED = "quoted"
    LINE_COMMENT = "line comment"
    BLOCK_COMMENT = "block comment"
    DOLLAR = "dollar quote"
    UNCLOSED = "unclosed"


@dataclass(frozen=True)
class Part:
    """A string, a quoted name or a comment: from `start` up to, not including, `end`."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Rules:
    """How one dialect writes what is not code."""

    pattern: re.Pattern[str]
    is_nested: bool


def parts(sql: str, rules: Rules) -> Iterator[Part]:
    """Return all strings, quoted names and comments in order; what has no end is the last of them."""
    place = 0
    while match := rules.pattern.search(sql, place):
        kind, place = Kind[match.lastgroup or ""], match.end()
        if kind is Kind.BLOCK_COMMENT:
            place = _comment_end(sql, place, rules.is_nested)
        elif kind is Kind.DOLLAR:
            closing = sql.find(match[0], place)
            kind, place = Kind.QUOTED, closing + len(match[0]) if closing >= 0 else -1
        if kind is Kind.UNCLOSED or place < 0:
            yield Part(Kind.UNCLOSED, match.start(), len(sql))
            return
        yield Part(kind, match.start(), place)


def code_length(sql: str, dialect: Dialect) -> int:
    """Count the characters outside of strings, quoted names and comments."""
    return len(sql) - sum(part.end - part.start for part in parts(sql, rules_of(dialect)[0]))


_COMMENT_MARK = re.compile(r"/\*|\*/")


def _comment_end(sql: str, place: int, is_nested: bool) -> int:
    """Return where a block comment ends, after its `*/`; -1 where it does not end."""
    depth = 1
    while match := _COMMENT_MARK.search(sql, place):
        place = match.end()
        if match[0] == "*/":
            depth -= 1
        elif is_nested:
            depth += 1
        else:
            place = match.start() + 1  # the star may belong to the end: `/*/`
        if depth == 0:
            return place
    return -1


class QuotedPlaces:
    """Tells whether a place is within a string, a quoted name or a comment."""

    def __init__(self, sql: str, dialect: Dialect) -> None:
        found = list(parts(sql, rules_of(dialect)[0]))
        self._starts = [part.start for part in found]
        self._ends = [part.end for part in found]

    def __contains__(self, place: int) -> bool:
        index = bisect.bisect_right(self._starts, place) - 1
        return index >= 0 and place < self._ends[index]


def rules_of(dialect: Dialect) -> tuple[Rules, ...]:
    """Return every reading of a dialect that its database may have; the first is sqlglot's own."""
    return _rules_of(dialect_name(dialect))


@functools.cache
def _rules_of(name: str) -> tuple[Rules, ...]:
    syntax = _syntax(Dialect.get_or_raise(name), name)
    readings = [syntax]
    if name in UNCERTAIN_BACKSLASH:
        readings.append(replace(syntax, quotes=tuple(replace(quote, has_backslash=False) for quote in syntax.quotes)))
    return tuple(Rules(_pattern(reading), name in NESTED_COMMENTS) for reading in readings)


@dataclass(frozen=True)
class _Quote:
    """A pair of quotes, and what stands for the closing one within them."""

    start: str
    end: str
    has_backslash: bool
    is_doubled: bool


@dataclass(frozen=True)
class _Syntax:
    """The quotes of a dialect, longest first, and the patterns of its line comments."""

    quotes: tuple[_Quote, ...]
    has_dollar_quotes: bool
    line_comments: tuple[str, ...]
    comment_marks: tuple[str, ...]


def _syntax(dialect: Dialect, name: str) -> _Syntax:
    tokenizer = dialect.tokenizer_class
    strings = [_string(quote, end, tokenizer._STRING_ESCAPES) for quote, end in tokenizer._QUOTES.items()]
    names = [
        _Quote(start, end, "\\" in tokenizer._IDENTIFIER_ESCAPES, (name, start) != ("sqlite", "["))
        for start, end in tokenizer._IDENTIFIERS.items()
    ]
    kinds = tokenizer._FORMAT_STRINGS.items()
    prefixed = [_prefixed(tokenizer, start, end, kind) for start, (end, kind) in kinds if end and start != "$"]
    comment_marks = [mark for mark, end in tokenizer._COMMENTS.items() if end is None]
    return _Syntax(
        quotes=tuple(sorted([*prefixed, *strings, *names], key=lambda quote: -len(quote.start))),
        has_dollar_quotes=any(kind is TokenType.HEREDOC_STRING for _, (_, kind) in kinds),
        line_comments=tuple(_line_comment(mark, name) for mark in comment_marks),
        comment_marks=tuple(comment_marks),
    )


def _prefixed(tokenizer: type[Tokenizer], start: str, end: str, kind: TokenType) -> _Quote:
    if kind in (TokenType.RAW_STRING, TokenType.NATIONAL_RAW_STRING):
        has_escapes = tokenizer.STRING_ESCAPES_ALLOWED_IN_RAW_STRINGS and start != "$$"
        return _string(start, end, tokenizer._STRING_ESCAPES if has_escapes else set())
    is_bytes = kind is TokenType.BYTE_STRING
    return _string(start, end, tokenizer._BYTE_STRING_ESCAPES if is_bytes else tokenizer._STRING_ESCAPES)


def _string(start: str, end: str, escapes: set[str]) -> _Quote:
    return _Quote(start, end, "\\" in escapes, end in escapes)


def _line_comment(mark: str, name: str) -> str:
    boundary = r"(?=[\x00-\x20\x7f]|\Z)" if mark == "--" and name in MYSQL_LIKE else ""
    end = r"[^\n]*" if name in ("mysql", "sqlite") else r"[^\n\r]*"
    return re.escape(mark) + boundary + end


def _pattern(syntax: _Syntax) -> re.Pattern[str]:
    quoted = [_quoted(quote) for quote in syntax.quotes]
    openings = (re.escape(quote.start) for quote in syntax.quotes if not quote.start[0].isalpha())
    alternatives = [
        f"(?P<LINE_COMMENT>{'|'.join(syntax.line_comments)})",
        r"(?P<BLOCK_COMMENT>/\*)",
        f"(?P<QUOTED>{'|'.join(quoted)})",
        f"(?P<UNCLOSED>{'|'.join(openings)})",
    ]
    if syntax.has_dollar_quotes:
        alternatives.insert(0, rf"(?P<DOLLAR>(?<![\w$])\$(?:{_DOLLAR_TAG})?\$)")
    # Most characters begin none of these: a single check is enough.
    first = {quote.start[0] for quote in syntax.quotes} | set("/$") | {mark[0] for mark in syntax.comment_marks}
    return re.compile(f"(?=[{re.escape(''.join(sorted(first)))}])(?:{'|'.join(alternatives)})")


def _quoted(quote: _Quote) -> str:
    """Return the pattern of a text between quotes: every character of it can be matched in one way only."""
    before = r"(?<![\w$])" if quote.start[0].isalpha() or quote.start == "$$" else ""
    start, end = re.escape(quote.start), re.escape(quote.end)
    escapes = [r"\\[\s\S]"] * quote.has_backslash + [end + end] * quote.is_doubled
    if len(quote.end) > 1:
        plain = rf"(?!{end})" + (r"[^\\]" if quote.has_backslash else r"[\s\S]")
        return f"{before}{start}(?:{'|'.join([plain, *escapes])})*{end}"
    plain = rf"[^{end}\\]*" if quote.has_backslash else f"[^{end}]*"
    rest = f"(?:(?:{'|'.join(escapes)}){plain})*" if escapes else ""
    return f"{before}{start}{plain}{rest}{end}"
