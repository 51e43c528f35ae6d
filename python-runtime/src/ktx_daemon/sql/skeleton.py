"""The skeleton of a statement: its text without literals, blanks and comments, found by one regular expression.

Two texts with the same skeleton differ in literals, the length of blanks and comments only. Where `is_exact` holds for
one of them, both have the same tokens but for the texts of those literals: a tokenizer reads from left to right
without looking back, and its state after a literal or a comment does not depend on what stands inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

# A longer statement is generated data, which does not repeat.
MAX_CHARACTERS = 20_000

# Each alternative begins with a set of characters, so that the engine rejects most positions at their first character;
# a number therefore looks back from behind its first digit.
_SPANS = re.compile(
    r"""(
    '[^'"\\`\r\n]*'                                                           # a string without escapes
    | [0-9](?<![\w$?:%@.\#'"`\\].)[0-9]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w$.'"`\\])  # a number touching no name
    | /\*(?![+!])[^*/\#}\r\n]*\*/ | --[ \t][^*\#}\r\n]*        # comments other than hints, ending no other comment
    | [ \t](?:[ \t]*\n[ \t\n]*|[ \t]+) | \n[ \t\n]*
    | "[^"\\]*" | `[^`\\]*`                                                   # names, so that no span begins inside
    )""",
    re.VERBOSE,
)
_DIGITS = re.compile(r"[0-9]+")
# Statements with private-use characters have no skeleton: its placeholders are such characters.
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_STRING, _NUMBER, _COMMENT = "\ue010", "\ue011", "\ue012"
# Comments with it are instructions for sqlglot.
_HINT_MARKER = "sqlglot"

_TEXT_TOKENS = frozenset(
    token_type for token_type in TokenType if token_type is TokenType.IDENTIFIER or token_type.name.endswith("STRING")
)


class Skeleton(NamedTuple):
    """The text with placeholders in place of literals, and the texts of the literals in order."""

    key: str
    literals: tuple[str, ...]


class Span(NamedTuple):
    """A part of a statement that its skeleton leaves out; `kind` is its first character."""

    start: int
    end: int
    kind: str

    @property
    def is_literal(self) -> bool:
        """Whether it is a string or a number, and not blanks or a comment."""
        return self.kind == "'" or self.kind.isdigit()


def has_skeleton(sql: str) -> bool:
    """Whether a statement is short enough and has no character that is a placeholder."""
    return len(sql) <= MAX_CHARACTERS and (sql.isascii() or _PRIVATE_USE.search(sql) is None)


def skeleton(sql: str) -> Skeleton | None:
    """Return the skeleton of a statement; None if it has none."""
    if not has_skeleton(sql):
        return None
    parts = _SPANS.split(sql)
    literals = []
    for index in range(1, len(parts), 2):
        part = parts[index]
        kind = part[0]
        if kind == "'":
            literals.append(part[1:-1])
            parts[index] = _STRING
        elif kind.isdigit():
            literals.append(part)
            parts[index] = _NUMBER if part.isdigit() else _NUMBER + _DIGITS.sub("0", part)
        elif kind in "/-":
            if _HINT_MARKER not in part:
                parts[index] = _COMMENT
        elif kind not in '"`':
            parts[index] = "\n" if "\n" in part else " "
    return Skeleton("".join(parts), tuple(literals))


def spans(sql: str) -> Iterator[Span]:
    """Yield what the skeleton of a statement leaves out, in order."""
    for match in _SPANS.finditer(sql):
        kind = match[0][0]
        if kind not in '"`' and not (kind in "/-" and _HINT_MARKER in match[0]):
            yield Span(match.start(), match.end(), kind)


def is_exact(sql: str, tokens: list[Token]) -> bool:
    """Whether each literal of the skeleton is a token, and all other spans lie between tokens."""
    by_start = {token.start: token for token in tokens}
    blanks = []
    for span in spans(sql):
        if not span.is_literal:
            blanks.append(span)
        elif not _is_token(sql, span, by_start.get(span.start)):
            return False
    return not any(_overlapping(sql, tokens, blanks))


def _is_token(sql: str, span: Span, token: Token | None) -> bool:
    if token is None or token.end != span.end - 1:
        return False
    if span.kind == "'":
        return token.token_type is TokenType.STRING and token.text == sql[span.start + 1 : span.end - 1]
    return token.token_type is TokenType.NUMBER and token.text == sql[span.start : span.end]


def _overlapping(sql: str, tokens: list[Token], blanks: list[Span]) -> Iterator[Token]:
    """Yield the tokens that contain blanks or a comment, except keywords of several words."""
    rest = iter(blanks)
    span = next(rest, None)
    for token in sorted(tokens, key=lambda token: token.start):
        while span is not None and span.end <= token.start:
            span = next(rest, None)
        if span is not None and span.start <= token.end and not _is_keyword(sql, token):
            yield token


def _is_keyword(sql: str, token: Token) -> bool:
    return (
        token.token_type not in _TEXT_TOKENS
        and " ".join(sql[token.start : token.end + 1].upper().split()) == token.text
    )
