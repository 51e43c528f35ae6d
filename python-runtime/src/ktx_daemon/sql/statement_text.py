"""The text of a statement as it is sent: rewritten from the tokens that were validated, without comments.

What stands between two tokens, comments and unusual white space, never reaches a database. Tokens that touched still
do, where one of them is an operator (`a.b`, `x::int`, `j->>'k'`); words and strings get a space, so that a database
cannot read two of them as one (`BY$a$` is one name to PostgreSQL). Line breaks are kept: two strings in PostgreSQL
are one only over a line break, and errors of the database keep their line numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import dialect_name
from ktx_daemon.sql.lexical import (
    FLAT_COMMENTS,
    MYSQL_LIKE,
    NESTED_COMMENTS,
    POSTGRES_LIKE,
    QUOTED_TYPES,
    SPARK_LIKE,
    UNCERTAIN_DASHES,
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
_QUOTE_OR_COMMENT = re.compile(r"['\"`]|--|/\*")
_UNUSUAL_SPACE = re.compile(r"\r\n|[^\S \t\n]")
_LINE_ENDS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One or several tokens that are one piece of text; `3L` is a number and a cast to sqlglot."""

    text: str
    start: int
    end: int
    type: TokenType


def statement_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of the statement, without semicolons around it."""
    first, last = 0, len(tokens)
    while first < last and tokens[first].token_type is TokenType.SEMICOLON:
        first += 1
    while last > first and tokens[last - 1].token_type is TokenType.SEMICOLON:
        last -= 1
    return list(tokens[first:last])


def lexemes(tokens: Iterable[Token], sql: str) -> list[Lexeme]:
    """Return the pieces of text that tokens stand for."""
    found: list[Lexeme] = []
    for token in tokens:
        if found and token.start < found[-1].end:
            continue
        text = sql[token.start : token.end + 1]
        if not text.isalnum() and _PLAIN_SPACE.search(text) and token.token_type not in QUOTED_TYPES:
            text = " ".join(text.split())  # `GROUP BY` is one token, with any white space in it
        found.append(Lexeme(text, token.start, token.end + 1, token.token_type))
    return found


def rewrite(pieces: Sequence[Lexeme], sql: str) -> str:
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
    return gap


def _must_be_apart(left: Lexeme, right: Lexeme) -> bool:
    if left.text[-1] + right.text[0] in _OPENS_COMMENT:
        return True
    if not (_WORD_END.search(left.text) and _WORD_START.match(right.text)) or left.text == "$":
        return False
    if left.type is TokenType.NUMBER:
        return not (right.type is TokenType.VAR and _NUMBER_REST.fullmatch(right.text))
    return not (right.type is TokenType.STRING and _BINARY_PREFIX.fullmatch(left.text))


def without_comments(sql: str, dialect: Dialect) -> tuple[str, list[str]]:
    """Leave out comments and unusual white space, by the rules of the database; the optimizer hints are given apart.

    Raises SqlError where the database may end a comment or a string elsewhere, and where it executes a comment.
    """
    if "\0" in sql:
        raise SqlError("The SQL text contains a NUL character")
    found, *others = (list(parts(sql, rules)) for rules in rules_of(dialect))
    for other in others:
        if other != found:
            raise _differs(sql, next((a.start for a, b in zip(found, other, strict=False) if a != b), 0))
    written, hints, end = [], [], 0
    for part in found:
        written.append(_plain_spaces(sql[end : part.start]))
        text = sql[part.start : part.end]
        if part.kind is Kind.QUOTED:
            written.append(text)
        else:
            _check_comment(part, sql, dialect_name(dialect))
            written.append("\n" * text.count("\n") or " ")
            if text.startswith("/*+"):
                hints.append(text[3:-2])
        end = part.end
    written.append(_plain_spaces(sql[end:]))
    return "".join(written), hints


def _plain_spaces(code: str) -> str:
    return _UNUSUAL_SPACE.sub(lambda match: "\n" if match[0].startswith("\r") else " ", code)


def _check_comment(part: Part, sql: str, dialect: str) -> None:
    text = sql[part.start : part.end]
    if part.kind is Kind.UNCLOSED:
        raise SqlError("The SQL text ends inside of a string, a name or a comment", *_place(sql, part.start))
    if dialect in MYSQL_LIKE and re.match(r"/\*M?!", text):
        raise SqlError("Comments that the database executes (/*! … */) are not allowed")
    if part.kind is Kind.LINE_COMMENT:
        following = sql[part.end : part.end + 2]
        ends_early = following.startswith("\r") and following != "\r\n" and dialect not in POSTGRES_LIKE
        goes_on = dialect in SPARK_LIKE and text.endswith("\\")
        if ends_early or goes_on or _LINE_ENDS.search(text.removesuffix("\r")):
            raise _differs(sql, part.start)
    elif "/*" in text[2:] and dialect not in NESTED_COMMENTS | FLAT_COMMENTS:
        raise _differs(sql, part.start)


def check_reading(pieces: Sequence[Lexeme], sql: str, dialect: Dialect) -> None:
    """Refuse a text without comments that a database could divide into code and strings in another way.

    Raises SqlError.
    """
    for rules in rules_of(dialect):
        _compare(pieces, sql, rules)
    if not sql.isascii() or not sql.isprintable() or "$" in sql or "{{" in sql:
        _check_characters(pieces, sql)
    name = dialect_name(dialect)
    if "\\" in sql and name in POSTGRES_LIKE:
        _check_continued_strings(pieces, sql)
    if name in UNCERTAIN_DASHES and any(a.text == b.text == "-" and a.end == b.start for a, b in pairwise(pieces)):
        raise SqlError("A comment must have a space after its --")


def _compare(pieces: Sequence[Lexeme], sql: str, rules: Rules) -> None:
    """Make sure that what is quoted to the database is what is quoted to sqlglot, and that nothing else is there."""
    found = parts(sql, rules)
    part = next(found, None)
    end = 0
    for piece in pieces:
        if piece.start > end and not sql[end : piece.start].isspace() and sql[end : piece.start].strip("; \t\n"):
            raise _differs(sql, end)
        if part is not None and part.start < piece.end:
            if part.kind is not Kind.QUOTED or (part.start, part.end) != (piece.start, piece.end):
                raise _differs(sql, part.start)
            part = next(found, None)
        elif not piece.text.isalnum() and _looks_quoted(piece):
            raise _differs(sql, piece.start)
        end = piece.end
    if part is not None or sql[end:].strip("; \t\n"):
        raise _differs(sql, part.start if part else end)


def _looks_quoted(piece: Lexeme) -> bool:
    """Return whether a piece that is code by the rules of the database is something else to sqlglot."""
    return piece.type in QUOTED_TYPES or _QUOTE_OR_COMMENT.search(piece.text) is not None


def _check_characters(pieces: Sequence[Lexeme], sql: str) -> None:
    for piece in pieces:
        if _JOINED_PLACEHOLDER.match(piece.text) or sql.startswith("{{", piece.start):
            raise _differs(sql, piece.start)
        if piece.text.isascii() and piece.text.isprintable():
            continue
        if piece.type not in QUOTED_TYPES and not all(map(_is_plain, piece.text)):
            raise SqlError("There is an invisible or special character outside of quotes", *_place(sql, piece.start))


def _is_plain(character: str) -> bool:
    """Return whether a character outside of quotes is part of a name everywhere, and no space, quote or operator."""
    if character.isascii():
        return character.isprintable()
    return unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) in ("So", "Sc")


def _check_continued_strings(pieces: Sequence[Lexeme], sql: str) -> None:
    """After a line break PostgreSQL reads on in a string `E'…'`, in which a backslash escapes."""
    is_escaped = False
    for left, right in pairwise(pieces):
        is_continued = right.type is TokenType.STRING and right.text.startswith("'")
        is_escaped = is_continued and (is_escaped or left.type is TokenType.BYTE_STRING)
        if is_escaped and "\\" in right.text:
            raise _differs(sql, right.start)


def _differs(sql: str, place: int) -> SqlError:
    return SqlError("The database may read the SQL text in another way than it was checked", *_place(sql, place))


def _place(sql: str, place: int) -> tuple[int, int]:
    return sql.count("\n", 0, place) + 1, place - sql.rfind("\n", 0, place)
