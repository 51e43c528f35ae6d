"""Parsing of the arrow `->` in arguments: JSON extraction in most dialects, a lambda in some, both in a few.

sqlglot parses `f(x -> …)` as a lambda in every dialect, so that `x` is a parameter instead of a column. Here the
dialect decides and, in dialects that have both, the called function.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from sqlglot import Dialect, exp
from sqlglot.parser import Parser
from sqlglot.tokens import Token, TokenType

_WITH_LAMBDAS_ONLY = frozenset(
    ("athena", "bigquery", "clickhouse", "databricks", "dune", "presto", "snowflake", "spark", "spark2", "trino")
)
# In DuckDB the lambda is after the list, in the other dialects it may be first.
_LIST_FIRST_DIALECT = "duckdb"
_STARROCKS = """
all_match any_match array_filter array_map array_sort array_sortby map_apply map_filter transform transform_keys
transform_values
"""
_DORIS = """
array_count array_exists array_filter array_first array_first_index array_last array_last_index array_map
array_match_all array_match_any array_reverse_split array_sort array_sortby array_split
"""
_HIGHER_ORDER = {
    "duckdb": frozenset(
        f"{prefix}{name}" for prefix in ("", "list_", "array_") for name in ("apply", "filter", "reduce", "transform")
    )
    | {"invoke"},
    "starrocks": frozenset(_STARROCKS.split()),
    "doris": frozenset(_DORIS.split()),
}
# A token type that those dialects do not use.
_JSON_ARROW = TokenType.DCOLONDOLLAR
_LITERALS = (TokenType.STRING, TokenType.NUMBER)
_OPEN = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSE = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


def parse(text: str, dialect: Dialect, into: exp.IntoType | None = None, **options: Any) -> list[exp.Expr | None]:
    """Parse a text like `dialect.parse`, or like `dialect.parse_into` with `into`."""
    tokens = mark_json_arrows(dialect.tokenize(text), dialect)
    if into is None:
        return create_parser(dialect, **options).parse(tokens, text)
    return create_parser(dialect, **options).parse_into(into, tokens, text)


def create_parser(dialect: Dialect, **options: Any) -> Parser:
    """Return a parser that treats the arrow as the dialect does; replaces `dialect.parser`."""
    name = _dialect_name(dialect)
    if name in _WITH_LAMBDAS_ONLY:
        return dialect.parser(**options)
    return _parser_class(dialect.parser_class, name in _HIGHER_ORDER)(dialect=dialect, **options)


def mark_json_arrows(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """Mark the JSON arrows among the tokens of a dialect that has lambdas too, for the parser of `create_parser`."""
    functions = _HIGHER_ORDER.get(_dialect_name(dialect))
    if functions is None or not any(token.token_type is TokenType.ARROW for token in tokens):
        return tokens
    lambdas = set(_lambda_arrows(tokens, functions, list_comes_first=_dialect_name(dialect) == _LIST_FIRST_DIALECT))
    return [
        _json_arrow_token(token) if token.token_type is TokenType.ARROW and index not in lambdas else token
        for index, token in enumerate(tokens)
    ]


@functools.cache
def _parser_class(base: type[Parser], has_lambdas: bool) -> type[Parser]:
    """Return the parser class of a dialect without lambdas, or one that parses marked arrows as JSON."""
    if not has_lambdas:
        others = {kind: read for kind, read in base.LAMBDAS.items() if kind is not TokenType.ARROW}
        return type(base.__name__, (base,), {"LAMBDAS": others})
    tables = {}
    for table in ("COLUMN_OPERATORS", "JSON_OPERATORS"):
        operators = getattr(base, table)
        if TokenType.ARROW in operators:
            tables[table] = {**operators, _JSON_ARROW: operators[TokenType.ARROW]}
    return type(base.__name__, (base,), tables)


def _dialect_name(dialect: Dialect) -> str:
    """Return the name of the dialect with lambdas that this one is or inherits from, or an empty string."""
    names = (kind.__name__.lower() for kind in type(dialect).__mro__)
    return next((name for name in names if name in _WITH_LAMBDAS_ONLY or name in _HIGHER_ORDER), "")


def _json_arrow_token(token: Token) -> Token:
    return Token(_JSON_ARROW, token.text, token.line, token.col, token.start, token.end, token.comments)


def _lambda_arrows(tokens: list[Token], functions: frozenset[str], *, list_comes_first: bool) -> Iterator[int]:
    """Yield the indexes of the arrows of lambdas."""
    open_brackets: list[tuple[int, int, int]] = []  # index, argument number, index of the argument
    last_closed = (0, 0)
    for index, token in enumerate(tokens):
        if token.token_type in _OPEN:
            open_brackets.append((index, 0, index + 1))
        elif token.token_type in _CLOSE and open_brackets:
            last_closed = (open_brackets.pop()[0], index)
        elif token.token_type is TokenType.COMMA and open_brackets:
            bracket, argument, _ = open_brackets[-1]
            open_brackets[-1] = (bracket, argument + 1, index + 1)
        elif token.token_type is TokenType.ARROW and open_brackets:
            bracket, argument, begin = open_brackets[-1]
            is_whole_operand = begin == index - 1 or last_closed == (begin, index - 1)
            if not is_whole_operand or bracket == 0:
                continue
            if tokens[bracket - 1].text.lower() not in functions:
                is_lambda = _uses_parameter(tokens, begin, index)
            elif list_comes_first:
                is_lambda = argument > 0 or (bracket > 1 and tokens[bracket - 2].token_type is TokenType.DOT)
            else:
                is_lambda = argument == 0 or not _is_literal(tokens, index + 1)
            if is_lambda:
                yield index


def _is_literal(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].token_type in _LITERALS


def _uses_parameter(tokens: list[Token], begin: int, arrow: int) -> bool:
    """Return whether the body of a possible lambda refers to one of its parameters."""
    parameters = {token.text.lower() for token in tokens[begin:arrow] if token.text not in "(),"}
    depth = 0
    for token in tokens[arrow + 1 :]:
        depth += (token.token_type in _OPEN) - (token.token_type in _CLOSE)
        if depth < 0 or (depth == 0 and token.token_type is TokenType.COMMA):
            return False
        if token.token_type not in _LITERALS and token.text.lower() in parameters:
            return True
    return False
