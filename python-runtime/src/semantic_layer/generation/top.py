"""SQL of the first groups of each combination of dimensions, and of one row for all others."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.aggregation import AnyAggregate, NestedAggregate
from semantic_layer.planning.period_sums import refold
from semantic_layer.planning.plan import Plan, TopGroups
from semantic_layer.planning.weights import reject_overlap
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name
from semantic_layer.sql.statements import Ctes, aliased, select_from, substitute, window_order


@dataclass
class TopSql:
    """Adds the selection of the first groups to a statement."""

    plan: Plan
    top: TopGroups
    ctes: Ctes
    dialect: SqlDialect

    def write(self, name: str, columns: dict[str, str], conditions: list[exp.Expr]) -> tuple[str, list[exp.Expr]]:
        """Return the relation of the groups that are left, with the same columns, and the conditions of its rows.

        `columns` are the names of those of aggregates and calculations, by key; `conditions` select the groups that are
        compared.
        """
        position = unique_name("position", {item.name.lower() for item in self.plan.dimensions} | set(columns.values()))
        kept = [*(item.name for item in self.plan.dimensions), *columns.values()]
        select = select_from(name, self.dialect)
        select = select.select(*(self._column(column, name) for column in kept), copy=False)
        select = select.select(aliased(self._position(name, columns), position, self.dialect), copy=False)
        for condition in conditions:
            select = select.where(condition, copy=False)
        ranked = self.ctes.add("ranked", select)
        is_first = exp.LTE(this=self._column(position, ranked), expression=exp.Literal.number(self.top.limit))
        if self.top.others is None:
            return ranked, [is_first]
        return self.ctes.add("limited", self._with_others(ranked, columns, is_first, self.top.others)), []

    def _position(self, name: str, columns: dict[str, str]) -> exp.Expr:
        """Return the position of a group; equal values are ordered by the dimensions."""
        output = next(output for output in self.plan.outputs if output.name == self.top.by)
        value = substitute(output.tree, {key: self._column(label, name) for key, label in columns.items()})
        order = window_order(value, self.dialect, is_descending=self.top.direction == "desc")
        for item in self.plan.dimensions:
            order += window_order(self._column(item.name, name), self.dialect)
        partition = [self._column(per, name) for per in self.top.per]
        return exp.Window(this=exp.RowNumber(), partition_by=partition, order=exp.Order(expressions=order))

    def _with_others(self, ranked: str, columns: dict[str, str], is_first: exp.Expr, others: str) -> exp.Select:
        """Return the first groups, and the others of each combination folded into one row."""
        keys: list[exp.Expr] = []
        select = select_from(ranked, self.dialect)
        for item in self.plan.dimensions:
            column = self._column(item.name, ranked)
            value = column if item.name in self.top.per else exp.Case().when(is_first.copy(), column)
            keys.append(value)
            select = select.select(aliased(value.copy(), item.name, self.dialect), copy=False)
        is_other = exp.Case().when(is_first.copy(), exp.Literal.number(0)).else_(exp.Literal.number(1))
        select = select.select(aliased(is_other, others, self.dialect), copy=False)
        for key, label in columns.items():
            value = self._refold(key, self._column(label, ranked))
            select = select.select(aliased(value, label, self.dialect), copy=False)
        return select.group_by(*keys, is_other.copy(), copy=False)

    def _refold(self, key: str, column: exp.Expr) -> exp.Expr:
        """Return the value of several groups. Raises SemanticError if it does not follow from theirs."""
        aggregates: dict[str, AnyAggregate] = {item.key: item for fact in self.plan.facts for item in fact.aggregates}
        aggregate = aggregates.get(key)
        if aggregate is None:
            calculation = next(item for item in self.plan.calculations if item.key == key)
            per = {item.key for item in self.plan.dimensions if item.name in self.top.per}
            if calculation.kind == "fixed" and set(calculation.partition) <= per:
                return exp.Max(this=column)
        elif not isinstance(aggregate, NestedAggregate) and aggregate.edge is None:
            if isinstance(aggregate.tree, (exp.Sum, exp.Count)):
                reject_overlap(self.plan, {key}, set(self.top.per), "The row of the other groups adds them up")
            value = refold(aggregate.tree, column)
            if value is not None:
                return value
        message = "The other groups cannot be one row, because a measure of the query does not follow from its groups"
        raise SemanticError(
            Problem.INVALID_QUERY,
            f"{message}; leave `others` out, or select sums, counts, extremes and calculations with them only",
        )

    def _column(self, column: str, relation: str) -> exp.Expr:
        return self.dialect.column(column, relation)
