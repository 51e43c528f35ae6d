"""Taking the one value that there is of an aggregate, where every other row has none.

MAX does that for numbers, texts and times; JSON, arrays, truths and the like have no order in some of the dialects.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.spellings import first_of_all

_TRUTHS = (exp.LogicalAnd, exp.LogicalOr)
# What these give is ordered wherever they are.
_ORDERED = (
    exp.ApproxDistinct,
    exp.ApproxQuantile,
    exp.Avg,
    exp.Corr,
    exp.Count,
    exp.CovarPop,
    exp.CovarSamp,
    exp.GroupConcat,
    exp.Kurtosis,
    exp.Max,
    exp.Median,
    exp.Min,
    exp.Skewness,
    exp.Stddev,
    exp.StddevPop,
    exp.StddevSamp,
    exp.Sum,
    exp.Variance,
    exp.VariancePop,
)
# ANY_VALUE passes over NULL there.
_ANY_VALUE = ("duckdb", "trino", "clickhouse")


def only_value(aggregate: exp.Expr, column: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Return the value of the column that is not NULL; `aggregate` is what made it."""
    if isinstance(aggregate, _TRUTHS):
        return type(aggregate)(this=column)
    if isinstance(aggregate, _ORDERED):
        return exp.Max(this=column)
    if dialect.name == "postgres" and not isinstance(aggregate, exp.ArrayAgg):  # arrays of arrays are something else
        return first_of_all(column)
    if dialect.name in _ANY_VALUE:
        return exp.AnyValue(this=column)
    if dialect.name == "databricks":
        return exp.IgnoreNulls(this=exp.AnyValue(this=column))
    is_there = exp.Case().when(exp.Not(this=exp.Is(this=column.copy(), expression=exp.Null())), exp.Literal.number(1))
    if dialect.name == "snowflake":
        return exp.ArgMax(this=column, expression=is_there)
    if dialect.name == "bigquery":
        return exp.AnyValue(this=exp.HavingMax(this=column, expression=is_there, max=True))
    return exp.Max(this=column)
