"""Intervals with a precision: PostgreSQL's `INTERVAL(3) '1 day'`, of which sqlglot makes a sum."""

from __future__ import annotations

import re

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

_WITH_PRECISION = {"materialize", "postgres", "redshift", "risingwave"}
_TYPE = (TokenType.INTERVAL, TokenType.L_PAREN, TokenType.NUMBER, TokenType.R_PAREN)
_WRITTEN = re.compile(r"\bINTERVAL (\d+)\)")


def cast_intervals(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """Write `INTERVAL(3) 'x'` as the cast `'x'::INTERVAL(3)`, which is the same."""
    if type(dialect).__name__.lower() not in _WITH_PRECISION:
        return tokens
    changed: list[Token] = []
    for token in tokens:
        changed.append(token)
        kind = changed[-5:-1]
        if token.token_type is TokenType.STRING and tuple(part.token_type for part in kind) == _TYPE:
            cast = Token(TokenType.DCOLON, "::", token.line, token.col, token.start, token.end)
            changed[-5:] = [token, cast, *kind]
    return changed


def write_precision(sql: str) -> str:
    """Write the precision of the type in parentheses, where sqlglot leaves them out."""
    return _WRITTEN.sub(r"INTERVAL(\1))", sql) if "INTERVAL " in sql else sql
