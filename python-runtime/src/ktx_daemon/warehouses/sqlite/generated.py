"""The expressions of generated columns and the checks, which SQLite has in the text of its tables only."""

from __future__ import annotations

import itertools

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from ktx_daemon.warehouses.model.tables import Check


def find_expressions(sql: str) -> dict[str, str]:
    """Return the expressions by the names of the generated columns of a `CREATE TABLE`; none if it cannot be parsed."""
    tree = _parse(sql)
    return {
        definition.name: constraint.this.unnest().sql("sqlite")
        for definition in (tree.find_all(exp.ColumnDef) if tree else ())
        for constraint in definition.find_all(exp.ComputedColumnConstraint)
    }


def find_checks(sql: str) -> list[Check]:
    """Return the checks of a `CREATE TABLE` in their order. Reading its tokens only is faster than parsing it."""
    try:
        tokens = sqlglot.tokenize(sql, read="sqlite")
    except SqlglotError:
        return []
    return [
        Check(_constraint_name(tokens[:index]), sql[opening.end + 1 : _closing(tokens[index + 1 :]).start].strip())
        for index, (check, opening) in enumerate(itertools.pairwise(tokens))
        if check.token_type is TokenType.VAR
        and check.text.upper() == "CHECK"
        and opening.token_type is TokenType.L_PAREN
    ]


def _parse(sql: str) -> exp.Expr | None:
    try:
        # The options of a table, which follow its columns, are not parsed.
        return sqlglot.parse_one(sql[: sql.rindex(")") + 1], read="sqlite")
    except SqlglotError:
        return None


def _constraint_name(before: list[Token]) -> str | None:
    """Return the name of a constraint that begins with `CONSTRAINT name`."""
    is_named = len(before) > 1 and before[-2].token_type is TokenType.CONSTRAINT
    return before[-1].text if is_named else None


def _closing(tokens: list[Token]) -> Token:
    """Return the token that closes the first one."""
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth == 0:
            return token
    return tokens[-1]
