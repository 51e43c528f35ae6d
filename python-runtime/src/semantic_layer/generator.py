"""Generation of SQL from a plan.

A single fact is one SELECT. Several facts are one common table expression each, grouped by the same dimensions;
`combined` concatenates their groups by UNION ALL and folds them by GROUP BY. This keeps groups that only one fact has,
treats NULL as a group, and cannot fan out because nothing is joined.
"""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.ctes import separate_nested_ctes
from semantic_layer.dialects import SqlDialect
from semantic_layer.expressions import parenthesize
from semantic_layer.facts import FactSql
from semantic_layer.folding import take_single_value
from semantic_layer.measures import Aggregate
from semantic_layer.member_lists import select_members, select_members_branch, select_missing_members
from semantic_layer.names import slug, unique_name
from semantic_layer.paging import count_groups, limit_page
from semantic_layer.plan import Fact, Plan

_FACTS_WITH_TYPED_COLUMNS = 2


def generate(plan: Plan, dialect: SqlDialect) -> tuple[str, str | None]:
    """Return the SQL of a plan, which is deterministic, and that of the number of its groups, if it has dimensions."""
    writer = _Writer(plan, dialect)
    is_single_fact = len(plan.facts) == 1 and not plan.members
    select = writer.write_single_fact(plan.facts[0]) if is_single_fact else writer.write_multiple_facts()
    count = count_groups(select, plan, dialect)
    return _write(select, dialect), _write(count, dialect) if count is not None else None


def _write(select: exp.Select, dialect: SqlDialect) -> str:
    if dialect.name == "clickhouse":
        # By default, ClickHouse's outer joins return zeros and empty texts instead of NULL.
        settings = exp.EQ(this=exp.column("join_use_nulls"), expression=exp.Literal.number(1))
        select.set("settings", [settings])
    separate_nested_ctes(select, dialect)
    return dialect.write(select)


class _Writer:
    def __init__(self, plan: Plan, dialect: SqlDialect) -> None:
        self._plan = plan
        self._dialect = dialect

    def write_single_fact(self, fact: Fact) -> exp.Select:
        """Return the SELECT of a plan with a single fact."""
        sql = FactSql(fact, self._plan, self._dialect)
        values = {aggregate.key: sql.write_aggregate(aggregate) for aggregate in fact.aggregates}
        names = [dimension.name for dimension in self._plan.dimensions]
        select = sql.grouped_select().select(
            *(self._as(value, name) for value, name in zip(sql.dimensions, names, strict=True))
        )
        for item in self._plan.group_filters:
            select = select.having(_substitute(item.condition, values), copy=False)
        return self._finish(select, values)

    def write_multiple_facts(self) -> exp.Select:
        """Return the SELECT of a plan with several facts or with members."""
        facts = [FactSql(fact, self._plan, self._dialect) for fact in self._plan.facts]
        member_queries = [FactSql(plan.facts[0], plan, self._dialect) for plan in self._plan.members]
        used_names = {
            table.name.lower() for fact in [*facts, *member_queries] for table in fact.rows.find_all(exp.Table)
        }
        used_names |= {fact.root.name.lower() for fact in self._plan.facts}
        names = [self._reserve_name(f"{fact.root.name}_facts", used_names) for fact in self._plan.facts]
        combined, stacked = self._reserve_name("combined", used_names), self._reserve_name("stacked", used_names)
        labels = self._assign_labels()
        select = exp.Select().from_(exp.Table(this=self._dialect.identifier(combined)))
        for fact, sql, name in zip(self._plan.facts, facts, names, strict=True):
            select = self._with(select, name, self._aggregate_fact(fact, sql, labels))
        branches = [self._branch(index, names, labels) for index in range(len(names))]
        listed: list[tuple[str, Plan]] = [(name, self._plan) for name in names]
        for plan, sql in zip(self._plan.members, member_queries, strict=True):
            name = self._reserve_name(f"{plan.facts[0].root.name}_members", used_names)
            select = self._with(select, name, select_members(plan, sql, self._dialect))
            if len(plan.dimensions) < len(self._plan.dimensions):
                all_members, name = name, self._reserve_name(f"{plan.facts[0].root.name}_missing", used_names)
                before = [query for query, other in listed if set(plan.dimensions) <= set(other.dimensions)]
                select = self._with(
                    select, name, select_missing_members(plan, all_members, before, stacked, self._dialect)
                )
            listed.append((name, plan))
            branches.append(select_members_branch(self._plan, plan, name, labels, self._dialect))
        select = self._with(select, combined, self._fold(branches, labels, stacked))
        for dimension in self._plan.dimensions:
            select = select.select(self._dialect.column(dimension.name, combined), copy=False)
        values: dict[str, exp.Expr] = {key: self._dialect.column(label, combined) for key, label in labels.items()}
        for item in self._plan.group_filters:
            select = select.where(_substitute(item.condition, values), copy=False)
        return self._finish(select, values)

    def _finish(self, select: exp.Select, values: dict[str, exp.Expr]) -> exp.Select:
        """Add the measures, the order and the limit. Dimensions break ties, so that the result is deterministic."""
        for output in self._plan.outputs:
            value = self._dialect.as_value(_substitute(output.tree, values))
            select = select.select(self._as(value, output.name), copy=False)
        terms = [self._order_term(item.by, values, item.direction == "desc") for item in self._plan.order]
        named = {item.by for item in self._plan.order if isinstance(item.by, str)}
        terms += [self._order_term(item.name, values) for item in self._plan.dimensions if item.name not in named]
        if terms:
            select = select.order_by(*terms, copy=False)
        return limit_page(select, self._plan)

    def _order_term(self, by: str | exp.Expr, values: dict[str, exp.Expr], is_descending: bool = False) -> exp.Ordered:
        value = self._dialect.column(by) if isinstance(by, str) else _substitute(by, values)
        return exp.Ordered(this=value, desc=is_descending, nulls_first=False)

    # --- several facts -----------------------------------------------------------------------------------------------

    def _assign_labels(self) -> dict[str, str]:
        """Assign a column name to every aggregate: that of the measure if it consists of the aggregate only."""
        used_names = {dimension.name.lower() for dimension in self._plan.dimensions}
        preferred = {
            output.tree.name: output.name for output in self._plan.outputs if isinstance(output.tree, exp.Placeholder)
        }
        labels: dict[str, str] = {}
        for fact in self._plan.facts:
            for aggregate in fact.aggregates:
                labels[aggregate.key] = self._reserve_name(
                    preferred.get(aggregate.key, slug(aggregate.label)), used_names
                )
        return labels

    def _aggregate_fact(self, fact: Fact, sql: FactSql, labels: dict[str, str]) -> exp.Select:
        dimensions = zip(sql.dimensions, self._plan.dimensions, strict=True)
        projections = [self._as(value, dimension.name) for value, dimension in dimensions]
        projections += [
            self._as(sql.write_aggregate(aggregate), labels[aggregate.key]) for aggregate in fact.aggregates
        ]
        return sql.grouped_select().select(*projections, copy=False)

    def _fold(self, branches: list[exp.Select], labels: dict[str, str], stacked: str) -> exp.Select:
        """Concatenate the groups of all facts, and fold equal groups into one row."""
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
        in_every_branch = exp.EQ(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(len(branches)))
        return folded.having(in_every_branch, copy=False)

    def _branch(self, index: int, names: list[str], labels: dict[str, str]) -> exp.Select:
        """Select the groups of one fact, with NULL in the columns of the other facts."""
        name = names[index]
        select = exp.Select().from_(exp.Table(this=self._dialect.identifier(name)))
        for dimension in self._plan.dimensions:
            select = select.select(self._dialect.column(dimension.name, name), copy=False)
        for owner, fact in enumerate(self._plan.facts):
            for aggregate in fact.aggregates:
                label = labels[aggregate.key]
                value = (
                    self._dialect.column(label, name)
                    if owner == index
                    else self._null_value(index, owner, names, label)
                )
                projection = value if owner == index else self._as(value, label)
                select = select.select(projection, copy=False)
        return select

    def _null_value(self, index: int, owner: int, names: list[str], label: str) -> exp.Expr:
        """Return NULL; in the first branch with the type of a column that only a third or later fact has."""
        if index > 0 or owner < _FACTS_WITH_TYPED_COLUMNS:
            return exp.Null()
        never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
        typed = exp.Select().select(self._dialect.column(label, names[owner]))
        return typed.from_(exp.Table(this=self._dialect.identifier(names[owner]))).where(never).subquery()

    def _fold_value(self, aggregate: Aggregate, column: exp.Expr) -> exp.Expr:
        """Return the only value of an aggregate in a group; a missing count is zero."""
        value = take_single_value(aggregate.tree, column, self._dialect)
        return exp.func("COALESCE", value, exp.Literal.number(0)) if aggregate.is_count else value

    def _aggregates(self) -> list[Aggregate]:
        return [aggregate for fact in self._plan.facts for aggregate in fact.aggregates]

    def _with(self, select: exp.Select, name: str, query: exp.Select) -> exp.Select:
        return select.with_(exp.TableAlias(this=self._dialect.identifier(name)), as_=query, copy=False)

    def _as(self, value: exp.Expr, name: str) -> exp.Expr:
        return exp.alias_(value, self._dialect.identifier(name), copy=False)

    @staticmethod
    def _reserve_name(preferred: str, used_names: set[str]) -> str:
        name = unique_name(preferred, used_names)
        used_names.add(name.lower())
        return name


def _substitute(tree: exp.Expr, values: dict[str, exp.Expr]) -> exp.Expr:
    """Replace the placeholders of a calculation by the values of the aggregates."""

    def visit(node: exp.Expr) -> exp.Expr:
        return parenthesize(values[node.name].copy(), node) if isinstance(node, exp.Placeholder) else node

    return tree.copy().transform(visit, copy=False)
