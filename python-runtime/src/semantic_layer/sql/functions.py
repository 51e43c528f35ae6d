"""Suggestions for functions that are used as aggregates but are not aggregates of the dialect.

A function unknown to sqlglot is treated as a scalar function of the database. If it is applied to a column outside of
an aggregate, an aggregate was intended.
"""

from __future__ import annotations

import difflib

from sqlglot import exp

from semantic_layer.errors import MAX_SUGGESTIONS, Problem, SemanticError
from semantic_layer.sql.aggregates import find_alternative, supported_aggregates
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parse

# `{0}` and `{1}` are the first and the second argument.
_EQUIVALENTS = {
    "count_distinct": "count(distinct {0})",
    "countdistinct": "count(distinct {0})",
    "countd": "count(distinct {0})",
    "distinct_count": "count(distinct {0})",
    "uniq": "count(distinct {0})",
    "nunique": "count(distinct {0})",
    "percentile": "percentile_cont({1}) within group (order by {0})",
    "approx_percentile": "percentile_cont({1}) within group (order by {0})",
    "quantile": "percentile_cont({1}) within group (order by {0})",
    "every": "bool_and({0})",
    "any": "bool_or({0})",
    "some": "bool_or({0})",
    "mean": "avg({0})",
    "average": "avg({0})",
    "favg": "avg({0})",
    "try_avg": "avg({0})",
    "try_sum": "sum({0})",
    "fsum": "sum({0})",
    "total": "sum({0})",
    "sumif": "sum({0}) filter (where {1})",
    "sum_if": "sum({0}) filter (where {1})",
    "avgif": "avg({0}) filter (where {1})",
    "averageif": "avg({0}) filter (where {1})",
    "var": "variance({0})",
    "varp": "var_pop({0})",
    "stdev": "stddev({0})",
    "stdevp": "stddev_pop({0})",
    "std": "stddev({0})",
    "product": "exp(sum(ln({0})))",
    "geometric_mean": "exp(avg(ln({0})))",
}
_SNOWFLAKE_ONLY = ("booland_agg", "boolor_agg", "boolxor_agg")
_PARENTS = (exp.Anonymous, exp.Any, exp.All)


def enclosing_unknown_call(node: exp.Expr) -> exp.Expr | None:
    """Return the innermost call of an unknown function that encloses a node."""
    parent = node.parent
    while parent is not None and not isinstance(parent, _PARENTS):
        parent = parent.parent
    return parent


def find_pseudo_aggregate(tree: exp.Expr) -> exp.Expr | None:
    """Return a call of a function that is commonly used as an aggregate and is a scalar function in no database."""
    calls = (call for call in tree.find_all(exp.Anonymous) if _function_name(call) in _EQUIVALENTS)
    return next(calls, None)


def unknown_aggregate_error(call: exp.Expr, text: str, dialect: SqlDialect) -> SemanticError:
    """Return the error for a call that was intended as an aggregate, with an alternative if there is one."""
    name = _function_name(call)
    message = f"The function '{name}' in '{text}' is not known as an aggregate of {dialect.name}"
    return SemanticError(Problem.UNKNOWN_NAME, f"{message}; {_suggest_alternative(name, call, dialect)}")


def _function_name(call: exp.Expr) -> str:
    return str(call.name if isinstance(call, exp.Anonymous) else call.key).lower()


def _suggest_alternative(name: str, call: exp.Expr, dialect: SqlDialect) -> str:
    listed = call.expressions or [call.this]
    arguments = [dialect.write(item.unnest(), pretty=False) for item in listed if isinstance(item, exp.Expr)]
    template = _EQUIVALENTS.get(name, "")
    if template.count("{") and len(arguments) >= (2 if "{1}" in template else 1):
        written = template.format(*arguments)
        return find_alternative(parse(written, dialect), dialect) or f"write {written}"
    near = difflib.get_close_matches(name, _aggregate_names(dialect), MAX_SUGGESTIONS)
    if near:
        return "did you mean " + " or ".join(f"'{match}'" for match in near) + "?"
    return "an aggregate is a function such as sum, count, avg, min or max, and its argument is a column"


def _aggregate_names(dialect: SqlDialect) -> list[str]:
    """Return the names of the dialect's aggregates; Snowflake's own names are only suggested for Snowflake."""
    names = {name.lower() for kind in supported_aggregates(dialect) for name in kind.sql_names()}
    foreign = () if dialect.name == "snowflake" else _SNOWFLAKE_ONLY
    return sorted(name for name in names if not name.startswith(("j_s_o_n", *foreign)))
