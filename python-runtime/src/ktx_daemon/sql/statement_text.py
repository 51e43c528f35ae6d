"""Rewriting of a statement from its checked tokens, without comments.

Comments and unusual white space between tokens never reach a database. Adjacent tokens remain adjacent if one of them
is an operator (`a.b`, `x::int`, `j->>'k'`); words and strings are separated by a space, so that a database cannot join
them (`BY$a$` is one name in PostgreSQL). Line breaks are kept, because PostgreSQL concatenates strings across them, and
errors of the database keep their line numbers.
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
    iterate_parts,
    lexical_rules,
)
from ktx_daemon.sql.parsing import SqlError

_PLAIN_SPACE = re.compile(r"[ \t\n]+")
_OPENS_COMMENT = frozenset({"--", "/*", "*/", "//", "{#", "#}", "{%", "%}", "{{", "}}"})
_WORD_END = re.compile(r"[\w$'\"`\]]\Z")
_WORD_START = re.compile(r"[\w$'\"`]")
# The rest of `0x1F`, `0b11` and `1_000`, and the prefix of `x'41'`, in dialects where sqlglot lacks such literals.
_NUMBER_REST = re.compile(r"[xob]?[0-9a-f_]+", re.IGNORECASE)
_BINARY_PREFIX = re.compile(r"[xb]", re.IGNORECASE)
# PostgreSQL reads `$1$a$` as a placeholder and the start of a string.
_JOINED_PLACEHOLDER = re.compile(r"\$\d+[^\d]")
_QUOTE_OR_COMMENT = re.compile(r"['\"`]|--|/\*")
_UNUSUAL_SPACE = re.compile(r"\r\n|[^\S \t\n]")
_LINE_ENDS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One or several tokens that are one piece of text; sqlglot reads `3L` as a number and a cast."""

    text: str
    start: int
    end: int
    type: TokenType


def trim_semicolons(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without leading and trailing semicolons."""
    first, last = 0, len(tokens)
    while first < last and tokens[first].token_type is TokenType.SEMICOLON:
        first += 1
    while last > first and tokens[last - 1].token_type is TokenType.SEMICOLON:
        last -= 1
    return list(tokens[first:last])


def group_lexemes(tokens: Iterable[Token], sql: str) -> list[Lexeme]:
    """Return the pieces of text of the tokens."""
    lexemes: list[Lexeme] = []
    for token in tokens:
        if lexemes and token.start < lexemes[-1].end:
            continue
        text = sql[token.start : token.end + 1]
        if not text.isalnum() and _PLAIN_SPACE.search(text) and token.token_type not in QUOTED_TYPES:
            text = " ".join(text.split())  # `GROUP BY` is one token with any white space
        lexemes.append(Lexeme(text, token.start, token.end + 1, token.token_type))
    return lexemes


def rewrite(pieces: Sequence[Lexeme], sql: str) -> str:
    """Join the pieces of a statement."""
    written: list[str] = []
    for left, right in zip([None, *pieces], pieces, strict=False):
        if left is not None:
            written.append(_separator(left, right, sql[left.end : right.start]))
        written.append(right.text)
    return "".join(written)


def _separator(left: Lexeme, right: Lexeme, gap: str) -> str:
    if not gap:
        return " " if _needs_space(left, right) else ""
    return gap


def _needs_space(left: Lexeme, right: Lexeme) -> bool:
    if left.text[-1] + right.text[0] in _OPENS_COMMENT:
        return True
    if not (_WORD_END.search(left.text) and _WORD_START.match(right.text)) or left.text == "$":
        return False
    if left.type is TokenType.NUMBER:
        return not (right.type is TokenType.VAR and _NUMBER_REST.fullmatch(right.text))
    return not (right.type is TokenType.STRING and _BINARY_PREFIX.fullmatch(left.text))


def strip_comments(sql: str, dialect: Dialect) -> tuple[str, list[str]]:
    """Return the text without comments and unusual white space, and the optimizer hints.

    Raises SqlError if the end of a comment or string is ambiguous, and for comments that the database executes.
    """
    if "\0" in sql:
        raise SqlError("The SQL text contains a NUL character")
    parts, *others = (list(iterate_parts(sql, rules)) for rules in lexical_rules(dialect))
    for other in others:
        if other != parts:
            raise _ambiguity_error(sql, next((a.start for a, b in zip(parts, other, strict=False) if a != b), 0))
    written, hints, end = [], [], 0
    for part in parts:
        written.append(_normalize_spaces(sql[end : part.start]))
        text = sql[part.start : part.end]
        if part.kind is Kind.QUOTED:
            written.append(text)
        else:
            _check_comment(part, sql, dialect_name(dialect))
            written.append("\n" * text.count("\n") or " ")
            if text.startswith("/*+"):
                hints.append(text[3:-2])
        end = part.end
    written.append(_normalize_spaces(sql[end:]))
    return "".join(written), hints


def _normalize_spaces(code: str) -> str:
    return _UNUSUAL_SPACE.sub(lambda match: "\n" if match[0].startswith("\r") else " ", code)


def _check_comment(part: Part, sql: str, dialect: str) -> None:
    text = sql[part.start : part.end]
    if part.kind is Kind.UNCLOSED:
        raise SqlError("The SQL text ends inside of a string, a name or a comment", *_line_and_column(sql, part.start))
    if dialect in MYSQL_LIKE and re.match(r"/\*M?!", text):
        raise SqlError("Comments that the database executes (/*! … */) are not allowed")
    if part.kind is Kind.LINE_COMMENT:
        following = sql[part.end : part.end + 2]
        ends_early = following.startswith("\r") and following != "\r\n" and dialect not in POSTGRES_LIKE
        is_continued = dialect in SPARK_LIKE and text.endswith("\\")
        if ends_early or is_continued or _LINE_ENDS.search(text.removesuffix("\r")):
            raise _ambiguity_error(sql, part.start)
    elif "/*" in text[2:] and dialect not in NESTED_COMMENTS | FLAT_COMMENTS:
        raise _ambiguity_error(sql, part.start)


def check_unambiguous(pieces: Sequence[Lexeme], sql: str, dialect: Dialect) -> None:
    """Raise SqlError if a database could split a text without comments into code and strings differently."""
    for rules in lexical_rules(dialect):
        _compare_quoting(pieces, sql, rules)
    if not sql.isascii() or not sql.isprintable() or "$" in sql or "{{" in sql:
        _check_characters(pieces, sql)
    name = dialect_name(dialect)
    if "\\" in sql and name in POSTGRES_LIKE:
        _check_continued_strings(pieces, sql)
    if name in UNCERTAIN_DASHES and any(a.text == b.text == "-" and a.end == b.start for a, b in pairwise(pieces)):
        raise SqlError("A comment must have a space after its --")


def _compare_quoting(pieces: Sequence[Lexeme], sql: str, rules: Rules) -> None:
    """Raise SqlError if the quoted parts by the database's rules differ from sqlglot's, or text is left over."""
    parts = iterate_parts(sql, rules)
    part = next(parts, None)
    end = 0
    for piece in pieces:
        if piece.start > end and not sql[end : piece.start].isspace() and sql[end : piece.start].strip("; \t\n"):
            raise _ambiguity_error(sql, end)
        if part is not None and part.start < piece.end:
            if part.kind is not Kind.QUOTED or (part.start, part.end) != (piece.start, piece.end):
                raise _ambiguity_error(sql, part.start)
            part = next(parts, None)
        elif not piece.text.isalnum() and _looks_quoted(piece):
            raise _ambiguity_error(sql, piece.start)
        end = piece.end
    if part is not None or sql[end:].strip("; \t\n"):
        raise _ambiguity_error(sql, part.start if part else end)


def _looks_quoted(piece: Lexeme) -> bool:
    """Return whether a piece that is code by the rules of the database is quoted or a comment for sqlglot."""
    return piece.type in QUOTED_TYPES or _QUOTE_OR_COMMENT.search(piece.text) is not None


def _check_characters(pieces: Sequence[Lexeme], sql: str) -> None:
    for piece in pieces:
        if _JOINED_PLACEHOLDER.match(piece.text) or sql.startswith("{{", piece.start):
            raise _ambiguity_error(sql, piece.start)
        if piece.text.isascii() and piece.text.isprintable():
            continue
        if piece.type not in QUOTED_TYPES and not all(map(_is_name_character, piece.text)):
            raise SqlError(
                "There is an invisible or special character outside of quotes", *_line_and_column(sql, piece.start)
            )


def _is_name_character(character: str) -> bool:
    """Return whether a character outside of quotes is part of a name in every dialect."""
    if character.isascii():
        return character.isprintable()
    return unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) in ("So", "Sc")


def _check_continued_strings(pieces: Sequence[Lexeme], sql: str) -> None:
    """Raise SqlError for a backslash in a string that continues an `E'…'` string after a line break."""
    is_escaped = False
    for left, right in pairwise(pieces):
        is_continued = right.type is TokenType.STRING and right.text.startswith("'")
        is_escaped = is_continued and (is_escaped or left.type is TokenType.BYTE_STRING)
        if is_escaped and "\\" in right.text:
            raise _ambiguity_error(sql, right.start)


def _ambiguity_error(sql: str, position: int) -> SqlError:
    return SqlError(
        "The database may read the SQL text in another way than it was checked", *_line_and_column(sql, position)
    )


def _line_and_column(sql: str, position: int) -> tuple[int, int]:
    return sql.count("\n", 0, position) + 1, position - sql.rfind("\n", 0, position)
