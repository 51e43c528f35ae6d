"""The expressions of generated columns, which SQLite has in the text of its tables only."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def find_expressions(sql: str) -> dict[str, str]:
    """Return the expressions by the names of the generated columns of a `CREATE TABLE`; none if it cannot be parsed."""
    try:
        # The options of a table, which follow its columns, are not parsed.
        tree = sqlglot.parse_one(sql[: sql.rindex(")") + 1], read="sqlite")
    except SqlglotError:
        return {}
    return {
        definition.name: constraint.this.unnest().sql("sqlite")
        for definition in tree.find_all(exp.ColumnDef)
        for constraint in definition.find_all(exp.ComputedColumnConstraint)
    }
