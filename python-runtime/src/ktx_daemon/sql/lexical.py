r"""A lexer for strings, quoted names and comments by the rules of the database, independent of sqlglot's tokenizer.

The read-only check compares both for every statement that is to run: they have to agree on what is quoted and what is
code. The rules come from sqlglot's tables of quotes and prefixes, corrected where a database differs, and are applied
by one regular expression per dialect. Where the rules of a database are uncertain, such as backslashes in Redshift's
strings, there are several sets of rules, and all have to agree.
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

# MySQL-compatible databases execute the content of `/*! … */`, and `--` starts a comment only before white space.
MYSQL_LIKE = frozenset({"mysql", "doris", "starrocks"})
# Compatible databases for which it is uncertain whether `--1` is a comment.
UNCERTAIN_DASHES = MYSQL_LIKE - {"mysql"}
# Dialects in which a string after a line break continues a string `E'…'`, with the same escapes.
POSTGRES_LIKE = frozenset({"postgres", "redshift", "materialize", "risingwave", "duckdb"})
SPARK_LIKE = frozenset({"spark", "spark2", "databricks", "hive"})
# Dialects whose block comments nest, or do not nest; in all others a comment within a comment is ambiguous.
NESTED_COMMENTS = frozenset({"postgres", "materialize", "risingwave", "duckdb", "redshift", "tsql", "fabric"})
FLAT_COMMENTS = frozenset({"mysql", "sqlite"})
# Dialects whose strings have backslash escapes by sqlglot, but possibly not by the database.
UNCERTAIN_BACKSLASH = frozenset({"redshift", "athena"})

# Types of tokens that are strings or quoted names.
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
    """The kind of a part of a text."""

    QUOTED = "quoted"
    LINE_COMMENT = "line comment"
    BLOCK_COMMENT = "block comment"
    DOLLAR = "dollar quote"
    UNCLOSED = "unclosed"


@dataclass(frozen=True)
class Part:
    """A string, a quoted name or a comment; `end` is exclusive."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Rules:
    """The lexical rules of a dialect."""

    pattern: re.Pattern[str]
    is_nested: bool


def iterate_parts(sql: str, rules: Rules) -> Iterator[Part]:
    """Yield all strings, quoted names and comments in order; an unclosed one is the last."""
    position = 0
    while match := rules.pattern.search(sql, position):
        kind, position = Kind[match.lastgroup or ""], match.end()
        if kind is Kind.BLOCK_COMMENT:
            position = _comment_end(sql, position, rules.is_nested)
        elif kind is Kind.DOLLAR:
            closing = sql.find(match[0], position)
            kind, position = Kind.QUOTED, closing + len(match[0]) if closing >= 0 else -1
        if kind is Kind.UNCLOSED or position < 0:
            yield Part(Kind.UNCLOSED, match.start(), len(sql))
            return
        yield Part(kind, match.start(), position)


def count_code_characters(sql: str, dialect: Dialect) -> int:
    """Return the number of characters outside of strings, quoted names and comments."""
    return len(sql) - sum(part.end - part.start for part in iterate_parts(sql, lexical_rules(dialect)[0]))


_COMMENT_MARK = re.compile(r"/\*|\*/")


def _comment_end(sql: str, position: int, is_nested: bool) -> int:
    """Return the position after the `*/` of a block comment, or -1 if it is unclosed."""
    depth = 1
    while match := _COMMENT_MARK.search(sql, position):
        position = match.end()
        if match[0] == "*/":
            depth -= 1
        elif is_nested:
            depth += 1
        else:
            position = match.start() + 1  # the star may start the end: `/*/`
        if depth == 0:
            return position
    return -1


class QuotedRanges:
    """The ranges of strings, quoted names and comments; `in` tests a position."""

    def __init__(self, sql: str, dialect: Dialect) -> None:
        parts = list(iterate_parts(sql, lexical_rules(dialect)[0]))
        self._starts = [part.start for part in parts]
        self._ends = [part.end for part in parts]

    def __contains__(self, position: int) -> bool:
        index = bisect.bisect_right(self._starts, position) - 1
        return index >= 0 and position < self._ends[index]


def lexical_rules(dialect: Dialect) -> tuple[Rules, ...]:
    """Return all sets of rules that the database of a dialect may apply; the first is that of sqlglot."""
    return _lexical_rules(dialect_name(dialect))


@functools.cache
def _lexical_rules(name: str) -> tuple[Rules, ...]:
    syntax = _read_syntax(Dialect.get_or_raise(name), name)
    readings = [syntax]
    if name in UNCERTAIN_BACKSLASH:
        readings.append(replace(syntax, quotes=tuple(replace(quote, has_backslash=False) for quote in syntax.quotes)))
    return tuple(Rules(_compile_pattern(reading), name in NESTED_COMMENTS) for reading in readings)


@dataclass(frozen=True)
class _Quote:
    """A pair of quotes, and the escapes of the closing one."""

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


def _read_syntax(dialect: Dialect, name: str) -> _Syntax:
    tokenizer = dialect.tokenizer_class
    strings = [_string_quote(quote, end, tokenizer._STRING_ESCAPES) for quote, end in tokenizer._QUOTES.items()]
    names = [
        _Quote(start, end, "\\" in tokenizer._IDENTIFIER_ESCAPES, (name, start) != ("sqlite", "["))
        for start, end in tokenizer._IDENTIFIERS.items()
    ]
    kinds = tokenizer._FORMAT_STRINGS.items()
    prefixed = [_prefixed_quote(tokenizer, start, end, kind) for start, (end, kind) in kinds if end and start != "$"]
    comment_marks = [mark for mark, end in tokenizer._COMMENTS.items() if end is None]
    return _Syntax(
        quotes=tuple(sorted([*prefixed, *strings, *names], key=lambda quote: -len(quote.start))),
        has_dollar_quotes=any(kind is TokenType.HEREDOC_STRING for _, (_, kind) in kinds),
        line_comments=tuple(_line_comment_pattern(mark, name) for mark in comment_marks),
        comment_marks=tuple(comment_marks),
    )


def _prefixed_quote(tokenizer: type[Tokenizer], start: str, end: str, kind: TokenType) -> _Quote:
    if kind in (TokenType.RAW_STRING, TokenType.NATIONAL_RAW_STRING):
        has_escapes = tokenizer.STRING_ESCAPES_ALLOWED_IN_RAW_STRINGS and start != "$$"
        return _string_quote(start, end, tokenizer._STRING_ESCAPES if has_escapes else set())
    is_bytes = kind is TokenType.BYTE_STRING
    return _string_quote(start, end, tokenizer._BYTE_STRING_ESCAPES if is_bytes else tokenizer._STRING_ESCAPES)


def _string_quote(start: str, end: str, escapes: set[str]) -> _Quote:
    return _Quote(start, end, "\\" in escapes, end in escapes)


def _line_comment_pattern(mark: str, name: str) -> str:
    boundary = r"(?=[\x00-\x20\x7f]|\Z)" if mark == "--" and name in MYSQL_LIKE else ""
    end = r"[^\n]*" if name in ("mysql", "sqlite") else r"[^\n\r]*"
    return re.escape(mark) + boundary + end


def _compile_pattern(syntax: _Syntax) -> re.Pattern[str]:
    quoted = [_quoted_pattern(quote) for quote in syntax.quotes]
    openings = (re.escape(quote.start) for quote in syntax.quotes if not quote.start[0].isalpha())
    alternatives = [
        f"(?P<LINE_COMMENT>{'|'.join(syntax.line_comments)})",
        r"(?P<BLOCK_COMMENT>/\*)",
        f"(?P<QUOTED>{'|'.join(quoted)})",
        f"(?P<UNCLOSED>{'|'.join(openings)})",
    ]
    if syntax.has_dollar_quotes:
        alternatives.insert(0, rf"(?P<DOLLAR>(?<![\w$])\$(?:{_DOLLAR_TAG})?\$)")
    # Most characters start none of these, so a lookahead rejects them fast.
    first = {quote.start[0] for quote in syntax.quotes} | set("/$") | {mark[0] for mark in syntax.comment_marks}
    return re.compile(f"(?=[{re.escape(''.join(sorted(first)))}])(?:{'|'.join(alternatives)})")


def _quoted_pattern(quote: _Quote) -> str:
    """Return the pattern of a quoted text; it is unambiguous and hence cannot backtrack."""
    before = r"(?<![\w$])" if quote.start[0].isalpha() or quote.start == "$$" else ""
    start, end = re.escape(quote.start), re.escape(quote.end)
    escapes = [r"\\[\s\S]"] * quote.has_backslash + [end + end] * quote.is_doubled
    if len(quote.end) > 1:
        plain = rf"(?!{end})" + (r"[^\\]" if quote.has_backslash else r"[\s\S]")
        return f"{before}{start}(?:{'|'.join([plain, *escapes])})*{end}"
    plain = rf"[^{end}\\]*" if quote.has_backslash else f"[^{end}]*"
    rest = f"(?:(?:{'|'.join(escapes)}){plain})*" if escapes else ""
    return f"{before}{start}{plain}{rest}{end}"
