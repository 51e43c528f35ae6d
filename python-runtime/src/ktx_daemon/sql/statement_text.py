"""The text of a statement as it is sent: written anew from the tokens that were validated, without comments.

What stands between two tokens, comments and unusual white space, never reaches a database. Tokens that touched still
do, where one of them is an operator (`a.b`, `x::int`, `j->>'k'`); words and strings get a space, so that a database
cannot read two of them as one (`BY$a$` is one name to PostgreSQL). Line breaks are kept: two strings in PostgreSQL
are one only over a line break, and errors of the database keep their line numbers.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from ktx_daemon.sql.dialects import dialect_name
from ktx_daemon.sql.lexical import (
    FLAT_COMMENTS,
    MYSQL_LIKE,
    NESTED_COMMENTS,
    POSTGRES_LIKE,
    QUOTED_TYPES,
    SPARK_LIKE,
    Kind,
    Part,
    Rules,
    parts,
    rules_of,
)
from ktx_daemon.sql.parsing import SqlError

_PLAIN_SPACE = re.compile(r"[ \t\n]+")
_OPENS_COMMENT = frozenset({"--", "/*", "*/", "//", "{#", "#}", "{%", "%}", "{{", "}}"})
_WORD_END = re.compile(r"[\w$'\"`\]]\Z")
_WORD_START = re.compile(r"[\w$'\"`]")
# The rest of `0x1F`, `0b11`, `1_000`, and the string of `x'41'`, where sqlglot has no such literals.
_NUMBER_REST = re.compile(r"[xob]?[0-9a-f_]+", re.IGNORECASE)
_BINARY_PREFIX = re.compile(r"[xb]", re.IGNORECASE)
# To PostgreSQL `$1$a$` is a placeholder and the beginning of a string.
_JOINED_PLACEHOLDER = re.compile(r"\$\d+[^\d]")
_LINE_ENDS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One or several tokens that are one piece of text; `3L` is a number and a cast to sqlglot."""

    text: str
    start: int
    end: int
    type: TokenType


def statement_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Give the tokens of the statement: without hints, and without semicolons around it."""
    kept = [token for token in tokens if token.token_type is not TokenType.HINT]
    first, last = 0, len(kept)
    while first < last and kept[first].token_type is TokenType.SEMICOLON:
        first += 1
    while last > first and kept[last - 1].token_type is TokenType.SEMICOLON:
        last -= 1
    return kept[first:last]


def lexemes(tokens: Iterable[Token], sql: str) -> list[Lexeme]:
    """Give the pieces of text that tokens stand for."""
    found: list[Lexeme] = []
    for token in tokens:
        if found and token.start < found[-1].end:
            continue
        text = sql[token.start : token.end + 1]
        if token.token_type not in QUOTED_TYPES and not text.isalnum():
            text = " ".join(text.split()) or text  # `GROUP BY` is one token, with any white space in it
        found.append(Lexeme(text, token.start, token.end + 1, token.token_type))
    return found


def written_anew(pieces: Sequence[Lexeme], sql: str) -> str:
    """Write a statement from its pieces."""
    written: list[str] = []
    for left, right in zip([None, *pieces], pieces, strict=False):
        if left is not None:
            written.append(_between(left, right, sql[left.end : right.start]))
        written.append(right.text)
    return "".join(written)


def _between(left: Lexeme, right: Lexeme, gap: str) -> str:
    if not gap:
        return " " if _must_be_apart(left, right) else ""
    if _PLAIN_SPACE.fullmatch(gap):
        return gap
    return "\n" * max(gap.count("\n"), "\r" in gap) or " "


def _must_be_apart(left: Lexeme, right: Lexeme) -> bool:
    if left.text[-1] + right.text[0] in _OPENS_COMMENT:
        return True
    if not (_WORD_END.search(left.text) and _WORD_START.match(right.text)) or left.text == "$":
        return False
    if left.type is TokenType.NUMBER:
        return not (right.type is TokenType.VAR and _NUMBER_REST.fullmatch(right.text))
    return not (right.type is TokenType.STRING and _BINARY_PREFIX.fullmatch(left.text))


def check_reading(pieces: Sequence[Lexeme], sql: str, dialect: Dialect) -> None:
    """Refuse a text that a database could divide into code, strings and comments in another way. Raises SqlError."""
    for rules in rules_of(dialect):
        _Reading(sql, dialect_name(dialect), rules).compare(pieces)
    _check_characters(pieces, sql)
    if dialect_name(dialect) in POSTGRES_LIKE:
        _check_continued_strings(pieces, sql)


class _Reading:
    """One reading of a text, to be compared with the tokens."""

    def __init__(self, sql: str, dialect: str, rules: Rules) -> None:
        self._sql = sql
        self._dialect = dialect
        self._parts: Iterator[Part] = parts(sql, rules)

    def compare(self, pieces: Sequence[Lexeme]) -> None:
        part = next(self._parts, None)
        end = 0
        for piece in [*pieces, Lexeme("", len(self._sql), len(self._sql), TokenType.SENTINEL)]:
            while part is not None and part.end <= piece.start:
                self._check_comment(part, end)
                self._check_blank(end, part.start)
                end = part.end
                part = next(self._parts, None)
            self._check_blank(end, piece.start)
            end = piece.end
            if part is not None and part.start < piece.end:
                if part.kind is not Kind.QUOTED or (part.start, part.end) != (piece.start, piece.end):
                    raise _differs(self._sql, part.start)
                part = next(self._parts, None)
            elif _looks_quoted(piece):
                raise _differs(self._sql, piece.start)

    def _check_comment(self, part: Part, end: int) -> None:
        text = self._sql[part.start : part.end]
        if part.start < end or part.kind not in (Kind.LINE_COMMENT, Kind.BLOCK_COMMENT):
            raise _differs(self._sql, part.start)
        if self._dialect in MYSQL_LIKE and re.match(r"/\*M?!", text):
            raise SqlError("Comments that the database executes (/*! … */) are not allowed")
        if part.kind is Kind.LINE_COMMENT:
            if _LINE_ENDS.search(text.removesuffix("\r")) or (self._dialect in SPARK_LIKE and text.endswith("\\")):
                raise _differs(self._sql, part.start)
            following = self._sql[part.end : part.end + 2]
            if following.startswith("\r") and following != "\r\n" and self._dialect not in POSTGRES_LIKE:
                raise _differs(self._sql, part.start)
        elif "/*" in text[2:] and self._dialect not in NESTED_COMMENTS | FLAT_COMMENTS:
            raise _differs(self._sql, part.start)

    def _check_blank(self, start: int, end: int) -> None:
        gap = self._sql[start:end]
        if gap and not gap.isspace() and gap.strip("; \t\r\n\f\v\xa0\ufeff"):
            raise _differs(self._sql, start + len(gap) - len(gap.lstrip()))


def _looks_quoted(piece: Lexeme) -> bool:
    """Say whether a piece that is code by the rules of the database is something else to sqlglot."""
    if piece.type in QUOTED_TYPES and not piece.text.isalnum():
        return True
    return any(mark in piece.text for mark in ("'", '"', "`", "--", "/*"))


def _check_characters(pieces: Sequence[Lexeme], sql: str) -> None:
    if "\0" in sql:
        raise SqlError("The SQL text contains a NUL character")
    for piece in pieces:
        if _JOINED_PLACEHOLDER.match(piece.text) or sql.startswith("{{", piece.start):
            raise _differs(sql, piece.start)
        if piece.text.isascii() and piece.text.isprintable():
            continue
        if piece.type not in QUOTED_TYPES and not all(map(_is_plain, piece.text)):
            raise SqlError("There is an invisible or special character outside of quotes", *_place(sql, piece.start))


def _is_plain(character: str) -> bool:
    """Say whether a character outside of quotes is part of a name everywhere, and no space, quote or operator."""
    if character.isascii():
        return character.isprintable()
    return unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) in ("So", "Sc")


def _check_continued_strings(pieces: Sequence[Lexeme], sql: str) -> None:
    """After a line break PostgreSQL reads on in a string `E'…'`, in which a backslash escapes."""
    is_escaped = False
    for left, right in itertools.pairwise(pieces):
        is_continued = right.type is TokenType.STRING and right.text.startswith("'")
        is_escaped = is_continued and (is_escaped or left.type is TokenType.BYTE_STRING)
        if is_escaped and "\\" in right.text:
            raise _differs(sql, right.start)


def _differs(sql: str, place: int) -> SqlError:
    return SqlError("The database may read the SQL text in another way than it was checked", *_place(sql, place))


def _place(sql: str, place: int) -> tuple[int, int]:
    return sql.count("\n", 0, place) + 1, place - sql.rfind("\n", 0, place)
