"""Parsing of SQL texts; every failure is one sentence with a position."""

from __future__ import annotations

import functools
import logging
import re
from typing import SupportsIndex

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.parser import Parser
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import dialect_name, has_database_links
from ktx_daemon.sql.lexical import QuotedRanges
from semantic_layer.sql import arrows

# sqlglot warns about unsupported statements; here they are recognised in the tree.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Longer statements are generated data, not queries, and would take minutes to parse.
MAX_SQL_CHARACTERS = 1_000_000


class SqlError(Exception):
    """A text that is not a single SQL statement. The message is one sentence; `line` and `column` start at 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        position = f" at line {line}, column {column}" if line is not None else ""
        super().__init__(f"{message}{position}")


class SqlText(str):
    """A text that records whether the parser copied parts of it into the tree instead of using tokens."""

    was_read = False

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        """Return a part of the text, and record the access."""
        self.was_read = True
        return super().__getitem__(key)


# The tokenizer takes `$1,$2` for the start of a dollar-quoted string, unless the `$` is disguised.
_NUMBERED_PLACEHOLDER = re.compile(r"\$(?=\d)")
_DISGUISED_DOLLAR = "\ue002"
# `$$5$$` contains no placeholder.
_DOLLAR_QUOTE = re.compile(r"\$(?!\d)")


# The representation of a token in some messages of sqlglot.
_TOKEN = re.compile(r"<Token token_type: \S+, text: (.*?), line: .*?>")


def tokenize(sql: str, dialect: Dialect) -> list[Token]:
    """Tokenize a text. Raises SqlError."""
    disguised = _disguise_placeholders(sql, dialect)
    tokens = _tokenize(disguised, dialect)
    for token in tokens if _DISGUISED_DOLLAR in disguised else []:
        if _DISGUISED_DOLLAR in token.text:
            token.text = token.text.replace(_DISGUISED_DOLLAR, "$")
    return _join_links(tokens) if has_database_links(dialect) else tokens


def _join_links(tokens: list[Token]) -> list[Token]:
    """Join a table name with its database link after an @, which only some tokenizers do."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-2:]
        if (
            token.token_type is TokenType.VAR
            and [other.token_type for other in before] == [TokenType.VAR, TokenType.PARAMETER]
            and before[0].end + 2 == before[1].end + 1 == token.start
        ):
            name = before[0]
            text = f"{name.text}@{token.text}"
            joined[-2:] = [Token(TokenType.VAR, text, name.line, token.col, name.start, token.end, name.comments)]
        else:
            joined.append(token)
    return joined


def _disguise_placeholders(sql: str, dialect: Dialect) -> str:
    if _DOLLAR_QUOTE.search(sql) is None:
        return _NUMBERED_PLACEHOLDER.sub(_DISGUISED_DOLLAR, sql)
    quoted = QuotedRanges(sql, dialect)
    return _NUMBERED_PLACEHOLDER.sub(lambda match: "$" if match.start() in quoted else _DISGUISED_DOLLAR, sql)


def _tokenize(sql: str, dialect: Dialect) -> list[Token]:
    if len(sql) > MAX_SQL_CHARACTERS:
        raise SqlError(f"The SQL text is longer than {MAX_SQL_CHARACTERS} characters")
    try:
        return dialect.tokenize(sql)
    except TokenError as error:
        line = sql.count("\n") + 1
        raise SqlError(
            f"The SQL text ends inside of a string, a name or a comment ({_first_line(error)})",
            line,
            len(sql) - sql.rfind("\n"),
        ) from None


def parse_tokens(tokens: list[Token], sql: str, dialect: Dialect) -> list[exp.Expr]:
    """Parse all statements; empty ones are omitted. Raises SqlError."""
    try:
        parsed = _create_parser(dialect).parse(arrows.mark_json_arrows(tokens, dialect), sql)
    except TokenError as error:  # hints and JSON paths are tokenized separately
        raise SqlError(f"The SQL text ends inside of a string or a name ({_first_line(error)})") from None
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        description = _TOKEN.sub(r"'\1'", str(first.get("description") or "It cannot be parsed")).rstrip(".")
        raise SqlError(f"SQL syntax error: {description}", first.get("line"), _error_column(first)) from None
    except RecursionError:
        raise SqlError("The SQL text is nested too deeply") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise SqlError(f"The SQL text cannot be understood ({type(error).__name__})") from error
    return [statement for statement in parsed if statement is not None and not isinstance(statement, exp.Semicolon)]


def _create_parser(dialect: Dialect) -> Parser:
    if dialect_name(dialect) == "snowflake":
        return _snowflake_parser()(dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
    if dialect_name(dialect) == "clickhouse":
        return _clickhouse_parser()(dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
    return arrows.create_parser(dialect, error_level=ErrorLevel.IMMEDIATE)


@functools.cache
def _clickhouse_parser() -> type[Parser]:
    from sqlglot.parsers.clickhouse import ClickHouseParser  # a dialect's modules are loaded when they are needed

    class TwoLimitsParser(ClickHouseParser):
        """Parses `LIMIT 1 BY a LIMIT 10`; the tree has the limit of each group inside of the query's limit."""

        def _parse_limit(
            self, this: exp.Expr | None = None, top: bool = False, skip_limit_token: bool = False
        ) -> exp.Expr | None:
            limit = super()._parse_limit(this, top=top, skip_limit_token=skip_limit_token)
            if not isinstance(limit, exp.Limit):
                return limit
            begin = self._index
            if not limit.expressions and isinstance(offset := self._parse_offset(), exp.Offset):
                limit_by = limit.copy()
                limit_by.set("offset", offset.expression)
                limit_by.set("expressions", offset.expressions)
            else:
                limit_by = limit
            if limit_by.expressions and self._match(TokenType.LIMIT, advance=False):
                return super()._parse_limit(limit_by)
            self._retreat(begin)
            return limit

    return TwoLimitsParser


@functools.cache
def _snowflake_parser() -> type[Parser]:
    from sqlglot.parsers.snowflake import SnowflakeParser  # a dialect's modules are loaded when they are needed

    class NamedWindowParser(SnowflakeParser):
        """Parses WINDOW after a table as the clause, `FROM t WINDOW w AS (…)`, not as an alias of the table."""

        TABLE_ALIAS_TOKENS = SnowflakeParser.TABLE_ALIAS_TOKENS - {TokenType.WINDOW}

    return NamedWindowParser


def require_single_statement(statements: list[exp.Expr]) -> exp.Expr:
    """Return the only statement. Raises SqlError for none and for several."""
    if not statements:
        raise SqlError("There is no SQL statement")
    if len(statements) > 1:
        raise SqlError(f"There are {len(statements)} SQL statements where one is expected")
    return statements[0]


def _error_column(error: dict[str, object]) -> int | None:
    """Return the column of a token's first character; sqlglot reports that of the last one."""
    column, highlight = error.get("col"), error.get("highlight")
    if not isinstance(column, int):
        return None
    return max(1, column - len(highlight) + 1) if isinstance(highlight, str) and highlight else column


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no detail"
