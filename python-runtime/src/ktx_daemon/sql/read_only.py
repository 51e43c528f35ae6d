"""The read-only check: a text must be one query without side effects; the text to send is made from it.

What is checked is what runs: the statement that goes to a database is rewritten from the tokens that were checked,
so that nothing between them, comments above all, reaches it (`statement_text`). A text that a database could divide
into code, strings and comments differently is refused, and so is what the syntax tree or the tokens show to write, to
lock, to change settings or to reach out of the database (`statement_rules`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import dialect_name, require_dialect
from ktx_daemon.sql.hints import check_hints
from ktx_daemon.sql.lexical import MYSQL_LIKE, QUOTED_TYPES, code_length
from ktx_daemon.sql.masking import mask
from ktx_daemon.sql.parsing import SqlError, only_statement, parse_tokens, tokenize
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.statement_rules import LOCKING_HINTS, RefusedError, Statement, check_tokens, is_duckdb_listing
from ktx_daemon.sql.statement_text import check_reading, lexemes, rewrite, statement_tokens, without_comments

# Parsing takes 8 seconds for a million characters of conditions. Long strings cost nothing.
MAX_CODE_CHARACTERS = 250_000

__all__ = ["ReadOnlyVerdict", "RefusedError", "checked_statement", "validate_read_only"]


class ReadOnlyVerdict(msgspec.Struct, frozen=True):
    """The answer of `/sql/validate-read-only`: `error` is one sentence, or null when the statement only reads."""

    ok: bool
    error: str | None = None


def validate_read_only(request: SqlStatement) -> ReadOnlyVerdict:
    """Return whether the text is exactly one query without side effects; what cannot be parsed is refused."""
    dialect = require_dialect(request.dialect)
    try:
        _checked(request.sql, dialect)
    except (SqlError, RefusedError) as error:
        return ReadOnlyVerdict(ok=False, error=str(error))
    return ReadOnlyVerdict(ok=True)


def checked_statement(sql: str, dialect: str) -> str:
    """Return the statement as it is to be sent, without comments. Raises RefusedError where it does more than read."""
    try:
        return _checked(sql, require_dialect(dialect))
    except SqlError as error:
        raise RefusedError(str(error)) from None


def _checked(sql: str, dialect: Dialect) -> str:
    sql = sql.removeprefix("\ufeff")
    if len(sql) > MAX_CODE_CHARACTERS and code_length(sql, dialect) > MAX_CODE_CHARACTERS:
        raise SqlError(
            f"The statement has more than {MAX_CODE_CHARACTERS:,} characters beside its strings and comments"
        )
    code, hints = without_comments(sql, dialect)
    tokens = statement_tokens(tokenize(code, dialect))
    try:
        sent, code, tokens = _sent(tokens, code, dialect)
        check_hints(hints, dialect)
    except SqlError:
        _check_statement(tokens, code, dialect)  # says better what a statement is that is no query
        raise
    _check_statement(tokens, code, dialect)
    return sent


def _sent(tokens: list[Token], code: str, dialect: Dialect) -> tuple[str, str, list[Token]]:
    """Rewrite the statement, and make sure that it still is the same to sqlglot and to the database.

    Gives it with the tokens to check and the text that these are of.
    """
    pieces = lexemes(tokens, code)
    check_reading(pieces, code, dialect)
    sent = rewrite(pieces, code)
    if not tokens or sent == code[tokens[0].start : tokens[-1].end + 1]:
        return sent, code, tokens
    again = tokenize(sent, dialect)
    check_reading(lexemes(again, sent), sent, dialect)
    if _meaning(again) != _meaning(tokens):
        raise SqlError("The SQL text changes its meaning when it is written without its comments")
    return sent, sent, again


def _meaning(tokens: Sequence[Token]) -> list[tuple[TokenType, str]]:
    return [(token.token_type, token.text) for token in tokens]


def _check_statement(tokens: list[Token], sql: str, dialect: Dialect) -> None:
    name = dialect_name(dialect)
    if name == "duckdb" and is_duckdb_listing(tokens):
        return
    masked, marks = mask(tokens, sql)
    if name in MYSQL_LIKE:
        masked = _with_row_words(masked)
    elif name == "duckdb":
        masked = _with_pivot_inside(masked)
    elif name == "postgres":
        masked = _without_unary_words(masked)
    elif name in ("tsql", "fabric"):
        masked = _without_options(masked)
    try:
        tree = only_statement(parse_tokens(masked, sql, dialect))
        Statement(tree, tokens, marks, name).check()
    except RecursionError:
        raise SqlError("The SQL text is nested too deeply") from None
    except SqlError:
        check_tokens(tokens, name)  # says better what a text holds that is not understood
        raise


def _without_unary_words(tokens: list[Token]) -> list[Token]:
    """Leave out what the parser does not know of PostgreSQL and what holds nothing to check: `@ -5` and `AT LOCAL`."""
    written: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if written and written[-1].text.upper() == "AT" and token.text.upper() == "LOCAL":
            written.pop()
        elif token.token_type is not TokenType.PARAMETER or following is None or following.text not in ("-", "+"):
            written.append(token)
    return written


def _without_options(tokens: list[Token]) -> list[Token]:
    """Leave out T-SQL's `OPTION (…)` at the end, of which the parser knows a part, unless a hint in it locks."""
    depth = 0
    for index in range(len(tokens) - 1, 0, -1):
        depth += (tokens[index].token_type is TokenType.R_PAREN) - (tokens[index].token_type is TokenType.L_PAREN)
        if depth <= 0:
            is_option = tokens[index - 1].text.upper() == "OPTION" and tokens[index - 1].token_type not in QUOTED_TYPES
            locks = any(token.text.upper() in LOCKING_HINTS for token in tokens[index:])
            return tokens[: index - 1] if is_option and not locks else tokens
    return tokens


def _with_pivot_inside(tokens: list[Token]) -> list[Token]:
    """Write DuckDB's `PIVOT … ORDER BY …` as `SELECT * FROM (PIVOT …) ORDER BY …`, which the parser knows."""
    begin, depth = None, 0
    for index, token in enumerate(tokens):
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth:
            continue
        if begin is None and token.token_type in (TokenType.SELECT, TokenType.FROM):
            break  # a query, of which a pivot is but a part
        if begin is None and token.token_type in (TokenType.PIVOT, TokenType.UNPIVOT):
            begin = index
        elif begin is not None and token.token_type in (TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET):
            return [*tokens[:begin], *_around(tokens[begin:index]), *tokens[index:]]
    return tokens


def _around(pivot: list[Token]) -> list[Token]:
    first, last = pivot[0], pivot[-1]
    words = (
        (TokenType.SELECT, "SELECT"),
        (TokenType.STAR, "*"),
        (TokenType.FROM, "FROM"),
        (TokenType.L_PAREN, "("),
    )
    before = [Token(kind, text, first.line, first.col, first.start, first.start) for kind, text in words]
    return [*before, *pivot, Token(TokenType.R_PAREN, ")", last.line, last.col, last.end, last.end)]


def _with_row_words(tokens: list[Token]) -> list[Token]:
    """Write MariaDB's `VALUES (1), (2)` as MySQL's `VALUES ROW(1), ROW(2)`, which the parser knows."""
    written: list[Token] = []
    depth, inside = 0, -1  # the depth of the list of rows that is being read
    for token in tokens:
        previous = written[-1].token_type if written else None
        if token.token_type is TokenType.L_PAREN:
            if previous is TokenType.VALUES:
                inside = depth
            if depth == inside and previous in (TokenType.VALUES, TokenType.COMMA):
                written.append(Token(TokenType.VAR, "ROW", token.line, token.col, token.start, token.start))
            depth += 1
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == inside and token.token_type is not TokenType.COMMA:
            inside = -1
        inside = -1 if depth < inside else inside
        written.append(token)
    return written
