"""Long lists of `IN`, in a form that does not exceed the limits of the database.

SQL Server compiles a list into a chain of comparisons and fails for some thousands of values; it reads a table of
values of any length. Snowflake has at most 16,384 elements in a list. The others take lists as they are.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect

_MAX_LENGTHS = {"tsql": 1_000, "snowflake": 16_384}
_NAMES = ("listed", "value")


def write_long_lists(condition: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Return a condition whose long lists the database accepts."""
    limit = _MAX_LENGTHS.get(dialect.name)
    if limit is None or all(len(item.expressions) <= limit for item in condition.find_all(exp.In)):
        return condition

    def write(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.In) or len(node.expressions) <= limit:
            return node
        return _table(node) if dialect.name == "tsql" else _parts(node, limit)

    return condition.transform(write)


def _table(membership: exp.Expr) -> exp.Expr:
    table, column = (exp.to_identifier(name) for name in _NAMES)
    rows = [exp.Tuple(expressions=[item.copy()]) for item in membership.expressions]
    values = exp.Values(expressions=rows, alias=exp.TableAlias(this=table, columns=[column]))
    query = exp.Select().select(exp.column(column.copy())).from_(values)
    return exp.In(this=membership.this.copy(), query=query.subquery())


def _parts(membership: exp.Expr, limit: int) -> exp.Expr:
    items = membership.expressions
    parts = [
        exp.In(this=membership.this.copy(), expressions=items[start : start + limit])
        for start in range(0, len(items), limit)
    ]
    return exp.paren(exp.or_(*parts), copy=False)
