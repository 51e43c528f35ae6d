"""From the text of a measure to its aggregates, each with the source whose rows it counts, and the calculation on top.

A measure is a calculation over aggregates. Each is an `Aggregate`, which is computed at the grain of its own source; in
the calculation a placeholder stands for it. Divisions between aggregates give fractions, also of integers in every
dialect, and NULL where the divisor is zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.aggregates import require_aggregate
from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import reference
from semantic_layer.dialects import UNROUNDED_DIVISION, SqlDialect
from semantic_layer.errors import Problem, SemanticError, unknown
from semantic_layer.expressions import (
    all_of,
    has_aggregate,
    invalid,
    is_aggregate,
    map_columns,
    name_parts,
    operand,
    parse,
)
from semantic_layer.functions import meant_as_aggregate, unknown_aggregate
from semantic_layer.graph import JoinGraph
from semantic_layer.models import Measure
from semantic_layer.spellings import spell
from semantic_layer.types import require_condition, require_number, type_of, typed_times

# Aggregates that skip NULL, so that a condition can be written into their first argument.
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
# The beginnings of the names of aggregates that count and that are a dialect's own.
_COUNTING = ("approx_count", "count", "uniq")


@dataclass(frozen=True)
class Aggregate:
    """An aggregate over rows of `root`; `tree` refers to columns of the model. `label` is what to call it."""

    key: str
    root: Node
    tree: exp.Expr
    label: str

    @property
    def counts(self) -> bool:
        """Whether the aggregate of no rows is zero and not NULL."""
        if isinstance(self.tree, exp.AnonymousAggFunc):
            return self.tree.name.lower().startswith(_COUNTING)
        return isinstance(self.tree, (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RegrCount))


@dataclass
class Measures:
    """Resolves measures; the same aggregate asked for twice is computed once."""

    catalog: Catalog
    graph: JoinGraph
    dialect: SqlDialect
    aggregates: dict[tuple[str, exp.Expr], Aggregate] = field(default_factory=dict)

    def named(self, node: Node, name: str, within: tuple[str, ...] = (), also: exp.Expr | None = None) -> exp.Expr:
        """Resolve a declared measure; `also` is a condition that holds in addition to its own ones."""
        measure = node.fields.measures.get(name)
        if measure is None:
            known = list(node.fields.measures) + ([] if name not in node.public else [name])
            raise _no_measure(node, name, known)
        here = f"{node.name}.{name}"
        if here in within:
            circle = " → ".join([*within[within.index(here) :], here])
            raise SemanticError(Problem.CYCLE, f"The measures refer to each other in a circle: {circle}")
        conditions = [condition for condition in (also, self._own_condition(node, measure)) if condition is not None]
        work = _Resolution(self, node, measure.expr, (*within, here), all_of(conditions), here)
        return work.resolve()

    def composed(self, text: str) -> exp.Expr:
        """Resolve an expression of a query, such as `sum(orders.amount)` or `orders.revenue / orders.count`."""
        return _Resolution(self, None, text, (), None, text).resolve()

    def calculation(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Resolve a part of a filter in which measures and aggregates stand."""
        return _Resolution(self, None, text, (), None, text).resolve_tree(tree)

    def condition(self, node: Node, text: str) -> exp.Expr:
        """Read a condition of a source over its own columns and over those that each row has one of."""

        def resolve(column: exp.Column) -> exp.Expr:
            qualifier, name = name_parts(column, text)
            at = node if qualifier in (None, node.name, node.source.name) else self.catalog.node(qualifier or "")
            return reference(at.name, at.column(name).name)

        tree = parse(text, self.dialect)
        if has_aggregate(tree):
            raise invalid(text, "is a condition over rows and cannot hold an aggregate")
        condition = map_columns(tree, resolve)
        require_condition(condition, self.catalog, text)
        return typed_times(condition, self.catalog, self.dialect)

    def segment(self, node: Node, name: str) -> exp.Expr:
        """Read a segment."""
        return self.condition(node, node.segment(name).expr)

    def _own_condition(self, node: Node, measure: Measure) -> exp.Expr | None:
        conditions = [self.segment(node, name) for name in measure.segments]
        if measure.filter is not None:
            conditions.append(self.condition(node, measure.filter))
        return all_of(conditions)

    def aggregate(self, root: Node, tree: exp.Expr, label: str) -> exp.Expr:
        """Register an aggregate, and give the placeholder that stands for it."""
        signature = (root.name, tree)
        if signature not in self.aggregates:
            self.aggregates[signature] = Aggregate(f"aggregate_{len(self.aggregates)}", root, tree, label)
        return exp.Placeholder(this=self.aggregates[signature].key)


def _no_measure(node: Node, name: str, known: list[str]) -> SemanticError:
    if name in node.public:
        message = f"{node.name}.{name} is a column, not a measure; aggregate it, as in sum({node.name}.{name})"
        return SemanticError(Problem.WRONG_TYPE, message)
    return unknown(f"measure in {node.name}", name, known)


@dataclass
class _Resolution:
    """One text on its way: `home` is the source that declares it, or None for a text of a query."""

    measures: Measures
    home: Node | None
    text: str
    within: tuple[str, ...]
    condition: exp.Expr | None
    label: str

    def resolve(self) -> exp.Expr:
        return self.resolve_tree(parse(self.text, self.measures.dialect))

    def resolve_tree(self, tree: exp.Expr) -> exp.Expr:
        resolved = tree.transform(self._visit)
        if resolved.find(exp.Placeholder) is None:
            call = resolved.find(exp.Anonymous)
            if call is not None:
                raise unknown_aggregate(call, self.text, self.measures.dialect)
            raise invalid(self.text, "aggregates nothing; a measure is an aggregate, such as sum(amount)")
        return _with_real_divisions(resolved, self.measures.dialect)

    def _visit(self, node: exp.Expr) -> exp.Expr:
        if is_aggregate(node):
            return self._aggregate(node)
        return operand(self._measure(node), node) if isinstance(node, exp.Column) else node

    def _measure(self, column: exp.Column) -> exp.Expr:
        """Resolve a name outside of aggregates: it is another measure."""
        qualifier, name = name_parts(column, self.text)
        if qualifier is None and self.home is None:
            raise self.measures.catalog.unqualified(name)
        node = self.home if qualifier is None else self.measures.catalog.node(qualifier)
        assert node is not None  # noqa: S101
        call = meant_as_aggregate(column) if name not in node.fields.measures and name in node.fields.columns else None
        if call is not None:
            raise unknown_aggregate(call, self.text, self.measures.dialect)
        return self.measures.named(node, name, self.within, self.condition)

    def _aggregate(self, call: exp.Expr) -> exp.Expr:
        if sum(isinstance(node, exp.AggFunc) for node in call.walk()) > 1:
            raise invalid(self.text, "aggregates an aggregate")
        call, conditions = self._without_filter(call)
        require_aggregate(call, self.measures.dialect, self.text)
        tree = typed_times(call.transform(self._column), self.measures.catalog, self.measures.dialect)
        root = self._root(tree)
        for star in [column for column in tree.find_all(exp.Column) if isinstance(column.this, exp.Star)]:
            star.replace(exp.Star())
        if isinstance(tree, (exp.Sum, exp.Avg)):
            require_number(tree.this, self.measures.catalog, self.text)
        condition = all_of([*([self.condition] if self.condition is not None else []), *conditions])
        if condition is not None:
            tree = self._under(tree, condition)
        tree = spell(tree, self.measures.dialect, self.text, lambda column: type_of(column, self.measures.catalog))
        return self.measures.aggregate(root, tree, self.label)

    def _without_filter(self, call: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
        """Take FILTER (WHERE …) off the aggregate: it is written as CASE, which every dialect has."""
        if not isinstance(call, exp.Filter):
            return call, []
        condition = call.expression.this.transform(self._column)
        return call.this, [typed_times(condition, self.measures.catalog, self.measures.dialect)]

    def _column(self, node: exp.Expr) -> exp.Expr:
        """Resolve a name within an aggregate: it is a column."""
        if not isinstance(node, exp.Column):
            return node
        qualifier, name = name_parts(node, self.text)
        catalog = self.measures.catalog
        if self.home is None:
            if qualifier is None:
                raise catalog.unqualified(name)
            at = catalog.node(qualifier)
            if isinstance(node.this, exp.Star):
                return node.copy()
            return reference(at.name, at.public_column(name).name)
        is_own = qualifier in (None, self.home.name, self.home.source.name)
        at = self.home if is_own else catalog.node(qualifier or "")
        return node.copy() if isinstance(node.this, exp.Star) else reference(at.name, at.column(name).name)

    def _root(self, tree: exp.Expr) -> Node:
        """Find the source whose rows are aggregated: the one that has one row of every other one named."""
        if self.home is not None:
            return self.home
        catalog, graph = self.measures.catalog, self.measures.graph
        nodes = [catalog.node(name) for name in dict.fromkeys(column.table for column in tree.find_all(exp.Column))]
        if not nodes:
            raise invalid(self.text, "does not say whose rows it counts; write it as in count(orders.*)")
        for candidate in nodes:
            if all(graph.keeps_rows(candidate, other) for other in nodes):
                return candidate
        names = ", ".join(node.name for node in nodes)
        message = f"aggregates over {names}, none of which has exactly one row of each of the others"
        raise invalid(self.text, message)

    def _under(self, tree: exp.Expr, condition: exp.Expr) -> exp.Expr:
        """Let the aggregate see only rows under the condition."""
        argument = tree.this
        if not isinstance(tree, _SKIP_NULL) or (isinstance(tree, (exp.Min, exp.Max)) and tree.expressions):
            raise invalid(self.text, "cannot be combined with a filter; write the condition into the aggregate itself")
        if isinstance(argument, exp.Distinct):
            first, *rest = argument.expressions
            argument.set("expressions", [_case(condition, first), *rest])
        else:
            tree.set("this", _case(condition, exp.Literal.number(1) if isinstance(argument, exp.Star) else argument))
        return tree


def _case(condition: exp.Expr, value: exp.Expr) -> exp.Case:
    return exp.Case().when(condition.copy(), value.copy())


def _with_real_divisions(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Let divisions between aggregates give fractions, and nothing where the divisor is zero."""
    zero = exp.Literal.number(0)
    for division in reversed(list(tree.find_all(exp.Div))):  # the innermost first
        dividend, divisor = division.this, division.expression
        division.set("typed", False)
        division.set("safe", False)
        # What a measure is made of has been through here before.
        if dialect.name not in UNROUNDED_DIVISION and not dividend.is_type("double"):
            division.set("this", exp.cast(dividend.unnest().copy(), "double"))
        if not isinstance(divisor, exp.Literal) and not (
            isinstance(divisor, exp.Nullif) and divisor.expression == zero
        ):
            division.set("expression", exp.Nullif(this=divisor.unnest().copy(), expression=zero.copy()))
    return tree
