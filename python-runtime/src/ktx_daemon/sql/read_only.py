"""Whether a text is one query that only reads.

The tree is asked first: one statement, a query, and nothing in it that writes, locks or changes settings. Then what
the tree does not show: functions with side effects, and comments that the database executes.
"""

from __future__ import annotations

import re

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.masking import Marks, mask
from ktx_daemon.sql.parsing import SqlError, only_statement, parse_tokens, tokenize
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.side_effects import FILE_NAME, has_side_effects, reads_outside


class ReadOnlyVerdict(msgspec.Struct, frozen=True):
    """The answer of `/sql/validate-read-only`: `error` is one sentence, or null when the statement only reads."""

    ok: bool
    error: str | None = None


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

# MySQL and its relatives execute what stands in these comments, and take `--` for a comment only before white space.
MYSQL_LIKE = {"mysql", "singlestore", "doris", "starrocks"}
PLAIN_COMMENT = re.compile(r"/\*(?!M?!).*?\*/", re.DOTALL)
EXECUTABLE_COMMENT = re.compile(r"/\*M?!")
DOUBTFUL_COMMENT = re.compile(r"--(?=[^\s])")
SETTING_HINT = re.compile(r"\bset(?:_var)?\s*\(", re.IGNORECASE)

LOCKING_HINTS = {"UPDLOCK", "XLOCK", "TABLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE", "ROWLOCK", "PAGLOCK"}
# T-SQL needs no semicolon between statements: what looks like an alias may be the next statement.
TSQL_STATEMENTS = {
    "CHECKPOINT",
    "COMMIT",
    "RECONFIGURE",
    "REVERT",
    "ROLLBACK",
    "SHUTDOWN",
    "SAVE",
    "KILL",
    "BREAK",
}


def validate_read_only(request: SqlStatement) -> ReadOnlyVerdict:
    """Say whether the text is exactly one query without side effects; what cannot be parsed is refused."""
    dialect = require_dialect(request.dialect)
    try:
        _check(request.sql, dialect)
    except (SqlError, RefusedError) as error:
        return ReadOnlyVerdict(ok=False, error=str(error))
    except RecursionError:
        return ReadOnlyVerdict(ok=False, error="The SQL text is nested too deeply")
    return ReadOnlyVerdict(ok=True)


def _check(sql: str, dialect: Dialect) -> None:
    tokens = tokenize(sql, dialect)
    _check_comments(tokens, sql, dialect)
    _check_names(tokens)
    masked, marks = mask(tokens, sql)
    statement = only_statement(parse_tokens(masked, sql, dialect))
    if not isinstance(statement, (exp.Query, exp.Values)):
        raise RefusedError(f"Only queries are allowed, not {_verb(tokens)}")
    for node in statement.walk():
        _check_node(node, dialect)
        _check_file(node, marks, dialect)
        if name := _function_name(node):
            _check_function(marks.restore(name), node, dialect)


def _check_node(node: exp.Expr, dialect: Dialect) -> None:
    if isinstance(node, WRITES) and not isinstance(node, exp.Query):
        raise RefusedError(f"The query contains {_kind(node)}, which writes")
    if isinstance(node, SETTINGS):
        raise RefusedError(f"The query contains {_kind(node)}, which changes settings")
    if isinstance(node, exp.Into) or node.args.get("into"):
        raise RefusedError("SELECT INTO writes and is not allowed")
    if isinstance(node, exp.Lock) or node.args.get("locks"):
        raise RefusedError("Locking clauses such as FOR UPDATE and FOR SHARE are not allowed")
    if node.args.get("settings"):
        raise RefusedError("SETTINGS changes settings and is not allowed")
    if isinstance(node, exp.NextValueFor):
        raise RefusedError("NEXT VALUE FOR advances a sequence and is not allowed")
    if isinstance(node, exp.PropertyEQ) and isinstance(node.this, exp.Parameter):
        raise RefusedError("Assigning a variable is not allowed")
    if isinstance(node, exp.WithTableHint) and _names(node) & LOCKING_HINTS:
        raise RefusedError("Locking table hints are not allowed")
    if dialect_name(dialect) in ("tsql", "fabric") and isinstance(node, (exp.Alias, exp.TableAlias)):
        _check_alias(node)


def _check_function(name: str, node: exp.Expr, dialect: Dialect) -> None:
    if has_side_effects(name):
        raise RefusedError(f"The function {name} has side effects and is not allowed")
    if isinstance(node.parent, (exp.Table, exp.Lateral)) and reads_outside(name, dialect_name(dialect)):
        raise RefusedError(f"The function {name} reads what is outside of the database and is not allowed")


def _check_file(node: exp.Expr, marks: Marks, dialect: Dialect) -> None:
    name = marks.restore(node.name) if isinstance(node, exp.Table) and not node.args.get("db") else ""
    if dialect_name(dialect) == "duckdb" and FILE_NAME.fullmatch(name):
        raise RefusedError("Reading a file is not allowed")


def _check_alias(node: exp.Expr) -> None:
    alias = node.args.get("alias") if isinstance(node, exp.Alias) else node.this
    if isinstance(alias, exp.Identifier) and not alias.quoted and alias.name.upper() in TSQL_STATEMENTS:
        raise RefusedError(f"{alias.name.upper()} is a statement of its own and is not allowed")


def _check_names(tokens: list[Token]) -> None:
    """Refuse names with Unicode escapes, `U&"pg\\005Fsleep"`: nothing here reads what such a name says."""
    for prefix, sign, name in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_adjacent = prefix.end + 1 == sign.start and sign.end + 1 == name.start
        if is_adjacent and prefix.text.upper() == "U" and sign.text == "&" and name.token_type is TokenType.IDENTIFIER:
            raise RefusedError('Names with Unicode escapes (U&"…") are not allowed')


def _check_comments(tokens: list[Token], sql: str, dialect: Dialect) -> None:
    """Look at what stands between the tokens, which is white space and comments."""
    end = 0
    for token in [*tokens, None]:
        start = token.start if token else len(sql)
        gap, end = sql[end:start], token.end + 1 if token else start
        if token is not None and token.token_type is TokenType.HINT:
            closing = sql.find("*/", token.start)
            gap += sql[token.start : closing if closing >= 0 else len(sql)]
            if SETTING_HINT.search(gap):
                raise RefusedError("Optimizer hints that change settings are not allowed")
        if dialect_name(dialect) in MYSQL_LIKE:
            rest = PLAIN_COMMENT.sub(" ", gap)
            if EXECUTABLE_COMMENT.search(rest):
                raise RefusedError("Comments that the database executes (/*! … */) are not allowed")
            if DOUBTFUL_COMMENT.search(rest):
                raise RefusedError("A comment must have a space after its --")


def _function_name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous):
        return str(node.this.name if isinstance(node.this, exp.Expr) else node.this)
    return node.sql_name() if isinstance(node, exp.Func) else None


def dialect_name(dialect: Dialect) -> str:
    """Give sqlglot's name of a dialect."""
    return type(dialect).__name__.lower()


def _names(node: exp.Expr) -> set[str]:
    return {expression.name.upper() for expression in node.expressions}


def _verb(tokens: list[Token]) -> str:
    return tokens[0].text.upper() if tokens and tokens[0].text.isidentifier() else "this statement"


def _kind(node: exp.Expr) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()
    return str(node.this).upper() if isinstance(node, exp.Command) else name
