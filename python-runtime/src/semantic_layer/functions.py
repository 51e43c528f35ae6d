"""Functions that are taken for aggregates and are none: what to write instead.

A function that sqlglot does not know is a scalar one for the semantic layer (it may be the database's own). Around a
column outside of every aggregate it was hence meant as an aggregate.
"""

from __future__ import annotations

import difflib

from sqlglot import exp

from semantic_layer.aggregates import aggregates_of, lacked
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import MAX_SUGGESTIONS, Problem, SemanticError
from semantic_layer.expressions import parse

# The place of the first and the second argument is `{0}` and `{1}`.
_EQUIVALENT = {
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
_OF_SNOWFLAKE = ("booland_agg", "boolor_agg", "boolxor_agg")
_PARENTS = (exp.Anonymous, exp.Any, exp.All)


def meant_as_aggregate(node: exp.Expr) -> exp.Expr | None:
    """Return the innermost call of a function that is not known around a node."""
    parent = node.parent
    while parent is not None and not isinstance(parent, _PARENTS):
        parent = parent.parent
    return parent


def pseudo_aggregate(tree: exp.Expr) -> exp.Expr | None:
    """Return a call of a function that no database has as a scalar one, but people write as an aggregate."""
    calls = (call for call in tree.find_all(exp.Anonymous) if _name(call) in _EQUIVALENT)
    return next(calls, None)


def unknown_aggregate(call: exp.Expr, text: str, dialect: SqlDialect) -> SemanticError:
    """Make the error for a call that was meant as an aggregate, with what to write instead where that is known."""
    name = _name(call)
    message = f"The function '{name}' in '{text}' is not known as an aggregate of {dialect.name}"
    return SemanticError(Problem.UNKNOWN_NAME, f"{message}; {_advice(name, call, dialect)}")


def _name(call: exp.Expr) -> str:
    return str(call.name if isinstance(call, exp.Anonymous) else call.key).lower()


def _advice(name: str, call: exp.Expr, dialect: SqlDialect) -> str:
    listed = call.expressions or [call.this]
    arguments = [dialect.write(item.unnest(), pretty=False) for item in listed if isinstance(item, exp.Expr)]
    template = _EQUIVALENT.get(name, "")
    if template.count("{") and len(arguments) >= (2 if "{1}" in template else 1):
        written = template.format(*arguments)
        return lacked(parse(written, dialect), dialect) or f"write {written}"
    near = difflib.get_close_matches(name, _known(dialect), MAX_SUGGESTIONS)
    if near:
        return "did you mean " + " or ".join(f"'{match}'" for match in near) + "?"
    return "an aggregate is a function such as sum, count, avg, min or max, and its argument is a column"


def _known(dialect: SqlDialect) -> list[str]:
    """Return the names by which the dialect's aggregates can be called, without those that only Snowflake has."""
    names = {name.lower() for kind in aggregates_of(dialect) for name in kind.sql_names()}
    foreign = () if dialect.name == "snowflake" else _OF_SNOWFLAKE
    return sorted(name for name in names if not name.startswith(("j_s_o_n", *foreign)))
