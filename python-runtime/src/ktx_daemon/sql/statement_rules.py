"""Rules that a read-only statement has to meet, on its syntax tree and on its tokens.

The tree shows what writes, locks and changes settings. The tokens show every call of a function once more, wherever the
parser has put it, and what several dialects take for a statement of its own where sqlglot reads an alias.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import words
from ktx_daemon.sql.lexical import QUOTED_TYPES, SPARK_LIKE
from ktx_daemon.sql.masking import Marks
from ktx_daemon.sql.settings import harmful_setting
from ktx_daemon.sql.side_effects import (
    HARMLESS_TRINO_TABLES,
    PATH_SIGN,
    TRINO_LIKE,
    has_side_effects,
    is_package,
    is_path_table,
    reads_outside,
)


class RefusedError(Exception):
    """The statement does more than read."""


WRITES = (
    exp.DML,
    exp.DDL,
    exp.Merge,
    exp.Drop,
    exp.Alter,
    exp.TruncateTable,
    exp.Copy,
    exp.LoadData,
    exp.Command,
    exp.Comment,
    exp.Grant,
    exp.Revoke,
)
SETTINGS = (exp.Set, exp.SetItem, exp.Use, exp.Pragma, exp.Transaction, exp.Commit, exp.Rollback, exp.Kill)
# DuckDB's statements that give rows and change nothing.
DUCKDB_QUERIES = (exp.Pivot, exp.Describe, exp.Summarize)

# Dialects in which `s.nextval` advances a sequence.
SEQUENCE_COLUMNS = {"snowflake", "oracle", "exasol", "mysql"}
LOCKING_HINTS = {"UPDLOCK", "XLOCK", "TABLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE", "ROWLOCK", "PAGLOCK"}

# T-SQL needs no semicolon between statements. These words begin one, are reserved there, and stand in no query.
TSQL_STATEMENTS = words(
    """
    ALTER BACKUP BEGIN BREAK BULK CHECKPOINT CLOSE COMMIT CONTINUE CREATE DBCC DEALLOCATE DECLARE DELETE DENY DROP DUMP
    EXEC EXECUTE GOTO GRANT IF INSERT KILL LOAD MERGE OPEN PRINT RAISERROR READTEXT RECONFIGURE RESTORE RETURN REVERT
    REVOKE ROLLBACK SAVE SET SETUSER SHUTDOWN TRUNCATE UPDATE UPDATETEXT USE WAITFOR WHILE WRITETEXT
    """
)
# These begin one too, and are not reserved: as an alias they need their AS.
TSQL_VERBS = re.compile(r"throw|send|receive|get|move|enable|disable|add|end|(sp|xp)_\w+", re.IGNORECASE)


def is_duckdb_listing(tokens: Sequence[Token]) -> bool:
    """Recognise DuckDB's `SHOW t`, `DESCRIBE` and the like, which sqlglot knows in part.

    Raises RefusedError where the name is that of a file.
    """
    if not tokens or tokens[0].text.upper() not in ("SHOW", "DESCRIBE", "DESC"):
        return False
    named = tokens[1:]
    if [token.text.upper() for token in named] == ["ALL", "TABLES"]:
        return True
    if [token.text.upper() for token in named[:2]] == ["TABLES", "FROM"]:
        named = named[2:]
    elif len(named) == 1 and is_path_table("", named[0].text, "duckdb"):
        raise RefusedError("Reading a file is not allowed")
    is_dotted = all(token.token_type is TokenType.DOT for token in named[1::2])
    return is_dotted and all(map(_is_name, named[::2])) and len(named) % 2 == bool(named)


class Statement:
    """One statement with its tokens, as all rules read it."""

    def __init__(self, tree: exp.Expr, tokens: Sequence[Token], marks: Marks, dialect: str) -> None:
        self.tree = tree
        self.tokens = tokens
        self.marks = marks
        self.dialect = dialect

    def check(self) -> None:
        """Raise RefusedError where the statement does more than read."""
        if not self._is_query():
            raise RefusedError(f"Only queries are allowed, not {_verb(self.tokens)}")
        aliases = set()
        for node in self.tree.walk():
            if type(node) in _HARMLESS_NODES:
                continue
            self._check_node(node)
            if isinstance(node, exp.TableAlias):
                aliases.add(node.name.lower())
        self._check_tokens(aliases)

    def _is_query(self) -> bool:
        if isinstance(self.tree, (exp.Query, exp.Values)):
            return True
        return self.dialect == "duckdb" and isinstance(self.tree, DUCKDB_QUERIES)

    def _check_node(self, node: exp.Expr) -> None:
        _check_writes(node)
        _check_clauses(node, self.marks)
        if isinstance(node, exp.Table):
            self._check_table(node)
        elif isinstance(node, exp.Column) and self.dialect in SEQUENCE_COLUMNS:
            # A sequence may be behind a link: `s.nextval@remote.example.com`.
            if any(part.name.lower().partition("@")[0] == "nextval" for part in node.parts[1:]):
                raise RefusedError("NEXTVAL advances a sequence and is not allowed")
        elif isinstance(node, exp.Summarize) and isinstance(node.this, exp.Literal):
            raise RefusedError("Reading a file is not allowed")
        elif isinstance(node, exp.QueryTransform):
            raise RefusedError("TRANSFORM … USING runs a program and is not allowed")
        if name := _function_name(node):
            self._check_function([self.marks.restore(name)], isinstance(node.parent, (exp.Table, exp.Lateral)))

    def _check_table(self, table: exp.Table) -> None:
        schema, name = self.marks.restore(table.db), self.marks.restore(table.name)
        if is_path_table(schema, name, self.dialect):
            raise RefusedError("Reading a file is not allowed")
        if self.dialect == "snowflake" and name.startswith("@"):
            raise RefusedError("Reading a stage is not allowed")

    def _check_function(self, parts: Sequence[str], is_table: bool) -> None:
        if has_side_effects(parts, self.dialect):
            raise RefusedError(f"The function {'.'.join(parts)} has side effects and is not allowed")
        if reads_outside(parts[-1], self.dialect, is_table):
            name = ".".join(parts)
            raise RefusedError(f"The function {name} reads what is outside of the database and is not allowed")

    def _check_tokens(self, aliases: set[str]) -> None:
        for parts in _calls(self.tokens):
            if len(parts) > 1 or parts[-1].lower() not in aliases:
                self._check_function(parts, is_table=False)
        check_tokens(self.tokens, self.dialect)


# The most frequent nodes of large statements, which no rule is about.
_HARMLESS_NODES = frozenset(
    {exp.Identifier, exp.Literal, exp.And, exp.Or, exp.EQ, exp.Paren, exp.Alias, exp.Star, exp.Null}
)


def _check_writes(node: exp.Expr) -> None:
    if isinstance(node, WRITES) and not isinstance(node, exp.Query):
        raise RefusedError(f"The query contains {_kind(node)}, which writes")
    if isinstance(node, SETTINGS):
        raise RefusedError(f"The query contains {_kind(node)}, which changes settings")
    if isinstance(node, exp.Into) or (isinstance(node, exp.Query) and node.args.get("into")):
        raise RefusedError("SELECT INTO writes and is not allowed")
    if isinstance(node, exp.Lock) or node.args.get("locks"):
        raise RefusedError("Locking clauses such as FOR UPDATE and FOR SHARE are not allowed")
    if isinstance(node, exp.NextValueFor):
        raise RefusedError("NEXT VALUE FOR advances a sequence and is not allowed")


def _check_clauses(node: exp.Expr, marks: Marks) -> None:
    settings = node.args.get("settings")
    if settings and (name := harmful_setting(settings, marks)):
        raise RefusedError(f"SETTINGS {name} changes settings and is not allowed")
    if isinstance(node, exp.PropertyEQ) and isinstance(node.this, exp.Parameter):
        raise RefusedError("Assigning a variable is not allowed")
    if isinstance(node, exp.WithTableHint) and _names(node) & LOCKING_HINTS:
        raise RefusedError("Locking table hints are not allowed")


def check_tokens(tokens: Sequence[Token], dialect: str) -> None:
    """Apply the rules for which no tree is needed. Raises RefusedError."""
    _check_unicode_names(tokens)
    for dialects, check in _TOKEN_RULES:
        if dialect in dialects:
            check(tokens)


def _calls(tokens: Sequence[Token]) -> Iterator[list[str]]:
    """Return the names of everything that is followed by a parenthesis, in parts."""
    for index, token in enumerate(tokens):
        if token.token_type is not TokenType.L_PAREN or not index or not _is_name(tokens[index - 1]):
            continue
        first = index - 1
        while first > 1 and tokens[first - 1].token_type is TokenType.DOT and _is_name(tokens[first - 2]):
            first -= 2
        yield [part.text for part in tokens[first:index:2]]


def _is_name(token: Token) -> bool:
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
            raise RefusedError(f"{word} is a statement of its own and is not allowed")
        if token.token_type is TokenType.VAR and TSQL_VERBS.fullmatch(word) and _is_alias(previous, following):
            raise RefusedError(f"{word} may be a statement of its own and needs AS in front of it, or brackets")


_TSQL_HINTS = frozenset({"JOIN", "UNION", "HINT", "PLAN"})


def _is_alias(previous: Token, following: Token | None) -> bool:
    """Return whether a name stands where only an alias without AS can stand."""
    is_after_operand = previous.token_type in _OPERAND_ENDS or (
        _is_name(previous) and previous.token_type is TokenType.VAR
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
        if token.text.upper() == "USING" and following.token_type in (TokenType.STRING, TokenType.RAW_STRING):
            raise RefusedError("TRANSFORM … USING runs a program and is not allowed")
    depth = 0  # within the parentheses of IDENTIFIER, whose name may be put together from strings
    for word, token in itertools.pairwise(tokens):
        if token.token_type is TokenType.L_PAREN and (depth or word.text.upper() == "IDENTIFIER"):
            depth += 1
        elif token.token_type is TokenType.R_PAREN and depth:
            depth -= 1
        elif depth and token.token_type in (TokenType.STRING, TokenType.RAW_STRING) and PATH_SIGN.search(token.text):
            raise RefusedError("Reading a file is not allowed")


def _check_trino(tokens: Sequence[Token]) -> None:
    for table, parenthesis, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if table.text.upper() != "TABLE" or parenthesis.token_type is not TokenType.L_PAREN or not _is_name(name):
            continue
        parts = next((parts for parts in _calls(tokens[tokens.index(name) :])), [name.text])
        if parts[-1].lower() not in HARMLESS_TRINO_TABLES:
            raise RefusedError(f"The table function {'.'.join(parts)} may hand a query over and is not allowed")


def _check_snowflake(tokens: Sequence[Token]) -> None:
    if any(token.text == "->>" and token.token_type is TokenType.DARROW for token in tokens):
        raise RefusedError("Several statements that are chained with ->> are not allowed")


def _check_packages(tokens: Sequence[Token]) -> None:
    """Check functions without arguments too, which need no parentheses."""
    for name, dot in itertools.pairwise(tokens):
        if dot.token_type is TokenType.DOT and _is_name(name) and is_package(name.text):
            raise RefusedError(f"The package {name.text} has side effects and is not allowed")


def _check_unicode_names(tokens: Sequence[Token]) -> None:
    """Refuse names with Unicode escapes, `U&"pg\\005Fsleep"`: nothing here reads what such a name says."""
    for prefix, sign, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_adjacent = prefix.end + 1 == sign.start and sign.end + 1 == name.start
        if is_adjacent and prefix.text.upper() == "U" and sign.text == "&" and name.token_type is TokenType.IDENTIFIER:
            raise RefusedError('Names with Unicode escapes (U&"…") are not allowed')


_TOKEN_RULES: tuple[tuple[frozenset[str], Callable[[Sequence[Token]], None]], ...] = (
    (frozenset({"tsql", "fabric"}), _check_tsql),
    (SPARK_LIKE, _check_spark),
    (TRINO_LIKE, _check_trino),
    (frozenset({"oracle"}), _check_packages),
    (frozenset({"snowflake"}), _check_snowflake),
)


def _function_name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous):
        return str(node.this.name if isinstance(node.this, exp.Expr) else node.this)
    return node.sql_name() if isinstance(node, exp.Func) else None


def _names(node: exp.Expr) -> set[str]:
    return {expression.name.upper() for expression in node.expressions}


def _verb(tokens: Sequence[Token]) -> str:
    return tokens[0].text.upper() if tokens and tokens[0].text.isidentifier() else "this statement"


def _kind(node: exp.Expr) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
    return str(node.this).upper() if isinstance(node, exp.Command) else name
