"""SQL texts with placeholders, parsed once for each dialect."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect

_OPERATIONS = (exp.Binary, exp.Unary, exp.AtTimeZone, exp.Interval, exp.Between, exp.In)


def fill(dialect: SqlDialect, template: str, **values: exp.Expr) -> exp.Expr:
    """Return the tree of a template, in which values replace the unqualified columns of their names."""
    tree = _parse(dialect.name, template).copy()
    for column in list(tree.find_all(exp.Column)):
        if not column.table and column.name in values:
            column.replace(_enclose(values[column.name].copy(), column.parent))
    return tree


def _enclose(value: exp.Expr, parent: exp.Expr | None) -> exp.Expr:
    """Return a value in parentheses if it is an operation within another one."""
    is_inner = isinstance(parent, _OPERATIONS) and not isinstance(parent, exp.Paren)
    is_operation = isinstance(value, _OPERATIONS) and not isinstance(value, exp.Paren)
    return exp.paren(value, copy=False) if is_inner and is_operation else value


@lru_cache(maxsize=1024)
def _parse(dialect: str, template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect=SqlDialect(dialect).sqlglot)
