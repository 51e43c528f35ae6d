"""SQL of the groups of a plan: each fact is aggregated on its own, then the groups of all are combined.

Each fact is a common table expression with the dimensions of the plan. `combined` concatenates their groups by UNION
ALL and folds them by GROUP BY. This keeps groups that only one fact has, treats NULL as a group, and cannot fan out
because nothing is joined. Groups of a level with fewer dimensions are rows of their own, distinguished by a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.generation.facts import Context, FactSql
from semantic_layer.generation.gaps import Gaps
from semantic_layer.generation.member_lists import select_members, select_members_branch, select_missing_members
from semantic_layer.generation.running import select_running
from semantic_layer.measures.aggregation import AnyAggregate
from semantic_layer.measures.resolution import VALUE
from semantic_layer.model.references import replace_markers
from semantic_layer.planning.plan import AnyFact, Fact, NestedFact, Plan
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.folding import take_single_value
from semantic_layer.sql.names import slug, unique_name
from semantic_layer.sql.statements import Ctes, aliased, concatenate, select_from, substitute

_FACTS_WITH_TYPED_COLUMNS = 2


@dataclass
class Groups:
    """A relation with all groups: the dimensions by name, and a column for each aggregate by key.

    `level` and `is_group` are columns: the number of the level, and whether a fact has the group; None without them.
    """

    name: str
    labels: dict[str, str]
    level: str | None = None
    is_group: str | None = None


@dataclass
class GroupsSql:
    """Adds the common table expressions of a plan's groups to a statement."""

    plan: Plan
    context: Context
    ctes: Ctes
    _names: list[str] = field(default_factory=list)

    @property
    def _dialect(self) -> SqlDialect:
        return self.context.dialect

    def write(self) -> Groups:
        """Return the relation of the combined groups."""
        facts = [_fact_sql(fact, self.context) for fact in self.plan.facts]
        members = [_fact_sql(plan.facts[0], self.context) for plan in self.plan.members]
        for sql in (*facts, *members):
            if sql is not None:
                self.ctes.reserve(table.name for table in sql.rows.find_all(exp.Table))
        self.ctes.reserve(_root_name(fact) for fact in self.plan.facts)
        labels = self._assign_labels()
        self._names = [self.ctes.name(f"{_root_name(fact)}_facts") for fact in self.plan.facts]
        if self._is_single:
            combined = self._names[0]
            self.ctes.put(combined, self._aggregate(self.plan.facts[0], facts[0], labels))
            return Groups(combined, labels)
        combined, stacked = self.ctes.name("combined"), self.ctes.name("stacked")
        for fact, sql, name in zip(self.plan.facts, facts, self._names, strict=True):
            self.ctes.put(name, self._aggregate(fact, sql, labels))
        groups = Groups(combined, labels, *self._flags(labels))
        branches = [self._branch(index, groups) for index in range(len(self._names))]
        branches += self._member_branches(members, groups, stacked)
        if self._has_grid:
            gaps = Gaps(self.plan, self.context, self.ctes, self._names).select(groups.labels.values())
            branches.append(self._flagged(gaps, groups, 0, 0))
        self.ctes.put(combined, self._fold(branches, groups, stacked))
        return groups

    @property
    def _is_single(self) -> bool:
        return len(self.plan.facts) == 1 and not self.plan.members and not self.plan.levels and not self._has_grid

    @property
    def _has_grid(self) -> bool:
        """Whether periods without rows are groups too, at least for moving averages."""
        return self.plan.fill_gaps or self._has_moving_average

    @property
    def _has_moving_average(self) -> bool:
        return any(item.kind == "moving_average" for item in self.plan.calculations)

    def _flags(self, labels: dict[str, str]) -> tuple[str | None, str | None]:
        used = {item.name.lower() for item in self.plan.dimensions} | {label.lower() for label in labels.values()}
        level = unique_name("level", used) if self.plan.levels else None
        is_group = unique_name("is_group", used) if self._has_grid and not self.plan.fill_gaps else None
        return level, is_group

    def _assign_labels(self) -> dict[str, str]:
        """Assign a column name to every aggregate: that of the measure if it consists of the aggregate only."""
        used_names = {dimension.name.lower() for dimension in self.plan.dimensions}
        preferred = {
            output.tree.name: output.name for output in self.plan.outputs if isinstance(output.tree, exp.Placeholder)
        }
        labels: dict[str, str] = {}
        for fact in self.plan.facts:
            for aggregate in fact.aggregates:
                if aggregate.key not in labels:
                    name = unique_name(preferred.get(aggregate.key, slug(aggregate.label)), used_names)
                    used_names.add(name.lower())
                    labels[aggregate.key] = name
        return labels

    # --- facts -------------------------------------------------------------------------------------------------------

    def _aggregate(self, fact: AnyFact, sql: FactSql | None, labels: dict[str, str]) -> exp.Select:
        """Return the groups of one fact."""
        if isinstance(fact, NestedFact):
            return self._aggregate_nested(fact, labels)
        assert sql is not None  # noqa: S101
        if fact.own_periods is not None:
            own = self.ctes.add(f"{fact.root.alias}_periods", self._select(fact.own_periods, sql, labels))
            return select_running(fact, own, labels, self.context)
        return self._select(fact, sql, labels)

    def _select(self, fact: Fact, sql: FactSql, labels: dict[str, str]) -> exp.Select:
        """Return the groups of the rows of a fact."""
        projections = [
            aliased(value, item.name, self._dialect)
            for value, item in zip(sql.dimensions, fact.dimensions, strict=True)
        ]
        projections += [
            aliased(sql.write_aggregate(aggregate), labels[aggregate.key], self._dialect)
            for aggregate in fact.aggregates
        ]
        return sql.grouped_select().select(*projections, copy=False)

    def _aggregate_nested(self, fact: NestedFact, labels: dict[str, str]) -> exp.Select:
        """Return the groups of an aggregate over the values of an inner plan, which is a relation of its own."""
        inner = GroupsSql(fact.plan, self.context, self.ctes).write()
        columns: dict[str, exp.Expr] = {
            key: self._dialect.column(label, inner.name) for key, label in inner.labels.items()
        }
        value = substitute(fact.plan.outputs[0].tree, columns)
        dimensions = [self._dialect.column(item.name, inner.name) for item in fact.dimensions]
        select = select_from(inner.name, self._dialect)
        select = select.select(*(column.copy() for column in dimensions), copy=False)
        for aggregate in fact.aggregates:
            tree = replace_markers(aggregate.tree, {VALUE: value})
            select = select.select(aliased(tree, labels[aggregate.key], self._dialect), copy=False)
        return select.group_by(*dimensions, copy=False) if dimensions else select

    # --- combination -------------------------------------------------------------------------------------------------

    def _branch(self, index: int, groups: Groups) -> exp.Select:
        """Select the groups of one fact, with NULL in the columns of the other facts."""
        name, fact = self._names[index], self.plan.facts[index]
        select = select_from(name, self._dialect)
        kept = {item.name for item in fact.dimensions}
        for dimension in self.plan.dimensions:
            column = self._dialect.column(dimension.name, name)
            value = column if dimension.name in kept else aliased(exp.Null(), dimension.name, self._dialect)
            select = select.select(value, copy=False)
        own = {aggregate.key for aggregate in fact.aggregates}
        for key, label in groups.labels.items():
            if key in own:
                select = select.select(self._dialect.column(label, name), copy=False)
            else:
                value = self._null_value(index, key, label)
                select = select.select(aliased(value, label, self._dialect), copy=False)
        return self._flagged(select, groups, fact.level, 1)

    def _flagged(self, select: exp.Select, groups: Groups, level: int, is_group: int) -> exp.Select:
        """Add the columns that tell levels apart, and the groups of facts from filled gaps."""
        if groups.level is not None:
            select = select.select(aliased(exp.Literal.number(level), groups.level, self._dialect), copy=False)
        if groups.is_group is not None:
            select = select.select(aliased(exp.Literal.number(is_group), groups.is_group, self._dialect), copy=False)
        return select

    def _null_value(self, index: int, key: str, label: str) -> exp.Expr:
        """Return NULL; in the first branch with the type of a column that only a third or later fact has."""
        owner = next(
            number
            for number, fact in enumerate(self.plan.facts)
            if any(aggregate.key == key for aggregate in fact.aggregates)
        )
        if index > 0 or owner < _FACTS_WITH_TYPED_COLUMNS:
            return exp.Null()
        never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
        typed = exp.Select().select(self._dialect.column(label, self._names[owner]))
        return typed.from_(exp.Table(this=self._dialect.identifier(self._names[owner]))).where(never).subquery()

    def _member_branches(self, members: list[FactSql | None], groups: Groups, stacked: str) -> list[exp.Select]:
        """Add the queries of members without facts, and return their branches."""
        branches = []
        listed: list[tuple[str, Plan]] = [
            (name, self.plan) for name, fact in zip(self._names, self.plan.facts, strict=True) if fact.level == 0
        ]
        for plan, sql in zip(self.plan.members, members, strict=True):
            assert sql is not None  # noqa: S101
            root = _root_name(plan.facts[0])
            name = self.ctes.add(f"{root}_members", select_members(plan, sql, self._dialect))
            if len(plan.dimensions) < len(self.plan.dimensions):
                all_members, name = name, self.ctes.name(f"{root}_missing")
                before = [query for query, other in listed if set(plan.dimensions) <= set(other.dimensions)]
                self.ctes.put(name, select_missing_members(plan, all_members, before, stacked, self._dialect))
            listed.append((name, plan))
            branch = select_members_branch(self.plan, plan, name, groups.labels, self._dialect)
            branches.append(self._flagged(branch, groups, 0, 1))
        return branches

    def _fold(self, branches: list[exp.Select], groups: Groups, stacked: str) -> exp.Select:
        """Concatenate the groups of all facts, and fold equal groups into one row."""
        union = concatenate(branches)
        alias = exp.TableAlias(this=self._dialect.identifier(stacked))
        keys = [item.name for item in self.plan.dimensions] + ([groups.level] if groups.level else [])
        columns = [self._dialect.column(name, stacked) for name in keys]
        folded = exp.Select().from_(union.subquery(alias=alias, copy=False), copy=False).select(*columns, copy=False)
        for aggregate in _aggregates(self.plan):
            label = groups.labels[aggregate.key]
            value = self._fold_value(aggregate, self._dialect.column(label, stacked))
            folded = folded.select(aliased(value, label, self._dialect), copy=False)
        if groups.is_group:
            flag = exp.Max(this=self._dialect.column(groups.is_group, stacked))
            folded = folded.select(aliased(flag, groups.is_group, self._dialect), copy=False)
        if not columns:
            return folded
        folded = folded.group_by(*(column.copy() for column in columns), copy=False)
        expected = sum(fact.level == 0 for fact in self.plan.facts)
        if self.plan.include_empty or expected == 1:  # the periods of moving averages are no groups of a fact
            return folded
        in_every_branch: exp.Expr = exp.EQ(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(expected))
        if groups.level:
            is_other = exp.GT(this=self._dialect.column(groups.level, stacked), expression=exp.Literal.number(0))
            in_every_branch = exp.or_(is_other, in_every_branch, copy=False)
        return folded.having(in_every_branch, copy=False)

    def _fold_value(self, aggregate: AnyAggregate, column: exp.Expr) -> exp.Expr:
        """Return the only value of an aggregate in a group; a missing count is zero."""
        value = take_single_value(aggregate.tree, column, self._dialect)
        return exp.func("COALESCE", value, exp.Literal.number(0)) if aggregate.is_count else value


def _aggregates(plan: Plan) -> list[AnyAggregate]:
    """Return the aggregates of all facts, each once."""
    return list({item.key: item for fact in plan.facts for item in fact.aggregates}.values())


def _fact_sql(fact: AnyFact, context: Context) -> FactSql | None:
    return FactSql(fact.own_periods or fact, context) if isinstance(fact, Fact) else None


def _root_name(fact: AnyFact) -> str:
    """Return the name of the source whose rows a fact aggregates in the end."""
    while isinstance(fact, NestedFact):
        fact = fact.plan.facts[0]
    return fact.root.alias
