"""From a plan to SQL.

One fact is one SELECT. Several facts are a common table expression each, all by the same dimensions; `combined` puts
their groups one under the other and folds them, so that a group that only one of them has is kept and a group without
a value (NULL) is a group like any other. Nothing is joined there, hence nothing can multiply.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.ctes import separate_nested_ctes
from semantic_layer.dialects import SqlDialect
from semantic_layer.expressions import operand
from semantic_layer.facts import FactSql
from semantic_layer.folding import only_value
from semantic_layer.measures import Aggregate
from semantic_layer.member_lists import members, members_branch, missing
from semantic_layer.names import free_name, slug
from semantic_layer.plan import Fact, Plan

_FACTS_WITH_KNOWN_TYPES = 2


def generate(plan: Plan, dialect: SqlDialect) -> str:
    """Write the SQL of a plan. The same plan gives the same text."""
    writer = _Writer(plan, dialect)
    is_one = len(plan.facts) == 1 and not plan.members
    select = writer.one_fact(plan.facts[0]) if is_one else writer.several_facts()
    if dialect.name == "clickhouse":
        # Otherwise an outer join there gives zeros and empty texts for what is missing.
        settings = exp.EQ(this=exp.column("join_use_nulls"), expression=exp.Literal.number(1))
        select.set("settings", [settings])
    separate_nested_ctes(select, dialect)
    return dialect.write(select)


class _Writer:
    def __init__(self, plan: Plan, dialect: SqlDialect) -> None:
        self._plan = plan
        self._dialect = dialect

    def one_fact(self, fact: Fact) -> exp.Select:
        """Write everything into one SELECT."""
        sql = FactSql(fact, self._plan, self._dialect)
        values = {aggregate.key: sql.aggregate(aggregate) for aggregate in fact.aggregates}
        names = [dimension.name for dimension in self._plan.dimensions]
        select = sql.grouped().select(
            *(self._as(value, name) for value, name in zip(sql.dimensions, names, strict=True))
        )
        for item in self._plan.group_filters:
            select = select.having(_fill(item.condition, values), copy=False)
        return self._finish(select, values)

    def several_facts(self) -> exp.Select:
        """Write a common table expression for each fact, and fold their groups."""
        facts = [FactSql(fact, self._plan, self._dialect) for fact in self._plan.facts]
        lists = [FactSql(plan.facts[0], plan, self._dialect) for plan in self._plan.members]
        taken = {table.name.lower() for fact in [*facts, *lists] for table in fact.rows.find_all(exp.Table)}
        taken |= {fact.root.name.lower() for fact in self._plan.facts}
        names = [self._free(f"{fact.root.name}_facts", taken) for fact in self._plan.facts]
        combined, stacked = self._free("combined", taken), self._free("stacked", taken)
        labels = self._labels()
        select = exp.Select().from_(exp.Table(this=self._dialect.identifier(combined)))
        for fact, sql, name in zip(self._plan.facts, facts, names, strict=True):
            select = self._with(select, name, self._totals(fact, sql, labels))
        branches = [self._branch(index, names, labels) for index in range(len(names))]
        known: list[tuple[str, Plan]] = [(name, self._plan) for name in names]
        for plan, sql in zip(self._plan.members, lists, strict=True):
            name = self._free(f"{plan.facts[0].root.name}_members", taken)
            select = self._with(select, name, members(plan, sql, self._dialect))
            if len(plan.dimensions) < len(self._plan.dimensions):
                every, name = name, self._free(f"{plan.facts[0].root.name}_missing", taken)
                before = [of for of, other in known if set(plan.dimensions) <= set(other.dimensions)]
                select = self._with(select, name, missing(plan, every, before, stacked, self._dialect))
            known.append((name, plan))
            branches.append(members_branch(self._plan, plan, name, labels, self._dialect))
        select = self._with(select, combined, self._fold(branches, labels, stacked))
        for dimension in self._plan.dimensions:
            select = select.select(self._dialect.column(dimension.name, combined), copy=False)
        values: dict[str, exp.Expr] = {key: self._dialect.column(label, combined) for key, label in labels.items()}
        for item in self._plan.group_filters:
            select = select.where(_fill(item.condition, values), copy=False)
        return self._finish(select, values)

    def _finish(self, select: exp.Select, values: dict[str, exp.Expr]) -> exp.Select:
        """Add the measures, the order and the limit; ties are broken by the dimensions, so that the answer is one."""
        for output in self._plan.outputs:
            value = self._dialect.value(_fill(output.tree, values))
            select = select.select(self._as(value, output.name), copy=False)
        ordered = [self._ordered(item.by, values, item.direction == "desc") for item in self._plan.order]
        named = {item.by for item in self._plan.order if isinstance(item.by, str)}
        ordered += [self._ordered(item.name, values) for item in self._plan.dimensions if item.name not in named]
        if ordered:
            select = select.order_by(*ordered, copy=False)
        return select.limit(self._plan.limit, copy=False) if self._plan.limit is not None else select

    def _ordered(self, by: str | exp.Expr, values: dict[str, exp.Expr], is_descending: bool = False) -> exp.Ordered:
        value = self._dialect.column(by) if isinstance(by, str) else _fill(by, values)
        return exp.Ordered(this=value, desc=is_descending, nulls_first=False)

    # --- several facts -----------------------------------------------------------------------------------------------

    def _labels(self) -> dict[str, str]:
        """Name the column of every aggregate: like the measure, where the measure is nothing but the aggregate."""
        taken = {dimension.name.lower() for dimension in self._plan.dimensions}
        wanted = {
            output.tree.name: output.name for output in self._plan.outputs if isinstance(output.tree, exp.Placeholder)
        }
        labels: dict[str, str] = {}
        for fact in self._plan.facts:
            for aggregate in fact.aggregates:
                labels[aggregate.key] = self._free(wanted.get(aggregate.key, slug(aggregate.label)), taken)
        return labels

    def _totals(self, fact: Fact, sql: FactSql, labels: dict[str, str]) -> exp.Select:
        dimensions = zip(sql.dimensions, self._plan.dimensions, strict=True)
        projections = [self._as(value, dimension.name) for value, dimension in dimensions]
        projections += [self._as(sql.aggregate(aggregate), labels[aggregate.key]) for aggregate in fact.aggregates]
        return sql.grouped().select(*projections, copy=False)

    def _fold(self, branches: list[exp.Select], labels: dict[str, str], stacked: str) -> exp.Select:
        """Put the groups of all facts one under the other, and make one row of those that are equal."""
        union: exp.Query = branches[0]
        for branch in branches[1:]:
            union = union.union(branch, distinct=False, copy=False)
        alias = exp.TableAlias(this=self._dialect.identifier(stacked))
        dimensions = [self._dialect.column(dimension.name, stacked) for dimension in self._plan.dimensions]
        folded = exp.Select().from_(union.subquery(alias=alias, copy=False), copy=False).select(*dimensions, copy=False)
        for aggregate in self._aggregates():
            value = self._fold_value(aggregate, self._dialect.column(labels[aggregate.key], stacked))
            folded = folded.select(self._as(value, labels[aggregate.key]), copy=False)
        if not dimensions:
            return folded
        folded = folded.group_by(*(column.copy() for column in dimensions), copy=False)
        if self._plan.include_empty:
            return folded
        every = exp.EQ(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(len(branches)))
        return folded.having(every, copy=False)

    def _branch(self, index: int, names: list[str], labels: dict[str, str]) -> exp.Select:
        """Select the groups of one fact, with nothing in the columns of the others."""
        name = names[index]
        select = exp.Select().from_(exp.Table(this=self._dialect.identifier(name)))
        for dimension in self._plan.dimensions:
            select = select.select(self._dialect.column(dimension.name, name), copy=False)
        for owner, fact in enumerate(self._plan.facts):
            for aggregate in fact.aggregates:
                label = labels[aggregate.key]
                value = (
                    self._dialect.column(label, name) if owner == index else self._nothing(index, owner, names, label)
                )
                projection = value if owner == index else self._as(value, label)
                select = select.select(projection, copy=False)
        return select

    def _nothing(self, index: int, owner: int, names: list[str], label: str) -> exp.Expr:
        """Return a NULL; in the first branch with the type of a column that only a third or later one has."""
        if index > 0 or owner < _FACTS_WITH_KNOWN_TYPES:
            return exp.Null()
        never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
        typed = exp.Select().select(self._dialect.column(label, names[owner]))
        return typed.from_(exp.Table(this=self._dialect.identifier(names[owner]))).where(never).subquery()

    def _fold_value(self, aggregate: Aggregate, column: exp.Expr) -> exp.Expr:
        """Take the only value that there is; where there is none a count is zero."""
        value = only_value(aggregate.tree, column, self._dialect)
        return exp.func("COALESCE", value, exp.Literal.number(0)) if aggregate.counts else value

    def _aggregates(self) -> list[Aggregate]:
        return [aggregate for fact in self._plan.facts for aggregate in fact.aggregates]

    def _with(self, select: exp.Select, name: str, query: exp.Select) -> exp.Select:
        return select.with_(exp.TableAlias(this=self._dialect.identifier(name)), as_=query, copy=False)

    def _as(self, value: exp.Expr, name: str) -> exp.Expr:
        return exp.alias_(value, self._dialect.identifier(name), copy=False)

    @staticmethod
    def _free(wanted: str, taken: set[str]) -> str:
        name = free_name(wanted, taken)
        taken.add(name.lower())
        return name


def _fill(tree: exp.Expr, values: dict[str, exp.Expr]) -> exp.Expr:
    """Put the aggregates into a calculation."""

    def visit(node: exp.Expr) -> exp.Expr:
        return operand(values[node.name].copy(), node) if isinstance(node, exp.Placeholder) else node

    return tree.copy().transform(visit, copy=False)
