"""Which equalities of columns join the tables of a query.

An equality below NOT, OR or CASE also holds for rows that do not match, one with a column of the query around it joins
no tables of this query, and an anti join finds the rows without a match.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope


def is_join_condition(equality: exp.EQ, scope: Scope) -> bool:
    """Whether two columns of a query are equal in each row that it joins: a conjunct of WHERE, or of a join's ON."""
    if any(side.table and side.table not in scope.selected_sources for side in (equality.this, equality.expression)):
        return False
    node: exp.Expr = equality
    while isinstance(node.parent, (exp.And, exp.Paren)):
        node = node.parent
    clause = node.parent
    if isinstance(clause, exp.Join):
        return node.arg_key == "on" and not is_anti_join(clause) and not _tests_for_null(equality, clause, scope)
    return isinstance(clause, (exp.Where, exp.PreWhere)) and clause.parent is scope.expression


def is_anti_join(join: exp.Join) -> bool:
    """Whether a join returns the rows without a match."""
    return "ANTI" in (join.kind, join.side)


def _tests_for_null(equality: exp.EQ, join: exp.Join, scope: Scope) -> bool:
    """Whether an outer join's column is required to be null, so that the query returns the rows without a match."""
    if not join.side:
        return False
    compared = [side.sql().lower() for side in (equality.this, equality.expression)]
    where = scope.expression.args.get("where")
    return where is not None and any(column.sql().lower() in compared for column in _null_columns(where.this))


def _null_columns(condition: exp.Expr) -> Iterator[exp.Column]:
    for conjunct in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        test = conjunct.unnest()
        if isinstance(test, exp.And):
            yield from _null_columns(test)
        elif isinstance(test, exp.Is) and isinstance(test.expression, exp.Null) and isinstance(test.this, exp.Column):
            yield test.this
