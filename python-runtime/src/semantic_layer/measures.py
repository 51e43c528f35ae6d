"""Resolution of measures into aggregates and calculations.

A measure is a calculation over aggregates. Each `Aggregate` is computed at the grain of its own source, and has a
placeholder in the calculation. Divisions between aggregates are fractional in every dialect, also for integers, and
NULL if the divisor is zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.aggregates import require_aggregate
from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import model_column
from semantic_layer.dialects import UNROUNDED_DIVISION, SqlDialect
from semantic_layer.errors import Problem, SemanticError, unknown_name_error
from semantic_layer.expressions import (
    combine_with_and,
    expression_error,
    has_aggregate,
    is_aggregate,
    map_columns,
    name_parts,
    parenthesize,
    parse,
)
from semantic_layer.functions import enclosing_unknown_call, unknown_aggregate_error
from semantic_layer.graph import JoinGraph
from semantic_layer.models import Measure
from semantic_layer.parameters import Parameters
from semantic_layer.spellings import spell_aggregate
from semantic_layer.types import cast_time_literals, declared_type, require_condition, require_number

# Aggregates that ignore NULL, so that a condition can be added to their first argument.
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
# Prefixes of dialect-specific aggregates that count.
_COUNTING = ("approx_count", "count", "uniq")


@dataclass(frozen=True)
class Aggregate:
    """An aggregate over rows of `root`; `tree` refers to columns of the model, `label` suggests a name."""

    key: str
    root: Node
    tree: exp.Expr
    label: str

    @property
    def is_count(self) -> bool:
        """Whether the aggregate of no rows is zero instead of NULL."""
        if isinstance(self.tree, exp.AnonymousAggFunc):
            return self.tree.name.lower().startswith(_COUNTING)
        return isinstance(self.tree, (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RegrCount))


@dataclass
class Measures:
    """Resolves measures; equal aggregates are computed once."""

    catalog: Catalog
    graph: JoinGraph
    dialect: SqlDialect
    parameters: Parameters
    aggregates: dict[tuple[str, exp.Expr], Aggregate] = field(default_factory=dict)

    def resolve_declared(
        self, node: Node, name: str, pending: tuple[str, ...] = (), extra_condition: exp.Expr | None = None
    ) -> exp.Expr:
        """Resolve a declared measure. Raises SemanticError for unknown names and cycles.

        `pending` are the measures that refer to it; `extra_condition` is added to its own conditions.
        """
        measure = node.fields.measures.get(name)
        if measure is None:
            suggestions = list(node.fields.measures) + ([] if name not in node.public_columns else [name])
            raise _unknown_measure_error(node, name, suggestions)
        qualified_name = f"{node.name}.{name}"
        if qualified_name in pending:
            cycle = " → ".join([*pending[pending.index(qualified_name) :], qualified_name])
            raise SemanticError(Problem.CYCLE, f"The measures refer to each other in a cycle: {cycle}")
        conditions = [
            condition
            for condition in (extra_condition, self._declared_condition(node, measure))
            if condition is not None
        ]
        resolution = _Resolution(
            self, node, measure.expr, (*pending, qualified_name), combine_with_and(conditions), qualified_name
        )
        return resolution.resolve()

    def resolve_composed(self, text: str) -> exp.Expr:
        """Resolve an expression of a query, such as `sum(orders.amount)` or `orders.revenue / orders.count`."""
        return _Resolution(self, None, text, (), None, text).resolve()

    def resolve_calculation(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Resolve a part of a filter over measures and aggregates."""
        return _Resolution(self, None, text, (), None, text).resolve_tree(tree)

    def parse_condition(self, node: Node, text: str) -> exp.Expr:
        """Parse a condition of a source over its own columns and those of sources with one row per row."""

        def resolve(column: exp.Column) -> exp.Expr:
            qualifier, name = name_parts(column, text)
            target = node if qualifier in (None, node.name, node.source.name) else self.catalog.node(qualifier or "")
            return model_column(target.name, target.column(name).name)

        tree = parse(text, self.dialect)
        if has_aggregate(tree):
            raise expression_error(text, "is a condition over rows and cannot hold an aggregate")
        condition = map_columns(tree, resolve)
        require_condition(condition, self.catalog, text)
        return cast_time_literals(condition, self.catalog, self.dialect)

    def resolve_segment(self, node: Node, name: str) -> exp.Expr:
        """Return the condition of a segment."""
        return self.parse_condition(node, node.segment(name).expr)

    def _declared_condition(self, node: Node, measure: Measure) -> exp.Expr | None:
        conditions = [self.resolve_segment(node, name) for name in measure.segments]
        if measure.filter is not None:
            conditions.append(self.parse_condition(node, measure.filter))
        return combine_with_and(conditions)

    def register_aggregate(self, root: Node, tree: exp.Expr, label: str) -> exp.Expr:
        """Register an aggregate and return its placeholder."""
        signature = (root.name, tree)
        if signature not in self.aggregates:
            self.aggregates[signature] = Aggregate(f"aggregate_{len(self.aggregates)}", root, tree, label)
        return exp.Placeholder(this=self.aggregates[signature].key)


def _unknown_measure_error(node: Node, name: str, suggestions: list[str]) -> SemanticError:
    if name in node.public_columns:
        message = f"{node.name}.{name} is a column, not a measure; aggregate it, as in sum({node.name}.{name})"
        return SemanticError(Problem.WRONG_TYPE, message)
    return unknown_name_error(f"measure in {node.name}", name, suggestions)


@dataclass
class _Resolution:
    """The resolution of one expression; `owner` is the source that declares it, None for an expression of a query."""

    measures: Measures
    owner: Node | None
    text: str
    pending: tuple[str, ...]
    condition: exp.Expr | None
    label: str

    def resolve(self) -> exp.Expr:
        if self.owner is None:
            return self.resolve_tree(self.measures.parameters.parse(self.text))
        return self.resolve_tree(parse(self.text, self.measures.dialect))

    def resolve_tree(self, tree: exp.Expr) -> exp.Expr:
        resolved = tree.transform(self._visit)
        if resolved.find(exp.Placeholder) is None:
            call = resolved.find(exp.Anonymous)
            if call is not None:
                raise unknown_aggregate_error(call, self.text, self.measures.dialect)
            raise expression_error(self.text, "aggregates nothing; a measure is an aggregate, such as sum(amount)")
        return _make_divisions_fractional(resolved, self.measures.dialect)

    def _visit(self, node: exp.Expr) -> exp.Expr:
        if is_aggregate(node):
            return self._resolve_aggregate(node)
        return parenthesize(self._resolve_measure(node), node) if isinstance(node, exp.Column) else node

    def _resolve_measure(self, column: exp.Column) -> exp.Expr:
        """Resolve a name outside of aggregates, which is another measure."""
        qualifier, name = name_parts(column, self.text)
        if qualifier is None and self.owner is None:
            raise self.measures.catalog.unqualified_name_error(name)
        node = self.owner if qualifier is None else self.measures.catalog.node(qualifier)
        assert node is not None  # noqa: S101
        call = (
            enclosing_unknown_call(column) if name not in node.fields.measures and name in node.fields.columns else None
        )
        if call is not None:
            raise unknown_aggregate_error(call, self.text, self.measures.dialect)
        return self.measures.resolve_declared(node, name, self.pending, self.condition)

    def _resolve_aggregate(self, call: exp.Expr) -> exp.Expr:
        if sum(isinstance(node, exp.AggFunc) for node in call.walk()) > 1:
            raise expression_error(self.text, "aggregates an aggregate")
        call, conditions = self._extract_filter(call)
        require_aggregate(call, self.measures.dialect, self.text)
        tree = cast_time_literals(call.transform(self._resolve_column), self.measures.catalog, self.measures.dialect)
        root = self._find_root(tree)
        for star in [column for column in tree.find_all(exp.Column) if isinstance(column.this, exp.Star)]:
            star.replace(exp.Star())
        if isinstance(tree, (exp.Sum, exp.Avg)):
            require_number(tree.this, self.measures.catalog, self.text)
        condition = combine_with_and([*([self.condition] if self.condition is not None else []), *conditions])
        if condition is not None:
            tree = self._apply_condition(tree, condition)
        tree = spell_aggregate(
            tree, self.measures.dialect, self.text, lambda column: declared_type(column, self.measures.catalog)
        )
        return self.measures.register_aggregate(root, tree, self.label)

    def _extract_filter(self, call: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
        """Split FILTER (WHERE …) off an aggregate; it is generated as CASE, which every dialect supports."""
        if not isinstance(call, exp.Filter):
            return call, []
        condition = call.expression.this.transform(self._resolve_column)
        return call.this, [cast_time_literals(condition, self.measures.catalog, self.measures.dialect)]

    def _resolve_column(self, node: exp.Expr) -> exp.Expr:
        """Resolve a name inside of an aggregate, which is a column."""
        if not isinstance(node, exp.Column):
            return node
        qualifier, name = name_parts(node, self.text)
        catalog = self.measures.catalog
        if self.owner is None:
            if qualifier is None:
                raise catalog.unqualified_name_error(name)
            target = catalog.node(qualifier)
            if isinstance(node.this, exp.Star):
                return node.copy()
            return model_column(target.name, target.public_column(name).name)
        is_of_owner = qualifier in (None, self.owner.name, self.owner.source.name)
        target = self.owner if is_of_owner else catalog.node(qualifier or "")
        return node.copy() if isinstance(node.this, exp.Star) else model_column(target.name, target.column(name).name)

    def _find_root(self, tree: exp.Expr) -> Node:
        """Return the source whose rows are aggregated: each of its rows has one row of every other source."""
        if self.owner is not None:
            return self.owner
        catalog, graph = self.measures.catalog, self.measures.graph
        nodes = [catalog.node(name) for name in dict.fromkeys(column.table for column in tree.find_all(exp.Column))]
        if not nodes:
            raise expression_error(self.text, "does not say whose rows it counts; write it as in count(orders.*)")
        for candidate in nodes:
            if all(graph.has_at_most_one(candidate, other) for other in nodes):
                return candidate
        names = ", ".join(node.name for node in nodes)
        message = f"aggregates over {names}, none of which has exactly one row of each of the others"
        raise expression_error(self.text, message)

    def _apply_condition(self, tree: exp.Expr, condition: exp.Expr) -> exp.Expr:
        """Restrict an aggregate to the rows that satisfy a condition."""
        argument = tree.this
        if not isinstance(tree, _SKIP_NULL) or (isinstance(tree, (exp.Min, exp.Max)) and tree.expressions):
            raise expression_error(
                self.text, "cannot be combined with a filter; write the condition into the aggregate itself"
            )
        if isinstance(argument, exp.Distinct):
            first, *rest = argument.expressions
            argument.set("expressions", [_case(condition, first), *rest])
        else:
            tree.set("this", _case(condition, exp.Literal.number(1) if isinstance(argument, exp.Star) else argument))
        return tree


def _case(condition: exp.Expr, value: exp.Expr) -> exp.Case:
    return exp.Case().when(condition.copy(), value.copy())


def _make_divisions_fractional(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Make divisions between aggregates fractional, and NULL if the divisor is zero."""
    zero = exp.Literal.number(0)
    for division in reversed(list(tree.find_all(exp.Div))):  # the innermost first
        dividend, divisor = division.this, division.expression
        division.set("typed", False)
        division.set("safe", False)
        # Divisions of referenced measures are converted already.
        if dialect.name not in UNROUNDED_DIVISION and not dividend.is_type("double"):
            division.set("this", exp.cast(dividend.unnest().copy(), "double"))
        if not isinstance(divisor, exp.Literal) and not (
            isinstance(divisor, exp.Nullif) and divisor.expression == zero
        ):
            division.set("expression", exp.Nullif(this=divisor.unnest().copy(), expression=zero.copy()))
    return tree
