"""Sums, counts and extremes over several periods, from the groups of each period.

The rows of a source are aggregated once for each period; the values of the periods of a window are then added up, so
that the cost depends on the number of groups and not on rows times periods. Other aggregates, such as distinct counts,
and windows that start within a period, read the rows for each period.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.generation.facts import Context
from semantic_layer.model.references import has_marker, replace_markers
from semantic_layer.planning.axis import PERIOD
from semantic_layer.planning.period_sums import OWN_PERIOD, refold
from semantic_layer.planning.plan import Fact
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.row_nodes import fill_dimensions
from semantic_layer.sql.statements import aliased, select_from
from semantic_layer.times.truncation import truncate


def select_running(fact: Fact, own: str, labels: dict[str, str], context: Context) -> exp.Select:
    """Return the groups of a fact from the relation `own`, which has the groups of each period."""
    dialect, axis = context.dialect, context.axis
    assert axis is not None  # noqa: S101
    markers: dict[str, exp.Expr] = {
        PERIOD: dialect.column("period", axis.periods),
        OWN_PERIOD: dialect.column(OWN_PERIOD, own),
    }

    def write(item: Dimension) -> exp.Expr:
        if not has_marker(item.tree, PERIOD):
            return dialect.column(item.name, own)
        value = replace_markers(item.tree, markers)
        if item.granularity in (None, fact.unit):
            return value
        return truncate(value, item.granularity, dialect, context.calendar, fact.unit)

    table = exp.Table(this=dialect.identifier(axis.periods))
    select = select_from(own, dialect).join(exp.Join(this=table, kind="CROSS"), copy=False)
    named = {item.name: write(item) for item in fact.named}
    for condition in fact.filters:
        select = select.where(fill_dimensions(replace_markers(condition.condition, markers), named), copy=False)
    values = [write(item) for item in fact.dimensions]
    for value, item in zip(values, fact.dimensions, strict=True):
        select = select.select(aliased(value, item.name, dialect), copy=False)
    for aggregate in fact.aggregates:
        total = refold(aggregate.tree, dialect.column(labels[aggregate.key], own))
        assert total is not None  # noqa: S101
        select = select.select(aliased(total, labels[aggregate.key], dialect), copy=False)
    return select.group_by(*(value.copy() for value in values), copy=False)
