"""Clauses of T-SQL's changes that sqlglot does not read: `DELETE TOP (10)`, and `OUTPUT … INTO t`."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

_CHANGES = (TokenType.DELETE, TokenType.UPDATE, TokenType.INSERT, TokenType.MERGE)
_NAMES = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.DOT, TokenType.HASH, TokenType.PARAMETER)
_ENDS = (TokenType.FROM, TokenType.WHERE, TokenType.OPTION, TokenType.SEMICOLON)


@dataclass
class Clauses:
    """What was taken out of a statement, as tokens."""

    top: list[Token] = field(default_factory=list)
    into: list[Token] = field(default_factory=list)

    def put_back(self, statement: exp.Expr, dialect: Dialect) -> None:
        """Put the clauses into the tree of the statement."""
        if self.top:
            statement.set("hint", exp.var(f" TOP {''.join(token.text for token in self.top[1:4])}{self._percent}"))
        returning = statement.args.get("returning")
        if self.into and isinstance(returning, exp.Returning):
            returning.set("into", self._target(dialect))

    @property
    def _percent(self) -> str:
        return " PERCENT" if self.top[-1].token_type is TokenType.PERCENT else ""

    def _target(self, dialect: Dialect) -> exp.Expr | None:
        before, after = dialect.tokenize("INSERT INTO"), dialect.tokenize("DEFAULT VALUES")
        (insert,) = dialect.parser().parse([*before, *self.into, *after], "")
        return insert.this if isinstance(insert, exp.Insert) else None


def take_clauses(tokens: list[Token], dialect: Dialect) -> tuple[list[Token], Clauses | None]:
    """Take the clauses out of a change that has them."""
    if type(dialect).__name__ not in ("TSQL", "Fabric") or not tokens:
        return tokens, None
    top_level = _top_level(tokens)
    change = next((index for index in top_level if tokens[index].token_type in _CHANGES), None)
    if change is None:
        return tokens, None
    tokens, clauses = list(tokens), Clauses()
    _take_into(tokens, clauses, change)
    if tokens[change].token_type is TokenType.DELETE:
        _move_output_to_end(tokens, change)
    _take_top(tokens, clauses, change + 1)
    return tokens, clauses


def _top_level(tokens: list[Token]) -> list[int]:
    """Give the places of the tokens outside of parentheses."""
    depth, places = 0, []
    for index, token in enumerate(tokens):
        if token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == 0:
            places.append(index)
        if token.token_type is TokenType.L_PAREN:
            depth += 1
    return places


def _take_top(tokens: list[Token], clauses: Clauses, start: int) -> None:
    """Take out `TOP (5)` with PERCENT; the number is a literal or a variable, which is one token or two."""
    if len(tokens) <= start or tokens[start].token_type is not TokenType.TOP:
        return
    end = next((i for i in range(start, len(tokens)) if tokens[i].token_type is TokenType.R_PAREN), None)
    if end is None or end - start > 4:  # noqa: PLR2004
        return
    inside = tokens[start + 2 : end]
    joined = Token(TokenType.VAR, "".join(token.text for token in inside))
    clauses.top = [tokens[start], tokens[start + 1], joined, tokens[end]]
    if end + 1 < len(tokens) and tokens[end + 1].token_type is TokenType.PERCENT:
        end += 1
        clauses.top.append(tokens[end])
    del tokens[start : end + 1]


def _output(tokens: list[Token], change: int) -> tuple[int, list[int]] | None:
    """Give where OUTPUT stands, and the top-level places behind it."""
    places = [index for index in _top_level(tokens) if index > change]
    for number, index in enumerate(places):
        if tokens[index].token_type is TokenType.RETURNING:
            return index, places[number + 1 :]
    return None


def _take_into(tokens: list[Token], clauses: Clauses, change: int) -> None:
    """Take out the table after OUTPUT … INTO, with its list of columns."""
    found = _output(tokens, change)
    start = next((i for i in found[1] if tokens[i].token_type is TokenType.INTO), None) if found else None
    if start is None:
        return
    end = start + 1
    while end < len(tokens) and tokens[end].token_type in _NAMES:
        end += 1
    if end < len(tokens) and tokens[end].token_type is TokenType.L_PAREN:
        end = next((i + 1 for i in range(end, len(tokens)) if tokens[i].token_type is TokenType.R_PAREN), len(tokens))
    clauses.into = tokens[start + 1 : end]
    del tokens[start:end]


def _move_output_to_end(tokens: list[Token], change: int) -> None:
    """Move a DELETE's OUTPUT behind its WHERE, where sqlglot looks for it."""
    found = _output(tokens, change)
    if found is None:
        return
    start, behind = found
    end = next((i for i in behind if tokens[i].token_type in _ENDS), len(tokens))
    clause = tokens[start:end]
    del tokens[start:end]
    last = next((i for i in _top_level(tokens) if tokens[i].token_type in _ENDS[2:]), len(tokens))
    tokens[last:last] = clause
