"""Selection of the only non-null value of an aggregate among the rows of a group.

MAX does that for numbers, texts and times; JSON, arrays and booleans cannot be compared in some dialects.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import is_not_null
from semantic_layer.sql.spellings import first_non_null

_BOOLEAN_AGGREGATES = (exp.LogicalAnd, exp.LogicalOr)
# Aggregates whose results can be compared in all dialects.
_COMPARABLE_AGGREGATES = (
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
# Dialects in which ANY_VALUE ignores NULL.
_WITH_NON_NULL_ANY_VALUE = ("duckdb", "trino", "clickhouse")


def take_single_value(aggregate: exp.Expr, column: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Return the only non-null value of the column, which `aggregate` has computed."""
    if isinstance(aggregate, _BOOLEAN_AGGREGATES):
        return type(aggregate)(this=column)
    if isinstance(aggregate, _COMPARABLE_AGGREGATES):
        return exp.Max(this=column)
    if dialect.name == "postgres" and not isinstance(aggregate, exp.ArrayAgg):  # an array of arrays has another type
        return first_non_null(column)
    if dialect.name in _WITH_NON_NULL_ANY_VALUE:
        return exp.AnyValue(this=column)
    if dialect.name == "databricks":
        return exp.IgnoreNulls(this=exp.AnyValue(this=column))
    has_value = exp.Case().when(is_not_null(column.copy()), exp.Literal.number(1))
    if dialect.name == "snowflake":
        return exp.ArgMax(this=column, expression=has_value)
    if dialect.name == "bigquery":
        return exp.AnyValue(this=exp.HavingMax(this=column, expression=has_value, max=True))
    return exp.Max(this=column)
