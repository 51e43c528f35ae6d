"""The aggregates of a query: each over the rows of one source, or over the groups of an inner aggregation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from semantic_layer.measures.variants import PLAIN, Variant
from semantic_layer.model.catalog import Node
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.dialects import UNROUNDED_DIVISION, SqlDialect
from semantic_layer.sql.expressions import expression_error

# Aggregates that ignore NULL, so that a condition can be added to their first argument.
_SKIP_NULL = (
    exp.Count,
    exp.Sum,
    exp.Avg,
    exp.Min,
    exp.Max,
    exp.ApproxDistinct,
    exp.Median,
    exp.Quantile,
    exp.ApproxQuantile,
    exp.Stddev,
    exp.StddevPop,
    exp.StddevSamp,
    exp.Variance,
    exp.VariancePop,
    exp.LogicalAnd,
    exp.LogicalOr,
    exp.CountIf,
)
# Prefixes of dialect-specific aggregates that count.
_COUNTING = ("approx_count", "count", "uniq")


def counts(tree: exp.Expr) -> bool:
    """Return whether an aggregate of no rows is zero instead of NULL."""
    if isinstance(tree, exp.AnonymousAggFunc):
        return tree.name.lower().startswith(_COUNTING)
    return isinstance(tree, (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RegrCount))


@dataclass(frozen=True)
class EdgeTime:
    """The first or last time of a group, of which a semi-additive aggregate reads the rows.

    `marker` stands for it in the aggregate. Each combination of `per` has its own; rows that do not satisfy the
    `condition` are left out.
    """

    marker: str
    over: exp.Expr
    take: Literal["first", "last"]
    per: tuple[exp.Expr, ...]
    condition: exp.Expr | None


@dataclass(frozen=True)
class Aggregate:
    """An aggregate over rows of `root`; `tree` refers to columns of the model, `label` suggests a name."""

    key: str
    root: Node
    tree: exp.Expr
    label: str
    variant: Variant = PLAIN
    edge: EdgeTime | None = None

    @property
    def is_count(self) -> bool:
        """Whether the aggregate of no rows is zero instead of NULL."""
        return counts(self.tree)


@dataclass(frozen=True)
class NestedAggregate:
    """An aggregate over the values of `inner` for each combination of the dimensions `per`.

    `inner` has placeholders for its aggregates; in `tree`, `VALUE` stands for its value.
    """

    key: str
    inner: exp.Expr
    per: tuple[Dimension, ...]
    tree: exp.Expr
    label: str

    @property
    def is_count(self) -> bool:
        """Whether the aggregate of no groups is zero instead of NULL."""
        return counts(self.tree)


AnyAggregate = Aggregate | NestedAggregate


def restrict(tree: exp.Expr, condition: exp.Expr, text: str) -> exp.Expr:
    """Restrict an aggregate to the rows that satisfy a condition. Raises SemanticError."""
    argument = tree.this
    if not isinstance(tree, _SKIP_NULL) or (isinstance(tree, (exp.Min, exp.Max)) and tree.expressions):
        raise expression_error(text, "cannot be combined with a filter; write the condition into the aggregate itself")
    if isinstance(argument, exp.Distinct):
        first, *rest = argument.expressions
        argument.set("expressions", [_case(condition, first), *rest])
    else:
        tree.set("this", _case(condition, exp.Literal.number(1) if isinstance(argument, exp.Star) else argument))
    return tree


def _case(condition: exp.Expr, value: exp.Expr) -> exp.Case:
    return exp.Case().when(condition.copy(), value.copy())


def make_divisions_fractional(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Make divisions between aggregates fractional, and NULL if the divisor is zero."""
    zero = exp.Literal.number(0)
    for division in reversed(list(tree.find_all(exp.Div))):  # the innermost first
        dividend, divisor = division.this, division.expression
        division.set("typed", False)
        division.set("safe", False)
        # Divisions of referenced measures are converted already.
        if dialect.name not in UNROUNDED_DIVISION and not dividend.is_type("double"):
            division.set("this", exp.cast(dividend.unnest().copy(), "double"))
        if not isinstance(divisor, exp.Literal) and not (
            isinstance(divisor, exp.Nullif) and divisor.expression == zero
        ):
            division.set("expression", exp.Nullif(this=divisor.unnest().copy(), expression=zero.copy()))
    return tree
