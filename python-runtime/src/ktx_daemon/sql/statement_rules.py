"""Rules for read-only statements, on their syntax tree and their tokens.

The tree shows writes, locks and changes of settings. The tokens show every function call, wherever the parser has put
it, and statements that some dialects accept where sqlglot parses an alias.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from ktx_daemon.sql.dialects import split_words
from ktx_daemon.sql.lexical import QUOTED_TYPES, SPARK_LIKE
from ktx_daemon.sql.masking import MaskedTokens
from ktx_daemon.sql.settings import find_harmful_setting
from ktx_daemon.sql.side_effects import (
    HARMLESS_TRINO_TABLES,
    PATH_CHARACTER,
    TRINO_LIKE,
    has_side_effects,
    is_called_as_attribute,
    is_package,
    is_path_table,
    reads_external_data,
)


class NotReadOnlyError(Exception):
    """The statement is not read-only."""


WRITE_NODES = (
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
SETTING_NODES = (exp.Set, exp.SetItem, exp.Use, exp.Pragma, exp.Transaction, exp.Commit, exp.Rollback, exp.Kill)
# Read-only statements of DuckDB that return rows.
DUCKDB_QUERIES = (exp.Pivot, exp.Describe, exp.Summarize)

# Dialects in which `s.nextval` advances a sequence.
SEQUENCE_COLUMNS = {"snowflake", "oracle", "exasol", "mysql"}
LOCKING_HINTS = {"UPDLOCK", "XLOCK", "TABLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE", "ROWLOCK", "PAGLOCK"}

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
    return is_dotted and all(map(_is_name, named[::2])) and len(named) % 2 == bool(named)


class StatementCheck:
    """The check of one statement, on its tree and its tokens."""

    def __init__(self, tree: exp.Expr, tokens: Sequence[Token], marks: MaskedTokens, dialect: str) -> None:
        self.tree = tree
        self.tokens = tokens
        self.marks = marks
        self.dialect = dialect

    def run(self) -> None:
        """Raise NotReadOnlyError if the statement is not read-only."""
        if not self._is_query():
            raise NotReadOnlyError(f"Only queries are allowed, not {_statement_verb(self.tokens)}")
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
            # A sequence may have a database link: `s.nextval@remote.example.com`.
            if any(part.name.lower().partition("@")[0] == "nextval" for part in node.parts[1:]):
                raise NotReadOnlyError("NEXTVAL advances a sequence and is not allowed")
        elif isinstance(node, (exp.Column, exp.Dot)):
            self._check_attribute(node)
        elif isinstance(node, exp.Summarize) and isinstance(node.this, exp.Literal):
            raise NotReadOnlyError("Reading a file is not allowed")
        elif isinstance(node, exp.QueryTransform):
            raise NotReadOnlyError("TRANSFORM … USING runs a program and is not allowed")
        if name := _function_name(node):
            self._check_function([self.marks.restore(name)], isinstance(node.parent, (exp.Table, exp.Lateral)))

    def _check_table(self, table: exp.Table) -> None:
        schema, name = self.marks.restore(table.db), self.marks.restore(table.name)
        if is_path_table(schema, name, self.dialect):
            raise NotReadOnlyError("Reading a file is not allowed")
        if self.dialect == "snowflake" and name.startswith("@"):
            raise NotReadOnlyError("Reading a stage is not allowed")

    def _check_attribute(self, node: exp.Column | exp.Dot) -> None:
        """Check a name after a dot, by which PostgreSQL calls a function: `(x).pg_read_file` is `pg_read_file(x)`."""
        is_column = isinstance(node, exp.Column)
        is_bare = not node.args.get("table") if is_column else not isinstance(node.expression, exp.Identifier)
        name = self.marks.restore(node.name)
        if not is_bare and is_called_as_attribute(name, self.dialect, is_column=is_column):
            raise NotReadOnlyError(f"The name {name} after a dot may call the function {name} and is not allowed")

    def _check_function(self, parts: Sequence[str], is_table: bool) -> None:
        if has_side_effects(parts, self.dialect):
            raise NotReadOnlyError(f"The function {'.'.join(parts)} has side effects and is not allowed")
        if reads_external_data(parts[-1], self.dialect, is_table):
            name = ".".join(parts)
            raise NotReadOnlyError(f"The function {name} reads data outside of the database and is not allowed")

    def _check_tokens(self, aliases: set[str]) -> None:
        for parts in _function_calls(self.tokens):
            if len(parts) > 1 or parts[-1].lower() not in aliases:
                self._check_function(parts, is_table=False)
        check_tokens(self.tokens, self.dialect)


# The most frequent nodes of large statements, which no rule applies to.
_HARMLESS_NODES = frozenset(
    {exp.Identifier, exp.Literal, exp.And, exp.Or, exp.EQ, exp.Paren, exp.Alias, exp.Star, exp.Null}
)


def _check_writes(node: exp.Expr) -> None:
    if isinstance(node, WRITE_NODES) and not isinstance(node, exp.Query):
        raise NotReadOnlyError(f"The query contains {_node_kind(node)}, which writes")
    if isinstance(node, SETTING_NODES):
        raise NotReadOnlyError(f"The query contains {_node_kind(node)}, which changes settings")
    if isinstance(node, exp.Into) or (isinstance(node, exp.Query) and node.args.get("into")):
        raise NotReadOnlyError("SELECT INTO writes and is not allowed")
    if isinstance(node, exp.Lock) or node.args.get("locks"):
        raise NotReadOnlyError("Locking clauses such as FOR UPDATE and FOR SHARE are not allowed")
    if isinstance(node, exp.NextValueFor):
        raise NotReadOnlyError("NEXT VALUE FOR advances a sequence and is not allowed")


def _check_clauses(node: exp.Expr, marks: MaskedTokens) -> None:
    settings = node.args.get("settings")
    if settings and (name := find_harmful_setting(settings, marks)):
        raise NotReadOnlyError(f"SETTINGS {name} changes settings and is not allowed")
    if isinstance(node, exp.PropertyEQ) and isinstance(node.this, exp.Parameter):
        raise NotReadOnlyError("Assigning a variable is not allowed")
    if isinstance(node, exp.WithTableHint) and _hint_names(node) & LOCKING_HINTS:
        raise NotReadOnlyError("Locking table hints are not allowed")


def check_tokens(tokens: Sequence[Token], dialect: str) -> None:
    """Apply the rules that need no tree. Raises NotReadOnlyError."""
    _check_unicode_names(tokens)
    for dialects, check in _TOKEN_RULES:
        if dialect in dialects:
            check(tokens)


def _function_calls(tokens: Sequence[Token]) -> Iterator[list[str]]:
    """Yield the dotted names before each opening parenthesis, in parts."""
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
            raise NotReadOnlyError(f"{word} is a separate statement and is not allowed")
        if token.token_type is TokenType.VAR and TSQL_VERBS.fullmatch(word) and _is_alias(previous, following):
            raise NotReadOnlyError(
                f"{word} may be a separate statement; write AS in front of it, or brackets around it"
            )


_TSQL_HINTS = frozenset({"JOIN", "UNION", "HINT", "PLAN"})


def _is_alias(previous: Token, following: Token | None) -> bool:
    """Return whether a name can only be an alias without AS."""
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
        if table.text.upper() != "TABLE" or parenthesis.token_type is not TokenType.L_PAREN or not _is_name(name):
            continue
        parts = next((parts for parts in _function_calls(tokens[tokens.index(name) :])), [name.text])
        if parts[-1].lower() not in HARMLESS_TRINO_TABLES:
            raise NotReadOnlyError(f"The table function {'.'.join(parts)} may pass a query through and is not allowed")


def _check_snowflake(tokens: Sequence[Token]) -> None:
    if any(token.text == "->>" and token.token_type is TokenType.DARROW for token in tokens):
        raise NotReadOnlyError("Statements chained with ->> are not allowed")


def _check_packages(tokens: Sequence[Token]) -> None:
    """Check packages, whose functions need no parentheses without arguments."""
    for name, dot in itertools.pairwise(tokens):
        if dot.token_type is TokenType.DOT and _is_name(name) and is_package(name.text):
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
)


def _function_name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous):
        return str(node.this.name if isinstance(node.this, exp.Expr) else node.this)
    return node.sql_name() if isinstance(node, exp.Func) else None


def _hint_names(node: exp.Expr) -> set[str]:
    return {expression.name.upper() for expression in node.expressions}


def _statement_verb(tokens: Sequence[Token]) -> str:
    return tokens[0].text.upper() if tokens and tokens[0].text.isidentifier() else "this statement"


def _node_kind(node: exp.Expr) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
    return str(node.this).upper() if isinstance(node, exp.Command) else name
