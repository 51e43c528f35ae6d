"""Rules for read-only statements on their tokens.

They show every function call, wherever the parser has put it, and statements that some dialects accept where sqlglot
parses an alias.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import split_words
from ktx_daemon.sql.lexical import QUOTED_TYPES, SPARK_LIKE
from ktx_daemon.sql.side_effects import HARMLESS_TRINO_TABLES, PATH_CHARACTER, TRINO_LIKE, is_package, is_path_table


class NotReadOnlyError(Exception):
    """The statement is not read-only."""


# T-SQL needs no semicolon between statements. These reserved words start a statement and do not occur in queries.
TSQL_STATEMENTS = split_words(
    """
    ALTER BACKUP BEGIN BREAK BULK CHECKPOINT CLOSE COMMIT CONTINUE CREATE DBCC DEALLOCATE DECLARE DELETE DENY DROP DUMP
    EXEC EXECUTE GOTO GRANT IF INSERT KILL LOAD MERGE OPEN PRINT RAISERROR READTEXT RECONFIGURE RESTORE RETURN REVERT
    REVOKE ROLLBACK SAVE SET SETUSER SHUTDOWN TRUNCATE UPDATE UPDATETEXT USE WAITFOR WHILE WRITETEXT
    """
)
# These start a statement too, but are not reserved, so they are rejected as aliases without AS.
TSQL_VERBS = re.compile(r"throw|send|receive|get|move|enable|disable|add|end|(sp|xp)_\w+", re.IGNORECASE)


def is_duckdb_listing(tokens: Sequence[Token]) -> bool:
    """Return whether a statement is DuckDB's `SHOW` or `DESCRIBE`, which sqlglot supports in part.

    Raises NotReadOnlyError if the name is that of a file.
    """
    if not tokens or tokens[0].text.upper() not in ("SHOW", "DESCRIBE", "DESC"):
        return False
    named = tokens[1:]
    if [token.text.upper() for token in named] == ["ALL", "TABLES"]:
        return True
    if [token.text.upper() for token in named[:2]] == ["TABLES", "FROM"]:
        named = named[2:]
    elif len(named) == 1 and is_path_table("", named[0].text, "duckdb"):
        raise NotReadOnlyError("Reading a file is not allowed")
    is_dotted = all(token.token_type is TokenType.DOT for token in named[1::2])
    return is_dotted and all(map(is_name, named[::2])) and len(named) % 2 == bool(named)


def check_tokens(tokens: Sequence[Token], dialect: str) -> None:
    """Apply the rules that need no tree. Raises NotReadOnlyError."""
    _check_unicode_names(tokens)
    for dialects, check in _TOKEN_RULES:
        if dialect in dialects:
            check(tokens)


def function_calls(tokens: Sequence[Token]) -> Iterator[list[str]]:
    """Yield the dotted names before each opening parenthesis, in parts."""
    for index, token in enumerate(tokens):
        if token.token_type is not TokenType.L_PAREN or not index or not is_name(tokens[index - 1]):
            continue
        first = index - 1
        while first > 1 and tokens[first - 1].token_type is TokenType.DOT and is_name(tokens[first - 2]):
            first -= 2
        yield [part.text for part in tokens[first:index:2]]


def is_name(token: Token) -> bool:
    """Return whether a token may be a name."""
    if token.token_type in QUOTED_TYPES:
        return token.token_type is TokenType.IDENTIFIER
    return token.text[:1].isalpha() or token.text[:1] in ("_", "$")


def _check_tsql(tokens: Sequence[Token]) -> None:
    is_in_options = False
    for previous, token, following in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
        word = token.text.upper()
        is_in_options = is_in_options or word == "OPTION"
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING, TokenType.NATIONAL_STRING):
            continue
        is_hint = word in ("MERGE", "USE") and following is not None and following.text.upper() in _TSQL_HINTS
        if word in TSQL_STATEMENTS and not is_hint:
            raise NotReadOnlyError(f"{word} is a separate statement and is not allowed")
        if token.token_type is TokenType.VAR and TSQL_VERBS.fullmatch(word) and _is_alias(previous, following):
            raise NotReadOnlyError(
                f"{word} may be a separate statement; write AS in front of it, or brackets around it"
            )


_TSQL_HINTS = frozenset({"JOIN", "UNION", "HINT", "PLAN"})


def _is_alias(previous: Token, following: Token | None) -> bool:
    """Return whether a name can only be an alias without AS."""
    is_after_operand = previous.token_type in _OPERAND_ENDS or (
        is_name(previous) and previous.token_type is TokenType.VAR
    )
    return is_after_operand and (following is None or following.token_type is not TokenType.DOT)


_OPERAND_ENDS = frozenset(
    {
        TokenType.NUMBER,
        TokenType.STRING,
        TokenType.NATIONAL_STRING,
        TokenType.IDENTIFIER,
        TokenType.R_PAREN,
        TokenType.NULL,
        TokenType.END,
        TokenType.STAR,
    }
)


def _check_spark(tokens: Sequence[Token]) -> None:
    for token, following in itertools.pairwise(tokens):
        if token.text == "$" and following.text == "{":
            raise NotReadOnlyError(
                "Variables (${…}), which Spark replaces before it reads the statement, are not allowed"
            )
        if token.text.upper() == "USING" and following.token_type in (TokenType.STRING, TokenType.RAW_STRING):
            raise NotReadOnlyError("TRANSFORM … USING runs a program and is not allowed")
    depth = 0  # in the parentheses of IDENTIFIER, whose argument may be concatenated of strings
    for word, token in itertools.pairwise(tokens):
        if token.token_type is TokenType.L_PAREN and depth:
            raise NotReadOnlyError("A name that IDENTIFIER computes by a function is not allowed")
        if token.token_type is TokenType.L_PAREN and word.text.upper() == "IDENTIFIER":
            depth += 1
        elif token.token_type is TokenType.R_PAREN and depth:
            depth -= 1
        elif (
            depth and token.token_type in (TokenType.STRING, TokenType.RAW_STRING) and PATH_CHARACTER.search(token.text)
        ):
            raise NotReadOnlyError("Reading a file is not allowed")


def _check_trino(tokens: Sequence[Token]) -> None:
    for table, parenthesis, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if table.text.upper() != "TABLE" or parenthesis.token_type is not TokenType.L_PAREN or not is_name(name):
            continue
        parts = next((parts for parts in function_calls(tokens[tokens.index(name) :])), [name.text])
        if parts[-1].lower() not in HARMLESS_TRINO_TABLES:
            raise NotReadOnlyError(f"The table function {'.'.join(parts)} may pass a query through and is not allowed")


def _check_snowflake(tokens: Sequence[Token]) -> None:
    if any(token.text == "->>" and token.token_type is TokenType.DARROW for token in tokens):
        raise NotReadOnlyError("Statements chained with ->> are not allowed")
    opened: list[bool] = []  # for each open parenthesis, whether it is that of IDENTIFIER
    is_name = False
    for word, token in itertools.pairwise(tokens):
        if token.token_type is TokenType.L_PAREN and is_name:
            raise NotReadOnlyError("A function that IDENTIFIER names is not allowed")
        is_name = token.token_type is TokenType.R_PAREN and bool(opened) and opened.pop()
        if token.token_type is TokenType.L_PAREN:
            opened.append(word.text.upper() == "IDENTIFIER" and word.token_type not in QUOTED_TYPES)


def _check_duckdb(tokens: Sequence[Token]) -> None:
    """Check `FROM (SHOW 'a.csv')`, which the parser takes for a table with an alias."""
    for word, name in itertools.pairwise(tokens):
        if word.text.upper() == "SHOW" and name.token_type in QUOTED_TYPES and is_path_table("", name.text, "duckdb"):
            raise NotReadOnlyError("Reading a file is not allowed")


def _check_packages(tokens: Sequence[Token]) -> None:
    """Check packages, whose functions need no parentheses without arguments."""
    for name, dot in itertools.pairwise(tokens):
        if dot.token_type is TokenType.DOT and is_name(name) and is_package(name.text):
            raise NotReadOnlyError(f"The package {name.text} has side effects and is not allowed")


def _check_unicode_names(tokens: Sequence[Token]) -> None:
    """Reject names with Unicode escapes, `U&"pg\\005Fsleep"`, which are not decoded here."""
    for prefix, sign, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_adjacent = prefix.end + 1 == sign.start and sign.end + 1 == name.start
        if is_adjacent and prefix.text.upper() == "U" and sign.text == "&" and name.token_type is TokenType.IDENTIFIER:
            raise NotReadOnlyError('Names with Unicode escapes (U&"…") are not allowed')


_TOKEN_RULES: tuple[tuple[frozenset[str], Callable[[Sequence[Token]], None]], ...] = (
    (frozenset({"tsql", "fabric"}), _check_tsql),
    (SPARK_LIKE, _check_spark),
    (TRINO_LIKE, _check_trino),
    (frozenset({"oracle"}), _check_packages),
    (frozenset({"snowflake"}), _check_snowflake),
    (frozenset({"duckdb"}), _check_duckdb),
)
