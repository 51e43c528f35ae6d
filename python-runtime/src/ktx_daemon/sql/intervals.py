"""Support for intervals with a precision, PostgreSQL's `INTERVAL(3) '1 day'`, which sqlglot parses as a sum."""

from __future__ import annotations

import re

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

_DIALECTS = {"materialize", "postgres", "redshift", "risingwave"}
_TYPE_TOKENS = (TokenType.INTERVAL, TokenType.L_PAREN, TokenType.NUMBER, TokenType.R_PAREN)
_INTERVAL_WITH_PRECISION = re.compile(r"\bINTERVAL (\d+)\)")


def cast_intervals(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """Rewrite `INTERVAL(3) 'x'` as the equivalent cast `'x'::INTERVAL(3)`."""
    if type(dialect).__name__.lower() not in _DIALECTS:
        return tokens
    result: list[Token] = []
    for token in tokens:
        result.append(token)
        type_tokens = result[-5:-1]
        if token.token_type is TokenType.STRING and tuple(part.token_type for part in type_tokens) == _TYPE_TOKENS:
            cast = Token(TokenType.DCOLON, "::", token.line, token.col, token.start, token.end)
            result[-5:] = [token, cast, *type_tokens]
    return result


def restore_precision(sql: str) -> str:
    """Add the parentheses of the precision, which sqlglot's generator omits."""
    return _INTERVAL_WITH_PRECISION.sub(r"INTERVAL(\1))", sql) if "INTERVAL " in sql else sql
