"""The expressions of generated columns and the checks, which SQLite has in the text of its tables only."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

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
    """Return the checks of a `CREATE TABLE` in their order; none if it cannot be parsed."""
    tree = _parse(sql)
    return [
        Check(_constraint_name(check), check.this.unnest().sql("sqlite"))
        for check in (tree.find_all(exp.CheckColumnConstraint, bfs=False) if tree else ())
    ]


def _parse(sql: str) -> exp.Expr | None:
    try:
        # The options of a table, which follow its columns, are not parsed.
        return sqlglot.parse_one(sql[: sql.rindex(")") + 1], read="sqlite")
    except SqlglotError:
        return None


def _constraint_name(check: exp.Expr) -> str | None:
    """Return the name of the constraint that a check is the only part of."""
    parent = check.parent
    name = parent.this if isinstance(parent, (exp.Constraint, exp.ColumnConstraint)) else None
    return name.name if isinstance(name, exp.Identifier) else None
