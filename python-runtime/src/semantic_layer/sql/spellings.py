"""The spelling of each aggregate in a dialect that supports it.

An unsupported form is generated as an equivalent one; an exact aggregate is never replaced by an approximation. Results
that a dialect would round to little more than the digits of the argument are computed in double precision.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.sql.aggregate_dialects import ALL_DIALECTS
from semantic_layer.sql.aggregates import (
    aggregate_argument,
    require_argument_type,
    unsupported_error,
    unwrap_aggregate,
)
from semantic_layer.sql.dialects import SqlDialect, as_number
from semantic_layer.sql.expressions import is_not_null


def spell_aggregate(
    call: exp.Expr, dialect: SqlDialect, text: str, get_type: Callable[[exp.Expr], str | None]
) -> exp.Expr:
    """Return an aggregate in the dialect's spelling; `get_type` returns the declared type of a column.

    Raises SemanticError if the dialect does not support the aggregate for the type of its argument.
    """
    core = unwrap_aggregate(call)
    require_argument_type(call, core, dialect, text, get_type)
    spelling = _SPELLINGS.get(type(core))
    spelled = spelling(call, core, dialect, text) if spelling is not None else call
    if dialect.name not in _FULL_PRECISION.get(type(core), ALL_DIALECTS).split():
        _cast_to_double(spelled, core, get_type)
    return spelled


# --- digits ----------------------------------------------------------------------------------------------------------

_FULL_PRECISION_DEVIATION = "bigquery clickhouse databricks duckdb postgres trino tsql"
# The dialects whose result is exact, or at least as precise as double precision.
_FULL_PRECISION: dict[type[exp.Expr], str] = {
    exp.Avg: "clickhouse duckdb postgres sqlite",
    exp.Median: "databricks postgres",
    exp.PercentileCont: "databricks postgres",
    exp.Stddev: _FULL_PRECISION_DEVIATION,
    exp.StddevPop: _FULL_PRECISION_DEVIATION,
    exp.StddevSamp: _FULL_PRECISION_DEVIATION,
    exp.Variance: _FULL_PRECISION_DEVIATION,
    exp.VariancePop: _FULL_PRECISION_DEVIATION,
}
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Literal)


def _cast_to_double(call: exp.Expr, core: exp.Expr, get_type: Callable[[exp.Expr], str | None]) -> None:
    """Cast the argument to double precision; a median may also be one of times, which are not cast."""
    is_parameterized = isinstance(call, exp.ParameterizedAgg)
    value = call.args["params"][0] if is_parameterized else aggregate_argument(call, core)
    inner = value.args["ifs"][0].args["true"] if isinstance(value, exp.Case) else value
    if isinstance(core, exp.Avg) or isinstance(inner.unnest(), _ARITHMETIC) or get_type(inner) == "number":
        value.replace(exp.cast(value.copy(), "double"))


# --- spellings -------------------------------------------------------------------------------------------------------

_Spelling = Callable[[exp.Expr, exp.Expr, SqlDialect, str], exp.Expr]


def _spell_count_if(_call: exp.Expr, core: exp.Expr, _dialect: SqlDialect, _text: str) -> exp.Expr:
    """Generate COUNT, which is zero without rows; the SUM of some dialects would be NULL."""
    return exp.Count(this=exp.Case().when(core.this, exp.Literal.number(1)))


def _spell_approx_distinct(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    if dialect.name in ("mysql", "postgres", "sqlite"):
        return exp.Count(this=exp.Distinct(expressions=[core.this]))
    return exp.AnonymousAggFunc(this="APPROX_COUNT_DISTINCT", expressions=[core.this]) if _is_tsql(dialect) else call


def _spell_any_value(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    value = core.this
    if dialect.name == "postgres":  # ANY_VALUE requires version 16, and MIN does not support every type
        return first_non_null(value)
    return exp.Min(this=value) if dialect.name in ("mysql", "sqlite", "tsql") else call


def first_non_null(value: exp.Expr) -> exp.Expr:
    """Return the first non-null value of any type, for PostgreSQL."""
    has_value = exp.Where(this=is_not_null(value.copy()))
    values = exp.Filter(this=exp.ArrayAgg(this=value.copy()), expression=has_value)
    return exp.Bracket(this=exp.paren(values, copy=False), expressions=[exp.Literal.number(0)])


def _spell_boolean(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    extreme = exp.Min if isinstance(core, exp.LogicalAnd) else exp.Max
    if dialect.name == "clickhouse":
        return extreme(this=core.this)
    if not _is_tsql(dialect):
        return type(core)(this=core.this)  # sqlglot generates the dialect's name
    return extreme(this=as_number(core.this))


def _spell_deviation(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
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


def _spell_median(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Generate an exact median; that of ClickHouse is one of a random sample."""
    return _exact_quantile(exp.Literal.number("0.5"), core.this) if dialect.name == "clickhouse" else call


def _exact_quantile(level: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return ClickHouse's exact quantile, which interpolates like PERCENTILE_CONT."""
    return exp.ParameterizedAgg(this="quantileExactInclusive", expressions=[level], params=[value])


def _spell_percentile_cont(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str) -> exp.Expr:
    if dialect.name != "clickhouse":
        return _spell_percentile(call, core, dialect, text)
    if not isinstance(call, exp.WithinGroup):
        return _exact_quantile(core.expression, core.this)
    ordered = call.expression.expressions[0]
    level = core.this
    if ordered.args.get("desc"):
        level = exp.Sub(this=exp.Literal.number(1), expression=level)
    return _exact_quantile(level, ordered.this)


def _spell_percentile(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Generate `percentile_cont(0.9) WITHIN GROUP (ORDER BY x)`, which is exact in Databricks too."""
    if dialect.name != "databricks":
        return call
    if isinstance(call, exp.WithinGroup):
        exact = exp.AnonymousAggFunc(this=_exact_percentile_name(core), expressions=[core.this])
        return exp.WithinGroup(this=exact, expression=call.expression)
    exact = exp.AnonymousAggFunc(this=_exact_percentile_name(core), expressions=[core.expression])
    ordered = exp.Ordered(this=core.this, nulls_first=True)
    return exp.WithinGroup(this=exact, expression=exp.Order(expressions=[ordered]))


def _exact_percentile_name(core: exp.Expr) -> str:
    return "PERCENTILE_CONT" if isinstance(core, exp.PercentileCont) else "PERCENTILE_DISC"


def _spell_pair(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Generate a statistic of two values, which ClickHouse has for floating point only."""
    if dialect.name != "clickhouse":
        return call
    return type(core)(this=exp.cast(core.this, "double"), expression=exp.cast(core.expression, "double"))


def _spell_mode(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    is_grouped = isinstance(call, exp.WithinGroup)
    if dialect.name == "postgres":
        order = exp.Order(expressions=[exp.Ordered(this=core.this.copy() if core.this else None)])
        return call if is_grouped else exp.WithinGroup(this=exp.Mode(), expression=order)
    return exp.Mode(this=call.expression.expressions[0].this) if is_grouped else call


def _spell_group_concat(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str) -> exp.Expr:
    order, distinct = core.find(exp.Order), core.find(exp.Distinct)
    if dialect.name == "tsql" and distinct is not None:
        raise unsupported_error(core, dialect, text, " with DISTINCT")
    if dialect.name == "sqlite" and distinct is not None and core.args.get("separator") is not None:
        if core.args["separator"].name != ",":
            raise unsupported_error(core, dialect, text, " with DISTINCT and a separator")
        core.set("separator", None)
    if dialect.name == "snowflake" and core.args.get("separator") is None:
        core.set("separator", exp.Literal.string(","))  # of GROUP_CONCAT; LISTAGG is parsed with an empty one
    if isinstance(call, exp.WithinGroup):
        return call
    if dialect.name == "redshift" and order is not None:
        order.replace(order.this)
        return exp.WithinGroup(this=core, expression=exp.Order(expressions=order.expressions))
    if dialect.name == "trino" and order is None:  # requires an order
        value = distinct.expressions[0] if distinct is not None else core.this
        return exp.WithinGroup(this=core, expression=exp.Order(expressions=[exp.Ordered(this=value.copy())]))
    return call


def _spell_json_object(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, _text: str) -> exp.Expr:
    """Generate `json_objectagg(k: v)` in the form that all versions of PostgreSQL support."""
    pair = core.find(exp.JSONKeyValue)
    if dialect.name != "postgres" or pair is None:
        return call
    return exp.AnonymousAggFunc(this="JSON_OBJECT_AGG", expressions=[pair.this, pair.expression])


def _is_tsql(dialect: SqlDialect) -> bool:
    return dialect.name == "tsql"


_SPELLINGS: dict[type[exp.Expr], _Spelling] = {
    exp.CountIf: _spell_count_if,
    exp.ApproxDistinct: _spell_approx_distinct,
    exp.AnyValue: _spell_any_value,
    exp.LogicalAnd: _spell_boolean,
    exp.LogicalOr: _spell_boolean,
    exp.Stddev: _spell_deviation,
    exp.StddevPop: _spell_deviation,
    exp.StddevSamp: _spell_deviation,
    exp.Variance: _spell_deviation,
    exp.VariancePop: _spell_deviation,
    exp.Corr: _spell_pair,
    exp.CovarPop: _spell_pair,
    exp.CovarSamp: _spell_pair,
    exp.Median: _spell_median,
    exp.PercentileCont: _spell_percentile_cont,
    exp.PercentileDisc: _spell_percentile,
    exp.Mode: _spell_mode,
    exp.GroupConcat: _spell_group_concat,
    exp.JSONObjectAgg: _spell_json_object,
}
