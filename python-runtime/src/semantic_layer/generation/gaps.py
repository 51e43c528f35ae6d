"""SQL of the periods of a query without rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.generation.facts import Context
from semantic_layer.model.references import replace_markers
from semantic_layer.planning.axis import PERIOD
from semantic_layer.planning.plan import Plan
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.row_nodes import fill_dimensions
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import map_columns
from semantic_layer.sql.statements import Ctes, aliased, concatenate, select_from
from semantic_layer.times.truncation import truncate


@dataclass
class Gaps:
    """Lists all periods of the axis; `names` are the relations of the facts of a plan."""

    plan: Plan
    context: Context
    ctes: Ctes
    names: list[str]

    @property
    def _dialect(self) -> SqlDialect:
        return self.context.dialect

    def select(self, labels: Iterable[str]) -> exp.Select:
        """Return all periods, for each combination of the other dimensions, with NULL in the columns `labels`."""
        axis, relation = self.plan.axis, self.context.axis
        assert axis is not None  # noqa: S101
        assert relation is not None  # noqa: S101
        select = select_from(relation.periods, self._dialect)
        others = [item for item in self.plan.dimensions if not item.is_metric_time]
        combinations = ""
        if others:
            combinations = self.ctes.add("combinations", self._combinations(others))
            table = exp.Table(this=self._dialect.identifier(combinations))
            select = select.join(exp.Join(this=table, kind="CROSS"), copy=False)
        period = self._dialect.column("period", relation.periods)
        for item in self.plan.dimensions:
            if item.is_metric_time:
                value = period.copy() if item.name == axis.dimension.name else self._part(item, period)
                select = select.select(aliased(value, item.name, self._dialect), copy=False)
            else:
                select = select.select(self._dialect.column(item.name, combinations), copy=False)
        for label in labels:
            select = select.select(aliased(exp.Null(), label, self._dialect), copy=False)
        values = {item.name: self._part(item, period) for item in self.plan.dimensions if item.is_metric_time}
        for condition in axis.filters:
            tree = replace_markers(fill_dimensions(condition.condition, values), {PERIOD: period})
            select = select.where(tree, copy=False)
        return select

    def _part(self, item: Dimension, period: exp.Expr) -> exp.Expr:
        value = map_columns(item.tree, lambda _: period.copy())
        if item.granularity is None:
            return value
        assert self.plan.axis is not None  # noqa: S101
        return truncate(value, item.granularity, self._dialect, self.context.calendar, self.plan.axis.unit)

    def _combinations(self, others: list[Dimension]) -> exp.Query:
        """Return the combinations of dimensions that the facts have, each once."""
        names = [name for name, fact in zip(self.names, self.plan.facts, strict=True) if fact.level == 0]
        union = concatenate((self._select_values(others, name) for name in names), distinct=True)
        return union.distinct(copy=False) if isinstance(union, exp.Select) else union

    def _select_values(self, others: list[Dimension], name: str) -> exp.Select:
        columns = (self._dialect.column(item.name, name) for item in others)
        return select_from(name, self._dialect).select(*columns, copy=False)
