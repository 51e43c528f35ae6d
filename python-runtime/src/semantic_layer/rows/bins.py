"""Bins of equal width: `bin(x, 100)` is the start of the bin that contains x, a multiple of the width.

The quotient is rounded to an integer by a cast, which some databases truncate and others round to the nearest; the
comparisons with x then correct it by one, so that start <= x < start + width everywhere, for negative numbers too.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.sql.expressions import expression_error

_ARGUMENTS = 2


def is_bin(node: exp.Expr) -> bool:
    """Return whether a node calls `bin` with a width; MariaDB and Databricks have another one with one argument."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "bin" and len(node.expressions) == _ARGUMENTS


def write_bin(value: exp.Expr, width: exp.Expr, text: str) -> exp.Expr:
    """Return the start of the bin of a number; NULL for NULL. Raises SemanticError for a width that is not positive."""
    if not isinstance(width, exp.Literal) or width.is_string or float(width.name) <= 0:
        raise expression_error(text, "needs a positive number as the width of its bins, as in bin(orders.amount, 100)")
    number = exp.Div(this=exp.cast(_operand(value), "double"), expression=width.copy())
    quotient = exp.cast(number, "bigint")
    one = exp.Literal.number(1)
    before = exp.paren(exp.Sub(this=quotient.copy(), expression=one.copy()))
    after = exp.paren(exp.Add(this=quotient.copy(), expression=one.copy()))

    def start(factor: exp.Expr) -> exp.Expr:
        return exp.Mul(this=factor.copy(), expression=width.copy())

    return (
        exp.Case()
        .when(exp.GT(this=start(quotient), expression=_operand(value)), start(before), copy=False)
        .when(exp.LTE(this=start(after), expression=_operand(value)), start(after), copy=False)
        .else_(start(quotient), copy=False)
    )


def _operand(value: exp.Expr) -> exp.Expr:
    return value.copy() if isinstance(value, exp.Column) else exp.paren(value.copy())
