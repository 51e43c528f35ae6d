"""The spelling of each aggregate in a dialect that has it.

A form that a dialect lacks is written in one that it has and that means the same; an approximation never takes the
place of an exact aggregate. No digits are lost: what a dialect would round to a few digits behind those of its argument
is computed in double precision.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.aggregates import ALL_DIALECTS, argument_of, core_of, lacks, require_kind
from semantic_layer.dialects import SqlDialect, as_number


def spell(call: exp.Expr, dialect: SqlDialect, text: str, kind_of: Callable[[exp.Expr], str | None]) -> exp.Expr:
    """Return an aggregate that the dialect has as it is spelled there; `kind_of` gives the declared type of a column.

    Raises SemanticError for one that is not there for the type of its argument.
    """
    core = core_of(call)
    require_kind(call, core, dialect, text, kind_of)
    spelling = _SPELLINGS.get(type(core))
    spelled = spelling(call, core, dialect, text) if spelling is not None else call
    if dialect.name not in _UNROUNDED.get(type(core), ALL_DIALECTS).split():
        _keep_digits(spelled, core, kind_of)
    return spelled


# --- digits ----------------------------------------------------------------------------------------------------------

_UNROUNDED_DEVIATION = "bigquery clickhouse databricks duckdb postgres trino tsql"
# The dialects whose result has all its digits, or at least as many as double precision has.
_UNROUNDED: dict[type[exp.Expr], str] = {
    exp.Avg: "clickhouse duckdb postgres sqlite",
    exp.Median: "clickhouse databricks postgres",
    exp.PercentileCont: "databricks postgres",
    exp.Stddev: _UNROUNDED_DEVIATION,
    exp.StddevPop: _UNROUNDED_DEVIATION,
    exp.StddevSamp: _UNROUNDED_DEVIATION,
    exp.Variance: _UNROUNDED_DEVIATION,
    exp.VariancePop: _UNROUNDED_DEVIATION,
}
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Literal)


def _keep_digits(call: exp.Expr, core: exp.Expr, kind_of: Callable[[exp.Expr], str | None]) -> None:
    """Compute in double precision. A median may be one of times, too."""
    value = argument_of(call, core)
    inner = value.args["ifs"][0].args["true"] if isinstance(value, exp.Case) else value
    if isinstance(core, exp.Avg) or isinstance(inner.unnest(), _ARITHMETIC) or kind_of(inner) == "number":
        value.replace(exp.cast(value.copy(), "double"))


# --- spellings -------------------------------------------------------------------------------------------------------

_Spelling = Callable[[exp.Expr, exp.Expr, SqlDialect, str], exp.Expr]


def _count_if(_call: exp.Expr, core: exp.Expr, _dialect: SqlDialect, _text: str) -> exp.Expr:
    """Count, so that no rows give zero; the sum that some dialects have instead gives NULL."""
    return exp.Count(this=exp.Case().when(core.this, exp.Literal.number(1)))


def _approx_distinct(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    if dialect.name in ("mysql", "postgres", "sqlite"):
        return exp.Count(this=exp.Distinct(expressions=[core.this]))
    return exp.AnonymousAggFunc(this="APPROX_COUNT_DISTINCT", expressions=[core.this]) if _is_tsql(dialect) else call


def _any_value(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    value = core.this
    if dialect.name == "postgres":  # has ANY_VALUE since version 16, and MIN not for every type
        return first_of_all(value)
    return exp.Min(this=value) if dialect.name in ("mysql", "sqlite", "tsql") else call


def first_of_all(value: exp.Expr) -> exp.Expr:
    """Return the first value of PostgreSQL's that is not NULL, of any type."""
    is_there = exp.Where(this=exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null())))
    values = exp.Filter(this=exp.ArrayAgg(this=value.copy()), expression=is_there)
    return exp.Bracket(this=exp.paren(values, copy=False), expressions=[exp.Literal.number(0)])


def _truth(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    extreme = exp.Min if isinstance(core, exp.LogicalAnd) else exp.Max
    if dialect.name == "clickhouse":
        return extreme(this=core.this)
    if not _is_tsql(dialect):
        return type(core)(this=core.this)  # under the name that the dialect has for it
    return extreme(this=as_number(core.this))


def _deviation(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    if dialect.name == "clickhouse":
        return call
    names: dict[type[exp.Expr], str] = {
        exp.Stddev: "STDEV",
        exp.StddevSamp: "STDEV",
        exp.StddevPop: "STDEVP",
        exp.Variance: "VAR",
    }
    if _is_tsql(dialect):
        return exp.AnonymousAggFunc(this=names.get(type(core), "VARP"), expressions=[core.this])
    return type(core)(this=core.this)


def _percentile(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Write `percentile_cont(0.9) WITHIN GROUP (ORDER BY x)`; Databricks has that as well, and not approximately."""
    if dialect.name != "databricks":
        return call
    if isinstance(call, exp.WithinGroup):
        exact = exp.AnonymousAggFunc(this=_exact_name(core), expressions=[core.this])
        return exp.WithinGroup(this=exact, expression=call.expression)
    exact = exp.AnonymousAggFunc(this=_exact_name(core), expressions=[core.expression])
    ordered = exp.Ordered(this=core.this, nulls_first=True)
    return exp.WithinGroup(this=exact, expression=exp.Order(expressions=[ordered]))


def _exact_name(core: exp.Expr) -> str:
    return "PERCENTILE_CONT" if isinstance(core, exp.PercentileCont) else "PERCENTILE_DISC"


def _mode(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    is_grouped = isinstance(call, exp.WithinGroup)
    if dialect.name == "postgres":
        by = exp.Order(expressions=[exp.Ordered(this=core.this.copy() if core.this else None)])
        return call if is_grouped else exp.WithinGroup(this=exp.Mode(), expression=by)
    return exp.Mode(this=call.expression.expressions[0].this) if is_grouped else call


def _group_concat(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str) -> exp.Expr:
    order, distinct = core.find(exp.Order), core.find(exp.Distinct)
    if dialect.name == "tsql" and distinct is not None:
        raise lacks(core, dialect, text, " with DISTINCT")
    if dialect.name == "sqlite" and distinct is not None and core.args.get("separator") is not None:
        if core.args["separator"].name != ",":
            raise lacks(core, dialect, text, " with DISTINCT and a separator")
        core.set("separator", None)
    if isinstance(call, exp.WithinGroup):
        return call
    if dialect.name == "redshift" and order is not None:
        order.replace(order.this)
        return exp.WithinGroup(this=core, expression=exp.Order(expressions=order.expressions))
    if dialect.name == "trino" and order is None:  # which cannot do without an order
        value = distinct.expressions[0] if distinct is not None else core.this
        return exp.WithinGroup(this=core, expression=exp.Order(expressions=[exp.Ordered(this=value.copy())]))
    return call


def _json_object(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Write `json_objectagg(k: v)` in the form of every version of PostgreSQL."""
    pair = core.find(exp.JSONKeyValue)
    if dialect.name != "postgres" or pair is None:
        return call
    return exp.AnonymousAggFunc(this="JSON_OBJECT_AGG", expressions=[pair.this, pair.expression])


def _is_tsql(dialect: SqlDialect) -> bool:
    return dialect.name == "tsql"


_SPELLINGS: dict[type[exp.Expr], _Spelling] = {
    exp.CountIf: _count_if,
    exp.ApproxDistinct: _approx_distinct,
    exp.AnyValue: _any_value,
    exp.LogicalAnd: _truth,
    exp.LogicalOr: _truth,
    exp.Stddev: _deviation,
    exp.StddevPop: _deviation,
    exp.StddevSamp: _deviation,
    exp.Variance: _deviation,
    exp.VariancePop: _deviation,
    exp.PercentileCont: _percentile,
    exp.PercentileDisc: _percentile,
    exp.Mode: _mode,
    exp.GroupConcat: _group_concat,
    exp.JSONObjectAgg: _json_object,
}
