"""Masking of literals and placeholders among the tokens of a statement.

Every literal token is replaced by a mark before parsing. A mark survives the transformations of the parser and the
generator (an interval is split, a JSON path rewritten, a date part becomes a keyword), so every mark in the regenerated
text stands for exactly one literal of the original text. Placeholders are masked too, because the parser rejects some
(`%s`), and are restored unchanged.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

# The mark of a number is a number. Any other mark is a string, its index between two private-use characters, which
# cannot be parsed as a date format or a JSON path.
_NUMBER_MARK = "7{index:06d}3141592653589"
_TEXT_MARK = "\ue000{index}\ue001"
_ONE_MARK = re.compile(r"\ue000(\d+)\ue001|\b7(\d{6})3141592653589\b")
# Matches whole strings and names, so that no match starts inside of one.
_QUOTED_OR_MARK = re.compile(rf"'([^']*)'|\"[^\"]*\"|`[^`]*`|{_ONE_MARK.pattern}")
# Characters that sqlglot generates around the only step of a JSON path.
_PATH_SIGNS = ' $."[]'
# The unit that sqlglot moves into the string of an interval: `INTERVAL '1' DAY` becomes `INTERVAL '1 DAY'`.
_UNIT = re.compile(r"\ue000\d+\ue001( [A-Z_ ]+)")

_PLACEHOLDER = re.compile(r"\$\d+|\?\d+|:\w+|%s\b|%\(\w+\)s\b")
_FRACTION = re.compile(r"\.\d[\d_]*(?:[eE][+-]?\d+)?")

_STRINGS = {
    TokenType.STRING,
    TokenType.NATIONAL_STRING,
    TokenType.RAW_STRING,
    TokenType.HEREDOC_STRING,
    TokenType.UNICODE_STRING,
    TokenType.BYTE_STRING,
}
_BINARIES = {TokenType.HEX_STRING, TokenType.BIT_STRING}
_TEMPORAL_TYPES = {
    TokenType.DATE,
    TokenType.DATETIME,
    TokenType.TIMESTAMP,
    TokenType.TIMESTAMPTZ,
    TokenType.TIMESTAMPLTZ,
}
_OPERAND_ENDS = {
    TokenType.VAR,
    TokenType.IDENTIFIER,
    TokenType.NUMBER,
    TokenType.STRING,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
}


class Kind(enum.Enum):
    """The kind of a masked token."""

    LITERAL = "literal"
    PLACEHOLDER = "placeholder"


@dataclass
class MaskedToken:
    """A masked token: its text and, for a literal, the type of its slot."""

    kind: Kind
    text: str
    type: str = "unknown"
    is_typed: bool = False  # preceded by its type: DATE '2024-01-01'
    start: int = -1  # of its token; -1 without a token of its own
    is_restored: bool = False  # its text is part of the regenerated text


@dataclass
class MaskedTokens:
    """All masked tokens of one statement; a mark contains the index of its token."""

    entries: list[MaskedToken] = field(default_factory=list)

    def add(self, marked: MaskedToken, *, number: bool = False) -> str:
        """Add a token and return its mark."""
        self.entries.append(marked)
        return (_NUMBER_MARK if number else _TEXT_MARK).format(index=len(self.entries) - 1)

    def find(self, text: object) -> MaskedToken | None:
        """Return the token of a text that consists of a mark only, or None."""
        match = _ONE_MARK.fullmatch(text) if isinstance(text, str) else None
        return self._entry(match) if match else None

    def restore(self, text: str) -> str:
        """Replace all marks in a text by the original tokens."""
        return _ONE_MARK.sub(self._restore, text)

    def _restore(self, match: re.Match[str]) -> str:
        entry = self._entry(match)
        if entry is None:
            return match[0]
        entry.is_restored = True
        return entry.text

    def unmask(self, text: str, names: Mapping[str, str] | None = None) -> tuple[str, list[MaskedToken]]:
        """Replace the marks of literals by `?`, and return the literals in the order of their `?`.

        Placeholders are restored, or renamed by `names`.
        """
        literals: list[MaskedToken] = []

        def write(match: re.Match[str]) -> str:
            entry = self._entry(match)
            if entry is None:
                return match[0]
            if entry.kind is Kind.PLACEHOLDER:
                return names.get(entry.text, entry.text) if names else entry.text
            literals.append(entry)
            return "?"

        def write_string(match: re.Match[str]) -> str:
            mark = _ONE_MARK.search(match[0])
            if mark is None:
                return match[0]
            inside, around = match[1], match[0][: mark.start()] + match[0][mark.end() :]
            if inside is not None and not around.strip(f"'{_PATH_SIGNS}"):
                return write(mark)
            written = _ONE_MARK.sub(write, match[0])
            return written[1:-1] if inside is not None and _UNIT.fullmatch(inside) else written

        return _QUOTED_OR_MARK.sub(write_string, text), literals

    def find_all(self, text: str) -> list[MaskedToken]:
        """Return the tokens of all marks in a text."""
        return [entry for match in _ONE_MARK.finditer(text) if (entry := self._entry(match)) is not None]

    def _entry(self, match: re.Match[str]) -> MaskedToken | None:
        index = int(next(group for group in reversed(match.groups()) if group is not None))
        return self.entries[index] if index < len(self.entries) else None


Rule = Callable[[Any, MaskedTokens], bool | None]


def mask(tokens: list[Token], sql: str) -> tuple[list[Token], MaskedTokens]:
    """Replace literal and placeholder tokens by marks."""
    marks = MaskedTokens()
    return list(_mask_tokens(tokens, sql, marks)), marks


def _mask_tokens(tokens: list[Token], sql: str, marks: MaskedTokens) -> Iterator[Token]:
    previous: Token | None = None
    end = -1  # tokens that start before it are part of a masked one
    for token in tokens:
        if token.start < end:
            continue
        if placeholder := _match_placeholder(token, previous, sql):
            end = token.start + len(placeholder)
            previous = _string_token(token, marks.add(MaskedToken(Kind.PLACEHOLDER, placeholder, start=token.start)))
        elif fraction := _match_fraction(token, previous, sql):
            end = token.start + len(fraction)
            mark = marks.add(MaskedToken(Kind.LITERAL, fraction, "number", start=token.start), number=True)
            previous = _replace_token(token, TokenType.NUMBER, mark)
        elif token.token_type in _STRINGS:
            is_typed = previous is not None and previous.token_type in _TEMPORAL_TYPES
            marked = MaskedToken(Kind.LITERAL, token.text, "string", is_typed, token.start)
            previous = _string_token(token, marks.add(marked))
        elif token.token_type in _BINARIES:
            previous = _string_token(token, marks.add(MaskedToken(Kind.LITERAL, token.text, start=token.start)))
        elif token.token_type is TokenType.NUMBER:
            mark = marks.add(MaskedToken(Kind.LITERAL, token.text, "number", start=token.start), number=True)
            previous = _replace_token(token, TokenType.NUMBER, mark)
        else:
            previous = token
        yield previous


def _match_placeholder(token: Token, previous: Token | None, sql: str) -> str | None:
    """Match `$1`, `?1`, `:name`, `%s` and `%(name)s`, but not a JSON path `a:b`, a slice `[1:n]` or `a % s`."""
    if sql[token.start : token.start + 1] not in "$?:%" or token.token_type in (
        TokenType.STRING,
        TokenType.IDENTIFIER,
    ):
        return None
    match = _PLACEHOLDER.match(sql, token.start)
    if match is None or token.token_type is TokenType.HEREDOC_STRING:
        return None
    follows_operand = previous is not None and previous.token_type in _OPERAND_ENDS
    is_adjacent = previous is not None and previous.end + 1 == token.start
    if follows_operand and (match[0][0] == "%" or (match[0][0] == ":" and is_adjacent)):
        return None
    return match[0]


def _match_fraction(token: Token, previous: Token | None, sql: str) -> str | None:
    """Match a number that starts with its decimal point, which is two tokens."""
    if token.token_type is not TokenType.DOT or (
        previous is not None and previous.end + 1 == token.start and (previous.token_type in _OPERAND_ENDS)
    ):
        return None
    match = _FRACTION.match(sql, token.start)
    return match[0] if match else None


def _string_token(token: Token, mark: str) -> Token:
    return _replace_token(token, TokenType.STRING, mark)


def _replace_token(token: Token, token_type: TokenType, text: str) -> Token:
    return Token(token_type, text, token.line, token.col, token.start, token.end, token.comments)


def finalize_marks(statement: exp.Expr, marks: MaskedTokens, nodes: list[exp.Expr]) -> list[exp.Expr]:
    """Restore marks that are not literals, and mask literals that are not literal tokens: booleans, NULL, signs.

    Names in quotes of strings, lengths of types and ordinals (`ORDER BY 1` refers to a column) are not literals;
    `IS NULL` and `IS TRUE` are operators. `nodes` and the result are all nodes of the tree, breadth first.
    """
    is_changed = False
    for node in nodes:
        if rule := _find_rule(node.__class__):
            is_changed |= bool(rule(node, marks))
    return list(statement.walk()) if is_changed else nodes


def _find_rule(node_type: type) -> Rule | None:
    if node_type not in _rules_by_type:
        _rules_by_type[node_type] = next((rule for types, rule in _RULES if issubclass(node_type, types)), None)
    return _rules_by_type[node_type]


def _restore_name(node: exp.Identifier, marks: MaskedTokens) -> None:
    name = marks.restore(node.name)
    if node.this != name:
        node.set("this", name)


def _restore_parameter(node: exp.Expr, marks: MaskedTokens) -> None:
    for child in node.find_all(exp.Literal, exp.Var):
        child.set("this", marks.restore(child.name))


def _restore_index(node: exp.Column | exp.Dot, marks: MaskedTokens) -> None:
    """Restore the number of a tuple's element (`tup.2`), which is a name."""
    index = node.this if isinstance(node, exp.Column) else node.expression
    if isinstance(index, exp.Literal) and not index.is_string:
        index.set("this", marks.restore(index.this))


def _restore_ordinals(node: exp.Expr, marks: MaskedTokens) -> None:
    if isinstance(node, exp.Ordered) and isinstance(node.parent and node.parent.parent, exp.Window):
        return
    for child in node.expressions if isinstance(node, exp.Group) else [node.this]:
        if isinstance(child, exp.Literal) and not child.is_string:
            child.set("this", marks.restore(child.name))


def _mark_constant(node: exp.Expr, marks: MaskedTokens) -> bool:
    if isinstance(node.parent, exp.Is):
        return False
    text, kind = ("NULL", "null") if isinstance(node, exp.Null) else (str(node.this).upper(), "boolean")
    node.replace(exp.Literal.string(marks.add(MaskedToken(Kind.LITERAL, text, kind))))
    return True


def _merge_sign(node: exp.Neg, marks: MaskedTokens) -> bool:
    marked = marks.find(node.this.this) if isinstance(node.this, exp.Literal) else None
    if marked is None or marked.type != "number":
        return False
    marked.text = f"-{marked.text}"
    node.replace(node.this)
    return True


def _merge_type(node: exp.Cast, marks: MaskedTokens) -> bool:
    marked = marks.find(node.this.this) if isinstance(node.this, exp.Literal) else None
    if marked is None:
        return False
    if marked.type == "string":
        if node.is_type(*_DATES):
            marked.type = "date"
        elif node.is_type(*exp.DataType.TEMPORAL_TYPES) and not node.is_type(*_TIMES):
            marked.type = "timestamp"
    if marked.is_typed:
        node.replace(node.this)
    return marked.is_typed


# The rule of a node by its type; the first match applies. A rule returns whether it replaced the node.
_RULES: tuple[tuple[tuple[type, ...], Rule], ...] = (
    ((exp.Identifier,), _restore_name),
    ((exp.DataTypeParam, exp.Parameter, exp.Placeholder, exp.SessionParameter), _restore_parameter),
    ((exp.Group, exp.Ordered), _restore_ordinals),
    ((exp.Column, exp.Dot), _restore_index),
    ((exp.Boolean, exp.Null), _mark_constant),
    ((exp.Neg,), _merge_sign),
    ((exp.Cast,), _merge_type),
)
_rules_by_type: dict[type, Rule | None] = {}
_DATES = (exp.DataType.Type.DATE, exp.DataType.Type.DATE32)
_TIMES = (exp.DataType.Type.TIME, exp.DataType.Type.TIMETZ, exp.DataType.Type.TIME_NS)
