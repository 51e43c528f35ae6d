"""Rules for read-only statements on their syntax tree, which shows writes, locks and changes of settings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokens import Token

from ktx_daemon.sql.masking import MaskedTokens
from ktx_daemon.sql.settings import find_harmful_setting
from ktx_daemon.sql.side_effects import (
    SQLITE_TABLES,
    has_side_effects,
    is_called_as_attribute,
    is_path_table,
    reads_external_data,
)
from ktx_daemon.sql.token_rules import NotReadOnlyError, check_tokens, function_calls

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
        if self.dialect == "sqlite" and name.lower() in SQLITE_TABLES:
            raise NotReadOnlyError(f"The table-valued function {name} has side effects and is not allowed")

    def _check_attribute(self, node: exp.Column | exp.Dot) -> None:
        """Check a name after a dot, by which PostgreSQL calls a function: `(x).pg_read_file` is `pg_read_file(x)`."""
        is_column = isinstance(node, exp.Column)
        is_bare = not node.args.get("table") if is_column else not isinstance(node.expression, exp.Identifier)
        name = self.marks.restore(node.name)
        if not is_bare and name.lower() == "nextval" and self.dialect in SEQUENCE_COLUMNS:
            raise NotReadOnlyError("NEXTVAL advances a sequence and is not allowed")
        if not is_bare and is_called_as_attribute(name, self.dialect, is_column=is_column):
            raise NotReadOnlyError(f"The name {name} after a dot may call the function {name} and is not allowed")

    def _check_function(self, parts: Sequence[str], is_table: bool) -> None:
        if has_side_effects(parts, self.dialect):
            raise NotReadOnlyError(f"The function {'.'.join(parts)} has side effects and is not allowed")
        if reads_external_data(parts[-1], self.dialect, is_table):
            name = ".".join(parts)
            raise NotReadOnlyError(f"The function {name} reads data outside of the database and is not allowed")

    def _check_tokens(self, aliases: set[str]) -> None:
        for parts in function_calls(self.tokens):
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
