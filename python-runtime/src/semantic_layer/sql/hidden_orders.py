"""Orders by aggregates that are not in the result, for Spark.

Spark does not resolve an aggregate in ORDER BY that is not selected if the query has HAVING. The aggregate becomes a
column of a subquery, which the outer query orders by and omits.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name

_WITH_PROBLEM = {"databricks"}


def select_hidden_orders(select: exp.Select, dialect: SqlDialect) -> exp.Select:
    """Return the query, in which ORDER BY has no aggregate if the dialect does not support it there."""
    order = select.args.get("order")
    if dialect.name not in _WITH_PROBLEM or not select.args.get("having") or order is None:
        return select
    hidden = [term for term in order.expressions if term.find(exp.AggFunc) and term.this not in _values(select)]
    if not hidden:
        return select
    used_names = {name.lower() for name in select.named_selects}
    outer = exp.Select().from_(exp.Table(this=dialect.identifier("ordered")), copy=False)
    outer = outer.select(*(dialect.column(name, "ordered") for name in select.named_selects), copy=False)
    for term in hidden:
        name = unique_name("order_value", used_names)
        used_names.add(name)
        select.select(exp.alias_(term.this.copy(), dialect.identifier(name)), copy=False)
        term.set("this", dialect.column(name, "ordered"))
    for part in ("order", "limit", "offset"):
        outer.set(part, select.args.get(part))
        select.set(part, None)
    alias = exp.TableAlias(this=dialect.identifier("ordered"))
    outer.set("from_", exp.From(this=select.subquery(alias=alias, copy=False)))
    return outer


def _values(select: exp.Select) -> list[exp.Expr]:
    return [projection.unalias() for projection in select.selects]
