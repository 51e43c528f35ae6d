"""SQL of calculations over the groups of a result: window functions in common table expressions.

A calculation that uses another one is in a later expression. Fixed values are read from the rows of their level; ranks,
running shares and moving averages are calculated over the groups of the result.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.generation.groups import Groups
from semantic_layer.measures.aggregation import AnyAggregate, NestedAggregate
from semantic_layer.measures.calculations import Calculation
from semantic_layer.planning.plan import Plan
from semantic_layer.planning.weights import reject_overlap
from semantic_layer.sql.dialects import UNROUNDED_DIVISION, SqlDialect
from semantic_layer.sql.expressions import is_not_null
from semantic_layer.sql.names import unique_name
from semantic_layer.sql.statements import Ctes, aliased, select_from, substitute, window_order


@dataclass
class Windows:
    """Adds the calculations of a plan to its groups."""

    plan: Plan
    groups: Groups
    ctes: Ctes
    dialect: SqlDialect

    def write(self) -> tuple[str, dict[str, str]]:
        """Return the last relation, and the names of the columns of aggregates and calculations by key."""
        name = self.groups.name
        columns = dict(self.groups.labels)
        remaining = list(self.plan.calculations)
        while remaining:
            ready = [item for item in remaining if _uses(item) <= columns.keys()]
            name = self._layer(name, columns, ready)
            remaining = [item for item in remaining if item not in ready]
        return name, columns

    def is_result(self, name: str) -> list[exp.Expr]:
        """Return the conditions of the rows that are groups of the result, not of a level or a filled gap."""
        conditions: list[exp.Expr] = []
        if self.groups.level:
            conditions.append(exp.EQ(this=self._column(self.groups.level, name), expression=exp.Literal.number(0)))
        if self.groups.is_group:
            conditions.append(exp.EQ(this=self._column(self.groups.is_group, name), expression=exp.Literal.number(1)))
        return conditions

    def _layer(self, name: str, columns: dict[str, str], ready: list[Calculation]) -> str:
        """Add a relation with more calculations; `columns` are those of the relation `name` and are extended."""
        flags = [flag for flag in (self.groups.level, self.groups.is_group) if flag]
        kept = [*(item.name for item in self.plan.dimensions), *flags, *columns.values()]
        select = select_from(name, self.dialect)
        select = select.select(*(self._column(column, name) for column in kept), copy=False)
        used = {column.lower() for column in kept}
        values = self._values(name, columns)
        for item in ready:
            label = unique_name(item.kind, used)
            used.add(label.lower())
            select = select.select(aliased(self._calculate(item, name, values), label, self.dialect), copy=False)
            columns[item.key] = label
        return self.ctes.add("calculated", select)

    def _calculate(self, item: Calculation, name: str, values: dict[str, exp.Expr]) -> exp.Expr:
        if item.kind == "fixed":
            return self._fixed(item, values, name)
        value = substitute(item.tree, values)
        if item.kind == "moving_average":
            return self._moving_average(item, value, name)
        partition = [*self._flags(name), *self._dimensions(item.partition, name)]
        descending = window_order(value.copy(), self.dialect, is_descending=True)
        if item.kind == "rank":
            rank = exp.Window(this=exp.Rank(), partition_by=partition, order=exp.Order(expressions=descending))
            return exp.Case().when(is_not_null(value.copy()), rank)
        return self._running_share(item, value, partition, descending, name)

    def _fixed(self, item: Calculation, values: dict[str, exp.Expr], name: str) -> exp.Expr:
        level = self.plan.level_of(item)
        if level == 0:
            return substitute(item.tree, values)
        assert self.groups.level is not None  # noqa: S101
        is_level = exp.EQ(this=self._column(self.groups.level, name), expression=exp.Literal.number(level))

        def of_level(value: exp.Expr) -> exp.Expr:
            only = exp.Max(this=exp.Case().when(is_level.copy(), value))
            return exp.Window(this=only, partition_by=self._dimensions(item.partition, name))

        aggregates = self._aggregates
        used = [aggregates[key] for key in _uses(item)]
        if not any(part.is_count for part in used) and not item.tree.find(exp.Coalesce):
            return of_level(substitute(item.tree, values))
        # Without rows, the level has no row either: counts are 0 then, and a value that replaces NULL applies.
        found = {part.key: of_level(values[part.key]) for part in used}
        zero = exp.Literal.number(0)
        counts = {part.key: exp.func("COALESCE", found[part.key], zero.copy()) for part in used if part.is_count}
        return substitute(item.tree, found | counts)

    @property
    def _aggregates(self) -> dict[str, AnyAggregate]:
        return {part.key: part for fact in self.plan.facts for part in fact.aggregates}

    def _running_share(
        self, item: Calculation, value: exp.Expr, partition: list[exp.Expr], descending: list[exp.Expr], name: str
    ) -> exp.Expr:
        if not _is_additive(item.tree, self._aggregates):
            message = (
                "running_share adds the groups up, which is right for sums and counts only, not for distinct counts"
            )
            raise SemanticError(Problem.INVALID_QUERY, f"{message}, averages, extremes and quotients")
        within = {part.name for part in self.plan.dimensions if part.key in item.partition}
        reject_overlap(self.plan, _uses(item), within, "running_share adds the groups up")
        ties = [
            term for part in self.plan.dimensions for term in window_order(self._column(part.name, name), self.dialect)
        ]
        rows = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
        running = exp.Window(
            this=exp.Sum(this=value.copy()),
            partition_by=partition,
            order=exp.Order(expressions=[*descending, *ties]),
            spec=rows,
        )
        total = exp.Window(this=exp.Sum(this=value.copy()), partition_by=[part.copy() for part in partition])
        divisor = exp.Nullif(this=total, expression=exp.Literal.number(0))
        dividend = running if self.dialect.name in UNROUNDED_DIVISION else exp.cast(running, "double")
        return exp.Div(this=dividend, expression=divisor, typed=False, safe=False)

    def _moving_average(self, item: Calculation, value: exp.Expr, name: str) -> exp.Expr:
        axis = self.plan.axis
        assert axis is not None  # noqa: S101
        others = tuple(part.key for part in self.plan.dimensions if not part.is_metric_time)
        level = [self._column(self.groups.level, name)] if self.groups.level else []
        order = window_order(self._column(axis.dimension.name, name), self.dialect)
        rows = exp.WindowSpec(
            kind="ROWS", start=exp.Literal.number(item.size - 1), start_side="PRECEDING", end="CURRENT ROW"
        )
        number = value if self.dialect.name in UNROUNDED_DIVISION else exp.cast(value, "double")
        average = exp.Window(
            this=exp.Avg(this=number),
            partition_by=[*level, *self._dimensions(others, name)],
            order=exp.Order(expressions=order),
            spec=rows,
        )
        # Rows without a time are in no period, and have none before.
        return exp.Case().when(is_not_null(self._column(axis.dimension.name, name)), average)

    def _flags(self, name: str) -> list[exp.Expr]:
        return [self._column(flag, name) for flag in (self.groups.level, self.groups.is_group) if flag]

    def _dimensions(self, keys: tuple[str, ...], name: str) -> list[exp.Expr]:
        return [self._column(item.name, name) for item in self.plan.dimensions if item.key in keys]

    def _values(self, name: str, columns: dict[str, str]) -> dict[str, exp.Expr]:
        return {key: self._column(label, name) for key, label in columns.items()}

    def _column(self, column: str, relation: str) -> exp.Expr:
        return self.dialect.column(column, relation)


def _uses(item: Calculation) -> set[str]:
    return {node.name for node in item.tree.find_all(exp.Placeholder)}


_LINEAR = (exp.Add, exp.Sub, exp.Neg, exp.Paren, exp.Placeholder)


def _is_additive(tree: exp.Expr, aggregates: dict[str, AnyAggregate]) -> bool:
    """Return whether the value of several groups is the sum of the values of each."""
    if isinstance(tree, exp.Placeholder):
        aggregate = aggregates.get(tree.name)
        if aggregate is None or isinstance(aggregate, NestedAggregate) or aggregate.variant.window is not None:
            return False
        is_sum = isinstance(aggregate.tree, (exp.Sum, exp.Count)) and not isinstance(aggregate.tree.this, exp.Distinct)
        return is_sum and aggregate.edge is None
    if isinstance(tree, exp.Coalesce):
        return tree.expressions == [exp.Literal.number(0)] and _is_additive(tree.this, aggregates)
    if isinstance(tree, exp.Mul):
        return any(
            isinstance(one, exp.Literal) and _is_additive(other, aggregates)
            for one, other in ((tree.left, tree.right), (tree.right, tree.left))
        )
    return isinstance(tree, _LINEAR) and all(_is_additive(part, aggregates) for part in tree.iter_expressions())
