"""Checks whether a dialect supports an aggregate, and alternatives for those that it lacks."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.sql.aggregate_dialects import COMMON_NAMES, DIALECTS_BY_AGGREGATE
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.sql.expressions import expression_error

_DEFAULT_ADVICE = "write it into the `sql` of a source"
_APPROXIMATE_PERCENTILES = {
    "bigquery": "approx_quantiles(x, 100)[offset(50)]",
    "clickhouse": "quantile(0.5)(x)",
    "trino": "approx_percentile(x, 0.5)",
}
_EXACT_PERCENTILE = "percentile_cont(0.5) within group (order by x)"
_LOW_MEDIAN = "quantileExactLow(0.5)(x)"
_ARRAYS = {
    "mysql": "json_arrayagg(x)",
    "redshift": "listagg(x, ',')",
    "sqlite": "json_group_array(x)",
    "tsql": "string_agg(x, ',')",
}
_VALUE_OF_ROW = {"clickhouse": "any(x)"} | dict.fromkeys(("bigquery", "snowflake", "trino"), "max_by(x, y)")
_SETS = {"clickhouse": "groupUniqArray(x)"} | dict.fromkeys(SUPPORTED, "array_agg(distinct x)")
_JSON = {
    "duckdb": "json_group_array(x)",
    "mysql": "json_arrayagg(x)",
    "redshift": "listagg(x, ',')",
    "snowflake": "array_agg(x)",
    "trino": "array_agg(x)",
    "databricks": "collect_list(x)",
    "bigquery": "array_agg(x)",
    "clickhouse": "groupArray(x)",
}
# Alternatives by dialect.
_ALTERNATIVES: dict[type[exp.Expr], dict[str, str]] = {
    exp.Median: _APPROXIMATE_PERCENTILES,
    exp.PercentileCont: _APPROXIMATE_PERCENTILES,
    exp.PercentileDisc: _APPROXIMATE_PERCENTILES | {"clickhouse": _LOW_MEDIAN},
    exp.Quantile: _APPROXIMATE_PERCENTILES | dict.fromkeys(("postgres", "redshift", "snowflake"), _EXACT_PERCENTILE),
    exp.ApproxQuantile: _APPROXIMATE_PERCENTILES | {"postgres": _EXACT_PERCENTILE},
    exp.ArrayAgg: _ARRAYS,
    exp.ArrayUniqueAgg: {name: text for name, text in _SETS.items() if name not in _ARRAYS} | _ARRAYS,
    exp.JSONArrayAgg: _JSON,
    exp.First: _VALUE_OF_ROW | {"postgres": "min(x)"},
    exp.Last: _VALUE_OF_ROW | {"postgres": "max(x)"},
    exp.FirstValue: _VALUE_OF_ROW | {"duckdb": "first(x order by y)"},
    exp.LastValue: _VALUE_OF_ROW | {"duckdb": "last(x order by y)"},
    exp.Hll: dict.fromkeys(SUPPORTED, "approx_count_distinct(x)"),
}
_WINDOW_FUNCTIONS = (
    exp.CumeDist,
    exp.DenseRank,
    exp.Lag,
    exp.Lead,
    exp.NthValue,
    exp.Ntile,
    exp.PercentRank,
    exp.Rank,
)
_WITH_MULTI_COLUMN_DISTINCT = "clickhouse databricks duckdb mysql postgres snowflake trino"
_DIALECTS_WITH_ORDER: dict[type[exp.Expr], str] = {
    exp.ArrayAgg: "bigquery duckdb postgres snowflake trino",
    exp.GroupConcat: "bigquery databricks duckdb mysql postgres redshift snowflake trino tsql",
}
_DIALECTS_WITH_ANY_ORDER = "duckdb postgres"
_PLAIN_AGGREGATES = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Sum)  # ORDER BY wraps their argument
_WITHIN_GROUP = (exp.PercentileCont, exp.PercentileDisc, exp.Mode, exp.GroupConcat, exp.ArrayAgg)
_WITH_NULL_TREATMENT = "bigquery clickhouse databricks redshift snowflake trino"
_WITHOUT_BOOLEAN_MIN_MAX = "postgres redshift tsql"
_WITH_TIME_MEDIAN = "duckdb redshift"


def supported_aggregates(dialect: SqlDialect) -> list[type[exp.Func]]:
    """Return the aggregates that the dialect supports."""
    return [
        kind
        for kind, names in DIALECTS_BY_AGGREGATE.items()
        if issubclass(kind, exp.Func) and dialect.name in names.split()
    ]


def require_aggregate(call: exp.Expr, dialect: SqlDialect, text: str) -> None:
    """Raise SemanticError for an aggregate, or a form of it, that the dialect does not support."""
    core = unwrap_aggregate(call)
    if isinstance(core, _WINDOW_FUNCTIONS):
        raise expression_error(
            text, f"uses {_aggregate_name(core)}, which is a window function, not an aggregate; {_DEFAULT_ADVICE}"
        )
    if dialect.name not in DIALECTS_BY_AGGREGATE.get(type(core), "").split():
        raise unsupported_error(core, dialect, text)
    _require_form(call, core, dialect, text)


def unwrap_aggregate(call: exp.Expr) -> exp.Expr:
    """Return the aggregate inside of wrappers such as WITHIN GROUP."""
    while not isinstance(call, exp.AggFunc):
        call = call.this
    return call


def _aggregate_name(core: exp.Expr) -> str:
    name = str(core.meta.get("name") or core.sql_name()) if isinstance(core, exp.Func) else core.key
    return name.lower().replace("j_s_o_n", "json")


def unsupported_error(core: exp.Expr, dialect: SqlDialect, text: str, what: str = "") -> SemanticError:
    """Return the error for an aggregate, or for its clause `what`, that the dialect does not support."""
    hint = _DEFAULT_ADVICE if what else _advice_for(core, dialect)
    return expression_error(
        text, f"uses {_aggregate_name(core)}{what}, which {dialect.name} does not have as an aggregate; {hint}"
    )


def find_alternative(tree: exp.Expr, dialect: SqlDialect) -> str | None:
    """Return the alternative for the first unsupported aggregate of an expression, or None."""
    missing = (
        call
        for call in tree.find_all(exp.AggFunc)
        if dialect.name not in DIALECTS_BY_AGGREGATE.get(type(call), "").split()
    )
    return next((_advice_for(call, dialect) for call in missing), None)


def _advice_for(core: exp.Expr, dialect: SqlDialect) -> str:
    alternative = _ALTERNATIVES.get(type(core), {}).get(dialect.name)
    if alternative:
        return f"write {alternative}"
    names = [name for name, kind in COMMON_NAMES.items() if dialect.name in DIALECTS_BY_AGGREGATE[kind].split()]
    return f"it has {', '.join(names)}; or {_DEFAULT_ADVICE}"


def _require_form(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str) -> None:
    """Raise SemanticError for unsupported clauses of an aggregate: orders, several arguments, treatment of NULL."""
    distinct = core.this if isinstance(core.this, exp.Distinct) else None
    if (distinct is not None and not distinct.expressions) or (isinstance(core, (exp.Min, exp.Max)) and not core.this):
        raise expression_error(
            text, f"gives {_aggregate_name(core)} no argument; write a column, such as orders.amount"
        )
    several = distinct is not None and len(distinct.expressions) > 1 and isinstance(core, exp.Count)
    if several and dialect.name not in _WITH_MULTI_COLUMN_DISTINCT.split():
        hint = "concatenate them, as in count(distinct concat(x, y))"
        raise expression_error(text, f"counts several columns, which {dialect.name} does not support; {hint}")
    if distinct is not None and isinstance(core, exp.CountIf):
        raise expression_error(text, "counts a condition with DISTINCT; write count(distinct case when … then x end)")
    ordered = _DIALECTS_WITH_ORDER.get(type(core), _DIALECTS_WITH_ANY_ORDER).split()
    is_ordered = (
        isinstance(core.this, exp.Order) if isinstance(core, _PLAIN_AGGREGATES) else core.find(exp.Order) is not None
    )
    if is_ordered and dialect.name not in ordered:
        raise unsupported_error(core, dialect, text, " with ORDER BY")
    if isinstance(call, exp.WithinGroup) and not isinstance(core, _WITHIN_GROUP):
        raise unsupported_error(core, dialect, text, " with WITHIN GROUP")
    has_null_treatment = isinstance(call, (exp.IgnoreNulls, exp.RespectNulls)) and not isinstance(core, exp.AnyValue)
    if has_null_treatment and dialect.name not in _WITH_NULL_TREATMENT.split():
        raise unsupported_error(core, dialect, text, " with IGNORE or RESPECT NULLS")
    if isinstance(core, (exp.Min, exp.Max)) and (core.expressions or core.args.get("count")):
        raise expression_error(
            text, f"gives {_aggregate_name(core)} several arguments; write greatest or least inside of it"
        )
    if isinstance(core, (exp.ArgMin, exp.ArgMax)) and core.args.get("count"):
        raise expression_error(text, f"gives {_aggregate_name(core)} a count, which makes it a list; leave it out")


def require_argument_type(
    call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str, get_type: Callable[[exp.Expr], str | None]
) -> None:
    """Raise SemanticError for MIN and MAX of booleans and medians of times where the dialect does not support them."""
    is_extreme, is_median = isinstance(core, (exp.Min, exp.Max)), isinstance(core, (exp.Median, exp.PercentileCont))
    kind = get_type(aggregate_argument(call, core)) if is_extreme or is_median else None
    if is_extreme and kind == "boolean" and dialect.name in _WITHOUT_BOOLEAN_MIN_MAX.split():
        alternative = "bool_and" if isinstance(core, exp.Min) else "bool_or"
        raise expression_error(
            text, f"uses {_aggregate_name(core)} of a boolean, which {dialect.name} does not have; write {alternative}"
        )
    if is_median and kind == "time" and dialect.name not in _WITH_TIME_MEDIAN.split():
        is_clickhouse = dialect.name == "clickhouse"
        alternative = _LOW_MEDIAN if is_clickhouse else "percentile_disc(0.5) within group (order by x)"
        raise expression_error(
            text, f"uses {_aggregate_name(core)} of a time, which {dialect.name} does not have; write {alternative}"
        )


def aggregate_argument(call: exp.Expr, core: exp.Expr) -> exp.Expr:
    """Return the aggregated expression."""
    value = call.expression.expressions[0].this if isinstance(call, exp.WithinGroup) else core.this
    value = value.expressions[0] if isinstance(value, exp.Distinct) else value
    assert isinstance(value, exp.Expr)  # noqa: S101
    return value
