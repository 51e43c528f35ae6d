"""Generation of SQL from a plan.

A single fact is one SELECT. Several facts, and calculations over groups, are common table expressions, which the last
SELECT reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.generation.axis_sql import write_axis
from semantic_layer.generation.calendar_joins import join_calendar
from semantic_layer.generation.facts import Context, FactSql
from semantic_layer.generation.groups import GroupsSql
from semantic_layer.generation.top import TopSql
from semantic_layer.generation.windows import Windows
from semantic_layer.model.catalog import Catalog
from semantic_layer.planning.paging import count_groups, limit_page
from semantic_layer.planning.plan import Fact, Plan
from semantic_layer.sql.ctes import separate_nested_ctes
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.hidden_orders import select_hidden_orders
from semantic_layer.sql.statements import Ctes, aliased, select_from, substitute


def generate(plan: Plan, catalog: Catalog, dialect: SqlDialect) -> tuple[str, str | None]:
    """Return the SQL of a plan, which is deterministic, and that of the number of its groups, if it has dimensions."""
    context = Context(dialect, plan.clock, catalog, plan.include_empty)
    select = _Statement(plan, context).write()
    join_calendar(select, context.read_calendar, dialect)
    count = count_groups(select, plan, dialect)
    return _write(select, dialect), _write(count, dialect) if count is not None else None


def _write(select: exp.Select, dialect: SqlDialect) -> str:
    if dialect.name == "clickhouse":
        # By default, ClickHouse's outer joins return zeros and empty texts instead of NULL.
        settings = exp.EQ(this=exp.column("join_use_nulls"), expression=exp.Literal.number(1))
        select.set("settings", [settings])
    separate_nested_ctes(select, dialect)
    return dialect.write(select_hidden_orders(select, dialect))


@dataclass
class _Statement:
    plan: Plan
    context: Context

    @property
    def _dialect(self) -> SqlDialect:
        return self.context.dialect

    def write(self) -> exp.Select:
        """Return the statement of the plan."""
        plan = self.plan
        fact = plan.facts[0]
        is_plain = not (plan.members or plan.levels or plan.calculations or plan.axis or plan.top)
        if len(plan.facts) == 1 and is_plain and isinstance(fact, Fact):
            return self._single_fact(fact)
        ctes = Ctes(self._dialect)
        if plan.axis is not None:
            self.context = write_axis(plan.axis, self.context, ctes)
        groups = GroupsSql(plan, self.context, ctes).write()
        windows = Windows(plan, groups, ctes, self._dialect)
        name, columns = windows.write()
        values = self._values(name, columns)
        conditions = windows.is_result(name) + [substitute(item.condition, values) for item in plan.group_filters]
        if plan.top is not None:
            name, conditions = TopSql(plan, plan.top, ctes, self._dialect).write(name, columns, conditions)
        select = select_from(name, self._dialect)
        for dimension in plan.dimensions:
            select = select.select(self._dialect.column(dimension.name, name), copy=False)
        if plan.top is not None and plan.top.others:
            select = select.select(self._dialect.column(plan.top.others, name), copy=False)
        for condition in conditions:
            select = select.where(condition, copy=False)
        return ctes.attach(self._finish(select, self._values(name, columns)))

    def _values(self, name: str, columns: dict[str, str]) -> dict[str, exp.Expr]:
        return {key: self._dialect.column(label, name) for key, label in columns.items()}

    def _single_fact(self, fact: Fact) -> exp.Select:
        """Return the SELECT of a plan with a single fact."""
        sql = FactSql(fact, self.context)
        values = {aggregate.key: sql.write_aggregate(aggregate) for aggregate in fact.aggregates}
        named = zip(sql.dimensions, self.plan.dimensions, strict=True)
        select = sql.grouped_select().select(*(aliased(value, item.name, self._dialect) for value, item in named))
        for item in self.plan.group_filters:
            select = select.having(substitute(item.condition, values), copy=False)
        return self._finish(select, values)

    def _finish(self, select: exp.Select, values: dict[str, exp.Expr]) -> exp.Select:
        """Add the measures, the order and the limit. Dimensions break ties, so that the result is deterministic."""
        for output in self.plan.outputs:
            value = self._dialect.as_value(substitute(output.tree, values))
            select = select.select(aliased(value, output.name, self._dialect), copy=False)
        terms = [self._order_term(item.by, values, item.direction == "desc") for item in self.plan.order]
        named = {item.by for item in self.plan.order if isinstance(item.by, str)}
        terms += [self._order_term(item.name, values) for item in self.plan.dimensions if item.name not in named]
        if self.plan.top is not None and self.plan.top.others:
            terms.append(self._order_term(self.plan.top.others, values))  # the others may equal a group of NULL
        return self._limited(select, terms)

    def _limited(self, select: exp.Select, terms: list[exp.Ordered]) -> exp.Select:
        if terms:
            select = select.order_by(*terms, copy=False)
        return limit_page(select, self.plan)

    def _order_term(self, by: str | exp.Expr, values: dict[str, exp.Expr], is_descending: bool = False) -> exp.Ordered:
        value = self._dialect.column(by) if isinstance(by, str) else substitute(by, values)
        return exp.Ordered(this=value, desc=is_descending, nulls_first=False)
