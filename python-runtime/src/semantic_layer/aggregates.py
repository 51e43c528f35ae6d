"""The aggregates of each dialect. One that a dialect lacks is refused, with an alternative."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from semantic_layer.dialects import SUPPORTED, SqlDialect
from semantic_layer.errors import SemanticError
from semantic_layer.expressions import invalid

ALL_DIALECTS = " ".join(SUPPORTED)
_STATISTICS = "bigquery clickhouse databricks duckdb postgres snowflake trino"
_REGRESSION = "databricks duckdb postgres snowflake"

# The dialects of each aggregate, as it is spelled by `_SPELLINGS` or by sqlglot.
_HAS: dict[type[exp.Expr], str] = {
    exp.Count: ALL_DIALECTS,
    exp.CountIf: ALL_DIALECTS,
    exp.Sum: ALL_DIALECTS,
    exp.Avg: ALL_DIALECTS,
    exp.Min: ALL_DIALECTS,
    exp.Max: ALL_DIALECTS,
    exp.ApproxDistinct: ALL_DIALECTS,
    exp.AnyValue: ALL_DIALECTS,
    exp.LogicalAnd: ALL_DIALECTS,
    exp.LogicalOr: ALL_DIALECTS,
    exp.GroupConcat: ALL_DIALECTS,
    exp.BoolxorAgg: "snowflake",
    exp.Median: "clickhouse databricks duckdb postgres redshift snowflake",
    exp.PercentileCont: "databricks duckdb postgres redshift snowflake",
    exp.PercentileDisc: "databricks duckdb postgres snowflake",
    exp.Quantile: "clickhouse databricks duckdb",
    exp.ApproxQuantile: "databricks duckdb redshift snowflake trino",
    exp.ApproxQuantiles: "bigquery duckdb",
    exp.Stddev: ALL_DIALECTS.replace("sqlite", ""),
    exp.StddevPop: ALL_DIALECTS.replace("sqlite", ""),
    exp.StddevSamp: ALL_DIALECTS.replace("sqlite", ""),
    exp.Variance: ALL_DIALECTS.replace("sqlite", ""),
    exp.VariancePop: ALL_DIALECTS.replace("sqlite", ""),
    exp.Corr: _STATISTICS,
    exp.CovarPop: _STATISTICS,
    exp.CovarSamp: _STATISTICS,
    exp.RegrSlope: _REGRESSION + " trino",
    exp.RegrIntercept: _REGRESSION + " trino",
    exp.RegrAvgx: _REGRESSION,
    exp.RegrAvgy: _REGRESSION,
    exp.RegrCount: _REGRESSION,
    exp.RegrR2: _REGRESSION,
    exp.RegrSxx: _REGRESSION,
    exp.RegrSxy: _REGRESSION,
    exp.RegrSyy: _REGRESSION,
    exp.RegrValx: "snowflake",
    exp.RegrValy: "snowflake",
    exp.Skewness: "databricks duckdb snowflake trino",
    exp.Kurtosis: "databricks duckdb snowflake trino",
    exp.ArgMax: "bigquery clickhouse databricks duckdb snowflake trino",
    exp.ArgMin: "bigquery clickhouse databricks duckdb snowflake trino",
    exp.Mode: "databricks duckdb postgres snowflake",
    exp.First: "databricks duckdb",
    exp.Last: "databricks duckdb",
    exp.FirstValue: "clickhouse databricks",
    exp.LastValue: "clickhouse databricks",
    exp.ArrayAgg: "bigquery clickhouse databricks duckdb postgres snowflake trino",
    exp.ArrayUniqueAgg: "databricks snowflake",
    exp.ArrayUnionAgg: "snowflake",
    exp.ArrayConcatAgg: "bigquery",
    exp.JSONArrayAgg: "postgres sqlite tsql",
    exp.JSONObjectAgg: "duckdb mysql postgres sqlite tsql",
    exp.JSONBObjectAgg: "postgres",
    exp.ObjectAgg: "snowflake",
    exp.BitwiseAndAgg: "bigquery databricks duckdb mysql postgres redshift snowflake",
    exp.BitwiseOrAgg: "bigquery databricks duckdb mysql postgres redshift snowflake",
    exp.BitwiseXorAgg: "bigquery databricks duckdb mysql postgres snowflake",
    exp.Hll: "redshift snowflake",
    exp.HashAgg: "snowflake",
    exp.ApproxTopK: "bigquery databricks snowflake",
    exp.ApproxTopSum: "bigquery",
    exp.AnonymousAggFunc: ALL_DIALECTS,  # only read where the dialect has it
    exp.CombinedAggFunc: "clickhouse",
    exp.ParameterizedAgg: "clickhouse",
    exp.CombinedParameterizedAgg: "clickhouse",
}

_OTHERWISE = "write it into the `sql` of a source"
_APPROXIMATELY = {
    "bigquery": "approx_quantiles(x, 100)[offset(50)]",
    "clickhouse": "quantile(0.5)(x)",
    "trino": "approx_percentile(x, 0.5)",
}
_EXACTLY = "percentile_cont(0.5) within group (order by x)"
_ARRAYS = {
    "mysql": "json_arrayagg(x)",
    "redshift": "listagg(x, ',')",
    "sqlite": "json_group_array(x)",
    "tsql": "string_agg(x, ',')",
}
_BY_ROW = {"clickhouse": "any(x)"} | dict.fromkeys(("bigquery", "snowflake", "trino"), "max_by(x, y)")
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
# What to write instead, by dialect.
_INSTEAD: dict[type[exp.Expr], dict[str, str]] = {
    exp.Median: _APPROXIMATELY,
    exp.PercentileCont: _APPROXIMATELY,
    exp.PercentileDisc: _APPROXIMATELY,
    exp.Quantile: _APPROXIMATELY | dict.fromkeys(("postgres", "redshift", "snowflake"), _EXACTLY),
    exp.ApproxQuantile: _APPROXIMATELY | {"postgres": _EXACTLY},
    exp.ArrayAgg: _ARRAYS,
    exp.ArrayUniqueAgg: {name: text for name, text in _SETS.items() if name not in _ARRAYS} | _ARRAYS,
    exp.JSONArrayAgg: _JSON,
    exp.First: _BY_ROW | {"postgres": "min(x)"},
    exp.Last: _BY_ROW | {"postgres": "max(x)"},
    exp.FirstValue: _BY_ROW | {"duckdb": "first(x order by y)"},
    exp.LastValue: _BY_ROW | {"duckdb": "last(x order by y)"},
    exp.Hll: dict.fromkeys(SUPPORTED, "approx_count_distinct(x)"),
}
_OVER_ROWS = (
    exp.CumeDist,
    exp.DenseRank,
    exp.Lag,
    exp.Lead,
    exp.NthValue,
    exp.Ntile,
    exp.PercentRank,
    exp.Rank,
)
_SEVERAL_DISTINCT = "clickhouse databricks duckdb mysql postgres snowflake trino"
_ORDERED: dict[type[exp.Expr], str] = {
    exp.ArrayAgg: "bigquery duckdb postgres snowflake trino",
    exp.GroupConcat: "bigquery databricks duckdb mysql postgres redshift snowflake trino tsql",
}
_ORDERED_ANY = "duckdb postgres"
_PLAIN = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Sum)  # whose order, if there is one, is around the argument
_WITHIN_GROUP = (exp.PercentileCont, exp.PercentileDisc, exp.Mode, exp.GroupConcat, exp.ArrayAgg)
_IGNORING_NULLS = "bigquery clickhouse databricks redshift snowflake trino"
_WITHOUT_EXTREMES_OF_TRUTHS = "postgres redshift tsql"
_MEDIANS_OF_TIMES = "clickhouse duckdb redshift"


def aggregates_of(dialect: SqlDialect) -> list[type[exp.Func]]:
    """Return the aggregates that the dialect has."""
    return [kind for kind, names in _HAS.items() if issubclass(kind, exp.Func) and dialect.name in names.split()]


def require_aggregate(call: exp.Expr, dialect: SqlDialect, text: str) -> None:
    """Refuse an aggregate that the dialect lacks, or a form of it. Raises SemanticError."""
    core = core_of(call)
    if isinstance(core, _OVER_ROWS):
        raise invalid(text, f"uses {_name(core)}, which is a window function and no aggregate; {_OTHERWISE}")
    if dialect.name not in _HAS.get(type(core), "").split():
        raise lacks(core, dialect, text)
    _require_form(call, core, dialect, text)


def core_of(call: exp.Expr) -> exp.Expr:
    """Return the aggregate without what stands around it, such as WITHIN GROUP."""
    while not isinstance(call, exp.AggFunc):
        call = call.this
    return call


def _name(core: exp.Expr) -> str:
    name = str(core.meta.get("name") or core.sql_name()) if isinstance(core, exp.Func) else core.key
    return name.lower().replace("j_s_o_n", "json")


def lacks(core: exp.Expr, dialect: SqlDialect, text: str, what: str = "") -> SemanticError:
    """Make the error for an aggregate, or for what stands with it, that the dialect does not have."""
    hint = _OTHERWISE if what else _instead_of(core, dialect)
    return invalid(text, f"uses {_name(core)}{what}, which {dialect.name} does not have as an aggregate; {hint}")


def lacked(tree: exp.Expr, dialect: SqlDialect) -> str | None:
    """Say what to write instead where the dialect lacks an aggregate of an expression."""
    missing = (call for call in tree.find_all(exp.AggFunc) if dialect.name not in _HAS.get(type(call), "").split())
    return next((_instead_of(call, dialect) for call in missing), None)


def _instead_of(core: exp.Expr, dialect: SqlDialect) -> str:
    instead = _INSTEAD.get(type(core), {}).get(dialect.name)
    return f"write {instead}" if instead else _OTHERWISE


def _require_form(call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str) -> None:
    """Refuse what the dialect does not have beside the aggregate: orders, several arguments, NULLs to be ignored."""
    distinct = core.this if isinstance(core.this, exp.Distinct) else None
    several = distinct is not None and len(distinct.expressions) > 1 and isinstance(core, exp.Count)
    if several and dialect.name not in _SEVERAL_DISTINCT.split():
        why = f"counts several columns, which {dialect.name} cannot; join them, as in count(distinct concat(x, y))"
        raise invalid(text, why)
    if distinct is not None and isinstance(core, exp.CountIf):
        raise invalid(text, "counts a condition with DISTINCT; write count(distinct case when … then x end)")
    ordered = _ORDERED.get(type(core), _ORDERED_ANY).split()
    is_ordered = isinstance(core.this, exp.Order) if isinstance(core, _PLAIN) else core.find(exp.Order) is not None
    if is_ordered and dialect.name not in ordered:
        raise lacks(core, dialect, text, " with ORDER BY")
    if isinstance(call, exp.WithinGroup) and not isinstance(core, _WITHIN_GROUP):
        raise lacks(core, dialect, text, " with WITHIN GROUP")
    about_nulls = isinstance(call, (exp.IgnoreNulls, exp.RespectNulls)) and not isinstance(core, exp.AnyValue)
    if about_nulls and dialect.name not in _IGNORING_NULLS.split():
        raise lacks(core, dialect, text, " with IGNORE or RESPECT NULLS")
    if isinstance(core, (exp.Min, exp.Max)) and (core.expressions or core.args.get("count")):
        raise invalid(text, f"gives {_name(core)} several arguments; write greatest or least within one of them")
    if isinstance(core, (exp.ArgMin, exp.ArgMax)) and core.args.get("count"):
        raise invalid(text, f"gives {_name(core)} a count, so that it is a list and no value; leave it out")


def require_kind(
    call: exp.Expr, core: exp.Expr, dialect: SqlDialect, text: str, kind_of: Callable[[exp.Expr], str | None]
) -> None:
    """Refuse the least of truths and the middle of times where there is none. Raises SemanticError."""
    is_extreme, is_middle = isinstance(core, (exp.Min, exp.Max)), isinstance(core, (exp.Median, exp.PercentileCont))
    kind = kind_of(argument_of(call, core)) if is_extreme or is_middle else None
    if is_extreme and kind == "boolean" and dialect.name in _WITHOUT_EXTREMES_OF_TRUTHS.split():
        instead = "bool_and" if isinstance(core, exp.Min) else "bool_or"
        raise invalid(text, f"uses {_name(core)} of a boolean, which {dialect.name} does not have; write {instead}")
    if is_middle and kind == "time" and dialect.name not in _MEDIANS_OF_TIMES.split():
        instead = "percentile_disc(0.5) within group (order by x)"
        raise invalid(text, f"uses {_name(core)} of a time, which {dialect.name} does not have; write {instead}")


def argument_of(call: exp.Expr, core: exp.Expr) -> exp.Expr:
    """Return what is aggregated."""
    value = call.expression.expressions[0].this if isinstance(call, exp.WithinGroup) else core.this
    value = value.expressions[0] if isinstance(value, exp.Distinct) else value
    assert isinstance(value, exp.Expr)  # noqa: S101
    return value
