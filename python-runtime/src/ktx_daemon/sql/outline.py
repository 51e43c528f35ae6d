"""What a statement is without its literals: found in the text alone, so that it costs next to nothing.

Two texts with the same outline differ in literals, the length of blanks and comments only. Where `is_exact` says so
for one of them, both are the same tokens but for the texts of those literals: a tokenizer reads from left to right,
does not look back, and comes out of a literal or a comment as it went in, whatever stands inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

# Beyond this a statement is generated data, which does not come back.
MAX_CHARACTERS = 20_000

# Each begins with a set of characters, by which the engine tells that it cannot begin here; a number therefore looks
# back from behind its first digit.
_PIECES = re.compile(
    r"""(
    '[^'"\\`\r\n]*'                                                           # a string without escapes
    | [0-9](?<![\w$?:%@.\#'"`\\].)[0-9]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w$.'"`\\])  # a number touching no name
    | /\*(?![+!])[^*/\#}\r\n]*\*/ | --[ \t][^*\#}\r\n]*        # comments, which hints are not; ending no other one
    | [ \t](?:[ \t]*\n[ \t\n]*|[ \t]+) | \n[ \t\n]*
    | "[^"\\]*" | `[^`\\]*`                                                   # names, so that no piece begins inside
    )""",
    re.VERBOSE,
)
_DIGITS = re.compile(r"[0-9]+")
# Texts with private-use characters are left alone: the marks of literals are made of them.
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_STRING, _NUMBER, _COMMENT = "\ue010", "\ue011", "\ue012"
# Comments that mean something to sqlglot.
_SPEAKS = "sqlglot"

_TEXT_TOKENS = frozenset(
    token_type for token_type in TokenType if token_type is TokenType.IDENTIFIER or token_type.name.endswith("STRING")
)


class Outline(NamedTuple):
    """The text without its literals, and the literals' texts in their order."""

    key: str
    texts: tuple[str, ...]


class Hole(NamedTuple):
    """Where the text of an outline stands in a statement, and what it was taken for (its first letter)."""

    start: int
    end: int
    kind: str

    @property
    def is_literal(self) -> bool:
        """Say whether it is a string or a number; the rest is blanks and comments."""
        return self.kind == "'" or self.kind.isdigit()


def is_possible(sql: str) -> bool:
    """Say whether a statement can have an outline: it is not too long and has no character that marks a literal."""
    return len(sql) <= MAX_CHARACTERS and (sql.isascii() or _PRIVATE.search(sql) is None)


def outline(sql: str) -> Outline | None:
    """Give the outline of a statement; None where there is none to be had."""
    if not is_possible(sql):
        return None
    pieces = _PIECES.split(sql)
    texts = []
    for index in range(1, len(pieces), 2):
        piece = pieces[index]
        kind = piece[0]
        if kind == "'":
            texts.append(piece[1:-1])
            pieces[index] = _STRING
        elif kind.isdigit():
            texts.append(piece)
            pieces[index] = _NUMBER if piece.isdigit() else _NUMBER + _DIGITS.sub("0", piece)
        elif kind in "/-":
            if _SPEAKS not in piece:
                pieces[index] = _COMMENT
        elif kind not in '"`':
            pieces[index] = "\n" if "\n" in piece else " "
    return Outline("".join(pieces), tuple(texts))


def holes(sql: str) -> Iterator[Hole]:
    """Give what an outline leaves out of a statement, in order."""
    for match in _PIECES.finditer(sql):
        kind = match[0][0]
        if kind not in '"`' and not (kind in "/-" and _SPEAKS in match[0]):
            yield Hole(match.start(), match.end(), kind)


def is_exact(sql: str, tokens: list[Token]) -> bool:
    """Say whether each literal of the outline is a token of its own, and the rest lies between tokens."""
    by_start = {token.start: token for token in tokens}
    between = []
    for hole in holes(sql):
        if not hole.is_literal:
            between.append(hole)
        elif not _is_token(sql, hole, by_start.get(hole.start)):
            return False
    return not any(_meet(sql, tokens, between))


def _is_token(sql: str, hole: Hole, token: Token | None) -> bool:
    if token is None or token.end != hole.end - 1:
        return False
    if hole.kind == "'":
        return token.token_type is TokenType.STRING and token.text == sql[hole.start + 1 : hole.end - 1]
    return token.token_type is TokenType.NUMBER and token.text == sql[hole.start : hole.end]


def _meet(sql: str, tokens: list[Token], between: list[Hole]) -> Iterator[Token]:
    """Give the tokens that hold a blank or a comment, but for keywords of several words, which any blanks part."""
    waiting = iter(between)
    hole = next(waiting, None)
    for token in sorted(tokens, key=lambda token: token.start):
        while hole is not None and hole.end <= token.start:
            hole = next(waiting, None)
        if hole is not None and hole.start <= token.end and not _is_keyword(sql, token):
            yield token


def _is_keyword(sql: str, token: Token) -> bool:
    return (
        token.token_type not in _TEXT_TOKENS
        and " ".join(sql[token.start : token.end + 1].upper().split()) == token.text
    )
