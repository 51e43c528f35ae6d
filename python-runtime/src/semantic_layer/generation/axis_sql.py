"""SQL of the periods of a query: their range, and one row for each of them."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from semantic_layer.generation.facts import Axis, Context, FactSql
from semantic_layer.planning import plan as plans
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.statements import Ctes, aliased, concatenate
from semantic_layer.times.calendar_tables import is_of_table
from semantic_layer.times.spine import needs_recursive, spine
from semantic_layer.times.truncation import truncate


def write_axis(axis: plans.Axis, context: Context, ctes: Ctes) -> Context:
    """Add the relations of the range and of the periods, and return a context that has them.

    The range of periods of a calendar table has days, of which the periods are listed.
    """
    calendar, dialect = context.calendar, context.dialect
    is_listed = is_of_table(axis.unit, calendar)
    bounds = ctes.add("bounds", _bounds(replace(axis, unit="day") if is_listed else axis, context))
    name = ctes.name("periods")
    if is_listed:
        ctes.put(name, context.read_calendar().periods_between(bounds, axis.unit))
    else:
        is_recursive = needs_recursive(dialect, axis.unit)
        ctes.put(name, spine(bounds, axis.unit, dialect, name, calendar), is_recursive=is_recursive)
    return replace(context, axis=Axis(name, bounds))


def _bounds(axis: plans.Axis, context: Context) -> exp.Select:
    """Return one row with the first and the last period: those of the filters, or else of the rows of all facts."""
    dialect = context.dialect
    low, high = _period(axis.low, axis, context), _period(axis.high, axis, context)
    select = exp.Select()
    if low is None or high is None:
        ranges = exp.TableAlias(this=dialect.identifier("ranges"))
        select = select.from_(_ranges(axis, context).subquery(alias=ranges, copy=False), copy=False)
        low = low or _extreme(exp.Min, dialect.column("low", "ranges"), dialect)
        high = high or _extreme(exp.Max, dialect.column("high", "ranges"), dialect)
    return select.select(aliased(low, "low", dialect), aliased(high, "high", dialect), copy=False)


def _ranges(axis: plans.Axis, context: Context) -> exp.Query:
    """Return the first and the last period of the rows of each fact."""
    dialect = context.dialect

    def of_fact(fact: plans.Fact) -> exp.Query:
        rows = FactSql(fact, context)
        assert fact.time is not None  # noqa: S101
        period = truncate(rows.write_value(fact.time), axis.unit, dialect, context.calendar)
        first, last = _extreme(exp.Min, period, dialect), _extreme(exp.Max, period.copy(), dialect)
        return rows.rows.select(aliased(first, "low", dialect), aliased(last, "high", dialect), copy=False)

    return concatenate(map(of_fact, axis.facts))


def _extreme(kind: type[exp.Min | exp.Max], value: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Return the first or the last value; NULL without rows, where ClickHouse has 1970."""
    if dialect.name == "clickhouse":
        return exp.Anonymous(this=f"{kind.key}OrNull", expressions=[value])
    return kind(this=value)


def _period(value: exp.Expr | None, axis: plans.Axis, context: Context) -> exp.Expr | None:
    """Return the period of a bound; a text is read as a time."""
    if value is None:
        return None
    time = exp.cast(value.copy(), "timestamp") if isinstance(value, exp.Literal) else value.copy()
    return truncate(time, axis.unit, context.dialect, context.calendar)
