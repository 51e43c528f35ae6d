"""Periods of a calendar table in a statement: each SELECT that reads one is joined with the row of its day.

The table has one row for each day, so that the join neither multiplies nor drops rows: a day that it lacks has the
period NULL.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.model.queries import TimeUnit
from semantic_layer.rows.calendar_source import KEY, CalendarSource
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name
from semantic_layer.times.calendar_tables import CalendarPeriod


def join_calendar(statement: exp.Expr, read: Callable[[], CalendarSource], dialect: SqlDialect) -> None:
    """Replace the periods of the calendar table in a statement by columns of joined relations."""
    joined: dict[tuple[int, exp.Expr], str] = {}
    for node in reversed(list(statement.find_all(CalendarPeriod))):  # those within another one are first
        select = node.find_ancestor(exp.Select)
        assert isinstance(select, exp.Select)  # noqa: S101
        identity = (id(select), node.copy())
        if identity not in joined:
            joined[identity] = _join(select, node, read(), dialect)
        node.replace(dialect.column(node.args["unit"], joined[identity]))


def _join(select: exp.Select, node: exp.Expr, calendar: CalendarSource, dialect: SqlDialect) -> str:
    key: TimeUnit = node.args.get("of") or "day"
    tables = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    name = unique_name("calendar", {table.alias_or_name.lower() for table in tables})
    alias = exp.TableAlias(this=dialect.identifier(name))
    table = calendar.periods_by(key, node.args["unit"]).subquery(alias=alias, copy=False)
    is_same = exp.EQ(this=dialect.column(KEY, name), expression=node.this.copy())
    select.join(exp.Join(this=table, side="LEFT", on=is_same), copy=False)
    return name
