"""The read-only check: a text must be a single query without side effects, and is rewritten before it is sent.

The statement that is sent is rewritten from the checked tokens, so that comments and other text between tokens never
reach the database (`statement_text`). A text is rejected if the database could split it into code, strings and comments
differently, or if its syntax tree (`statement_rules`) or tokens (`token_rules`) write, lock, change settings or access
external data.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import dialect_name, require_dialect
from ktx_daemon.sql.hints import check_hints
from ktx_daemon.sql.lexical import MYSQL_LIKE, QUOTED_TYPES, count_code_characters
from ktx_daemon.sql.masking import MaskedTokens, mask
from ktx_daemon.sql.parsing import SqlError, parse_tokens, require_single_statement, tokenize
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.statement_rules import LOCKING_HINTS, StatementCheck
from ktx_daemon.sql.statement_text import check_unambiguous, group_lexemes, rewrite, strip_comments, trim_semicolons
from ktx_daemon.sql.token_rules import NotReadOnlyError, check_tokens, is_duckdb_listing

# Parsing a million characters of conditions takes 8 seconds; long strings take no time.
MAX_CODE_CHARACTERS = 250_000

__all__ = ["NotReadOnlyError", "ReadOnlyVerdict", "check_read_only", "validate_read_only"]


class ReadOnlyVerdict(msgspec.Struct, frozen=True):
    """The response of `/sql/validate-read-only`: `error` is one sentence, or null for a read-only statement."""

    ok: bool
    error: str | None = None


def validate_read_only(request: SqlStatement) -> ReadOnlyVerdict:
    """Return whether a text is a single query without side effects; texts that cannot be parsed are rejected."""
    dialect = require_dialect(request.dialect)
    try:
        _check_and_rewrite(request.sql, dialect)
    except (SqlError, NotReadOnlyError) as error:
        return ReadOnlyVerdict(ok=False, error=str(error))
    return ReadOnlyVerdict(ok=True)


def check_read_only(sql: str, dialect: str) -> str:
    """Return the statement to send, without comments. Raises NotReadOnlyError if it is not read-only."""
    try:
        return _check_and_rewrite(sql, require_dialect(dialect))
    except SqlError as error:
        raise NotReadOnlyError(str(error)) from None


def _check_and_rewrite(sql: str, dialect: Dialect) -> str:
    sql = sql.removeprefix("\ufeff")
    if len(sql) > MAX_CODE_CHARACTERS and count_code_characters(sql, dialect) > MAX_CODE_CHARACTERS:
        raise SqlError(
            f"The statement has more than {MAX_CODE_CHARACTERS:,} characters outside of its strings and comments"
        )
    code, hints = strip_comments(sql, dialect)
    tokens = trim_semicolons(tokenize(code, dialect))
    try:
        rewritten, code, tokens = _rewrite(tokens, code, dialect)
        check_hints(hints, dialect)
    except SqlError:
        _check_statement(tokens, code, dialect)  # has the better error for statements that are not queries
        raise
    _check_statement(tokens, code, dialect)
    return rewritten


def _rewrite(tokens: list[Token], code: str, dialect: Dialect) -> tuple[str, str, list[Token]]:
    """Rewrite the statement, and verify that sqlglot and the database read it as before.

    Returns the rewritten statement, and the text and tokens to check.
    """
    pieces = group_lexemes(tokens, code)
    check_unambiguous(pieces, code, dialect)
    rewritten = rewrite(pieces, code)
    if not tokens or rewritten == code[tokens[0].start : tokens[-1].end + 1]:
        return rewritten, code, tokens
    rewritten_tokens = tokenize(rewritten, dialect)
    check_unambiguous(group_lexemes(rewritten_tokens, rewritten), rewritten, dialect)
    if _token_values(rewritten_tokens) != _token_values(tokens):
        raise SqlError("The SQL text has another meaning without its comments")
    return rewritten, rewritten, rewritten_tokens


def _token_values(tokens: Sequence[Token]) -> list[tuple[TokenType, str]]:
    return [(token.token_type, token.text) for token in tokens]


def _check_statement(tokens: list[Token], sql: str, dialect: Dialect) -> None:
    name = dialect_name(dialect)
    try:
        parsed = parse_query(tokens, sql, dialect)
        if parsed is not None:
            tree, marks = parsed
            StatementCheck(tree, tokens, marks, name).run()
    except RecursionError:
        raise SqlError("The SQL text is nested too deeply") from None
    except SqlError:
        check_tokens(tokens, name)  # has the better error for texts that cannot be parsed
        raise


def parse_query(tokens: list[Token], sql: str, dialect: Dialect) -> tuple[exp.Expr, MaskedTokens] | None:
    """Parse a query, also what the parser supports in part; None for a listing of DuckDB, which reads no rows.

    Raises SqlError, and NotReadOnlyError for a listing of a file.
    """
    name = dialect_name(dialect)
    if name == "duckdb" and is_duckdb_listing(tokens):
        return None
    masked, marks = mask(tokens, sql)
    if name in MYSQL_LIKE:
        masked = _add_row_keywords(masked)
    elif name == "duckdb":
        masked = _wrap_pivot(masked)
    elif name == "postgres":
        masked = _remove_unsupported_words(masked)
    elif name in ("tsql", "fabric"):
        masked = _remove_options(masked)
    return require_single_statement(parse_tokens(masked, sql, dialect)), marks


def _remove_unsupported_words(tokens: list[Token]) -> list[Token]:
    """Remove PostgreSQL syntax that the parser lacks and that needs no check: the `@` in `@ -5`, and `AT LOCAL`."""
    written: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if written and written[-1].text.upper() == "AT" and token.text.upper() == "LOCAL":
            written.pop()
        elif token.token_type is not TokenType.PARAMETER or following is None or following.text not in ("-", "+"):
            written.append(token)
    return written


def _remove_options(tokens: list[Token]) -> list[Token]:
    """Remove T-SQL's final `OPTION (…)`, which the parser supports in part, unless it contains a locking hint."""
    depth = 0
    for index in range(len(tokens) - 1, 0, -1):
        depth += (tokens[index].token_type is TokenType.R_PAREN) - (tokens[index].token_type is TokenType.L_PAREN)
        if depth <= 0:
            is_option = tokens[index - 1].text.upper() == "OPTION" and tokens[index - 1].token_type not in QUOTED_TYPES
            locks = any(token.text.upper() in LOCKING_HINTS for token in tokens[index:])
            return tokens[: index - 1] if is_option and not locks else tokens
    return tokens


def _wrap_pivot(tokens: list[Token]) -> list[Token]:
    """Rewrite DuckDB's `PIVOT … ORDER BY …` as `SELECT * FROM (PIVOT …) ORDER BY …`, which the parser supports."""
    begin, depth = None, 0
    for index, token in enumerate(tokens):
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth:
            continue
        if begin is None and token.token_type in (TokenType.SELECT, TokenType.FROM):
            break  # a query that contains a pivot
        if begin is None and token.token_type in (TokenType.PIVOT, TokenType.UNPIVOT):
            begin = index
        elif begin is not None and token.token_type in (TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET):
            return [*tokens[:begin], *_select_from(tokens[begin:index]), *tokens[index:]]
    return tokens


def _select_from(pivot: list[Token]) -> list[Token]:
    first, last = pivot[0], pivot[-1]
    select_tokens = (
        (TokenType.SELECT, "SELECT"),
        (TokenType.STAR, "*"),
        (TokenType.FROM, "FROM"),
        (TokenType.L_PAREN, "("),
    )
    before = [Token(kind, text, first.line, first.col, first.start, first.start) for kind, text in select_tokens]
    return [*before, *pivot, Token(TokenType.R_PAREN, ")", last.line, last.col, last.end, last.end)]


def _add_row_keywords(tokens: list[Token]) -> list[Token]:
    """Rewrite MariaDB's `VALUES (1), (2)` as MySQL's `VALUES ROW(1), ROW(2)`, which the parser supports."""
    written: list[Token] = []
    depth, inside = 0, -1  # the depth of the current list of rows
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
