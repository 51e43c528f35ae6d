"""The skeleton of a statement: its text without literals, blanks and comments, computed by one regular expression.

Two texts with the same skeleton differ only in literals, blanks and comments. If `matches_tokens` is true for one of
them, both have the same tokens except for the texts of literals: a tokenizer reads from left to right without
backtracking, and its state after a literal or a comment does not depend on their content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot.tokens import Token, TokenType

# Longer statements are generated data, which does not repeat.
MAX_CHARACTERS = 20_000

# Each alternative starts with a set of characters, so that the engine rejects most positions at their first character;
# the lookbehind of a number is therefore after its first digit.
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
# Placeholders of skeletons are private-use characters, so statements that contain them have no skeleton.
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
STRING, NUMBER, _COMMENT = "\ue010", "\ue011", "\ue012"
# Marks comments that are instructions for sqlglot.
_HINT_MARKER = "sqlglot"

_TEXT_TOKENS = frozenset(
    token_type for token_type in TokenType if token_type is TokenType.IDENTIFIER or token_type.name.endswith("STRING")
)


class Skeleton(NamedTuple):
    """A text with placeholders in place of literals, and the texts of the literals in order."""

    key: str
    literals: tuple[str, ...]

    def renumber(self, significant: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """Return literals of the statement in the numbering of this skeleton, which is the same."""
        return significant


class Span(NamedTuple):
    """A part of a statement that its skeleton omits; `kind` is its first character."""

    start: int
    end: int
    kind: str

    @property
    def is_literal(self) -> bool:
        """Whether the span is a string or a number, not blanks or a comment."""
        return self.kind == "'" or self.kind.isdigit()


def has_skeleton(sql: str) -> bool:
    """Return whether a statement is short enough and contains no placeholder character."""
    return len(sql) <= MAX_CHARACTERS and (sql.isascii() or _PRIVATE_USE.search(sql) is None)


def make_skeleton(sql: str) -> Skeleton | None:
    """Return the skeleton of a statement, or None if it has none."""
    if not has_skeleton(sql):
        return None
    parts = _SPANS.split(sql)
    literals = []
    for index in range(1, len(parts), 2):
        part = parts[index]
        kind = part[0]
        if kind == "'":
            literals.append(part[1:-1])
            parts[index] = STRING
        elif kind.isdigit():
            literals.append(part)
            parts[index] = write_number(part)
        elif kind in "/-":
            if _HINT_MARKER not in part:
                parts[index] = _COMMENT
        elif kind not in '"`':
            parts[index] = "\n" if "\n" in part else " "
    return Skeleton("".join(parts), tuple(literals))


def write_number(text: str) -> str:
    """Return the placeholder of a number, which keeps whether it has a fraction or an exponent."""
    return NUMBER if text.isdigit() else NUMBER + _DIGITS.sub("0", text)


def find_spans(sql: str) -> list[Span] | None:
    """Return the spans that the skeleton of a statement omits, in order; None without a skeleton."""
    return list(_iterate_spans(sql)) if has_skeleton(sql) else None


def _iterate_spans(sql: str) -> Iterator[Span]:
    for match in _SPANS.finditer(sql):
        kind = match[0][0]
        if kind not in '"`' and not (kind in "/-" and _HINT_MARKER in match[0]):
            yield Span(match.start(), match.end(), kind)


def matches_tokens(sql: str, tokens: list[Token], spans: Iterable[Span]) -> bool:
    """Return whether each literal of the skeleton is a token, and all other spans are between tokens."""
    by_start = {token.start: token for token in tokens}
    blanks = []
    for span in spans:
        if not span.is_literal:
            blanks.append(span)
        elif not _is_literal_token(sql, span, by_start.get(span.start)):
            return False
    return not any(_overlapping_tokens(sql, tokens, blanks))


def _is_literal_token(sql: str, span: Span, token: Token | None) -> bool:
    if token is None or token.end != span.end - 1:
        return False
    if span.kind == "'":
        text = sql[span.start + 1 : span.end - 1].replace("''", "'")
        return token.token_type is TokenType.STRING and token.text == text
    return token.token_type is TokenType.NUMBER and token.text == sql[span.start : span.end]


def _overlapping_tokens(sql: str, tokens: list[Token], blanks: list[Span]) -> Iterator[Token]:
    """Yield the tokens that contain blanks or a comment, except multi-word keywords."""
    rest = iter(blanks)
    span = next(rest, None)
    for token in sorted(tokens, key=lambda token: token.start):
        while span is not None and span.end <= token.start:
            span = next(rest, None)
        if span is not None and span.start <= token.end and not _is_multi_word_keyword(sql, token):
            yield token


def _is_multi_word_keyword(sql: str, token: Token) -> bool:
    return (
        token.token_type not in _TEXT_TOKENS
        and " ".join(sql[token.start : token.end + 1].upper().split()) == token.text
    )
