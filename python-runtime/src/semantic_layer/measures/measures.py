"""Measures of a query: names are resolved to calculations with placeholders for aggregates.

Each aggregate is computed at the grain of its own source. Divisions between aggregates are fractional in every dialect,
also for integers, and NULL if the divisor is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError, format_near_matches, unknown_name_error, within
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.measures.aggregation import Aggregate, AnyAggregate, EdgeTime, NestedAggregate
from semantic_layer.measures.calculations import Calculation
from semantic_layer.measures.resolution import Resolution
from semantic_layer.measures.variants import Variant
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Measure
from semantic_layer.model.references import model_column
from semantic_layer.model.types import cast_time_literals, require_condition
from semantic_layer.rows.conversions import followed
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.parameters import Parameters
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.row_functions import RowFunctions, is_row_existence
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import (
    combine_with_and,
    expression_error,
    has_aggregate,
    name_parts,
    parenthesize,
    parse,
)


def _no_dimensions(text: str) -> Dimension:
    raise expression_error(text, "names a dimension outside of a query")


@dataclass(frozen=True)
class Scope:
    """What the expressions of a query may name besides the model; outside of a query, dimensions are not known."""

    composed: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[Dimension, ...] | None = None
    read_dimension: Callable[[str], Dimension] = _no_dimensions


@dataclass
class Measures:
    """Resolves measures; equal aggregates and calculations are computed once."""

    catalog: Catalog
    graph: JoinGraph
    dialect: SqlDialect
    parameters: Parameters
    clock: Clock
    scope: Scope = field(default_factory=Scope)
    aggregates: dict[str, AnyAggregate] = field(default_factory=dict)
    calculations: dict[str, Calculation] = field(default_factory=dict)
    _keys: dict[object, str] = field(default_factory=dict)
    functions: RowFunctions = field(init=False)

    def __post_init__(self) -> None:
        self.functions = RowFunctions(self.catalog, self.dialect, self.clock)

    def resolve_declared(
        self,
        node: Node,
        name: str,
        pending: tuple[str, ...] = (),
        extra_condition: exp.Expr | None = None,
        variant: Variant | None = None,
    ) -> exp.Expr:
        """Resolve a declared measure. Raises SemanticError for unknown names and cycles.

        `pending` are the measures that refer to it; `extra_condition` is added to its own conditions; `variant` has the
        time and the paths of the measure that refers to it.
        """
        measure = node.fields.measures.get(name)
        if measure is None:
            suggestions = list(node.fields.measures) + ([] if name not in node.public_columns else [name])
            raise _unknown_measure_error(node, name, suggestions)
        conditions = [
            condition
            for condition in (extra_condition, self._declared_condition(node, measure))
            if condition is not None
        ]
        label = f"{node.name}.{name}"
        resolution = Resolution(
            self,
            node,
            measure.expr,
            _push(pending, label),
            combine_with_and(conditions),
            label,
            _declared_variant(node, measure, variant or Variant()),
            measure.semi_additive,
        )
        return fill_nulls(resolution.resolve(), measure.fill_nulls_with)

    def resolve_metric(self, name: str, pending: tuple[str, ...] = ()) -> exp.Expr:
        """Resolve a metric of the model. Raises SemanticError with its name, and for cycles."""
        metric = self.catalog.metrics[name]
        resolution = Resolution(self, None, metric.expr, _push(pending, name), None, name, is_metric=True)
        with within(f"metric '{name}'"):
            return fill_nulls(resolution.resolve(), metric.fill_nulls_with)

    def resolve_unqualified(self, name: str, pending: tuple[str, ...]) -> exp.Expr:
        """Resolve a name without a source: a measure that the query defines, or a metric. Raises SemanticError."""
        if name in self.scope.composed:
            return Resolution(self, None, self.scope.composed[name], _push(pending, name), None, name).resolve()
        if name in self.catalog.metrics:
            return self.resolve_metric(name, pending)
        near = format_near_matches(name, [*self.scope.composed, *self.catalog.metrics])
        if near:
            message = f"'{name}' is no metric, and no measure that the query names{near}"
            raise SemanticError(Problem.UNKNOWN_NAME, message)
        raise self.catalog.unqualified_name_error(name)

    def resolve_composed(self, text: str, name: str | None = None) -> exp.Expr:
        """Resolve an expression of a query, such as `sum(orders.amount)`, and the `name` that the query gives it."""
        return Resolution(self, None, text, (name,) if name else (), None, text).resolve()

    def resolve_calculation(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Resolve a part of a filter over measures and aggregates."""
        return Resolution(self, None, text, (), None, text).resolve_tree(tree)

    def parse_condition(self, node: Node, text: str) -> exp.Expr:
        """Parse a condition of a source over its own columns and those of sources with one row per row."""

        def resolve(column: exp.Column) -> exp.Expr:
            qualifier, name = name_parts(column, text)
            target = self.catalog.node_for(node, qualifier)
            return model_column(target.name, target.column(name).name)

        def visit(part: exp.Expr) -> exp.Expr:
            if isinstance(part, exp.Column):
                return parenthesize(resolve(part), part)
            return self.write_function(part, visit, text) or part

        tree = parse(text, self.dialect)
        if has_aggregate(tree):
            raise expression_error(text, "is a condition over rows and cannot hold an aggregate")
        condition = tree.transform(visit)
        require_condition(condition, self.catalog, text)
        return cast_time_literals(condition, self.catalog, self.dialect)

    def write_function(self, node: exp.Expr, visit: Callable[[exp.Expr], exp.Expr], text: str) -> exp.Expr | None:
        """Return a function of the semantic layer in a condition or an aggregate, or None. Raises SemanticError."""
        if is_row_existence(node):
            advice = "declare a column with a `measure`, such as orders.count, and compare it"
            raise expression_error(text, f"asks for the existence of rows, which is for filters of a query; {advice}")
        return self.functions.write(node, lambda argument: argument.transform(visit), text)

    def resolve_segment(self, node: Node, name: str) -> exp.Expr:
        """Return the condition of a segment."""
        return self.parse_condition(node, node.segment(name).expr)

    def _declared_condition(self, node: Node, measure: Measure) -> exp.Expr | None:
        conditions = [self.resolve_segment(node, name) for name in measure.segments]
        if measure.filter is not None:
            conditions.append(self.parse_condition(node, measure.filter))
        if measure.followed_by is not None:
            conditions.append(followed(node, measure, measure.followed_by, self.catalog, self.dialect))
        return combine_with_and(conditions)

    def aggregates_in(self, tree: exp.Expr) -> list[AnyAggregate]:
        """Return the aggregates that a calculation has placeholders for."""
        return [self.aggregates[node.name] for node in tree.find_all(exp.Placeholder) if node.name in self.aggregates]

    def rows_of(self, aggregate: AnyAggregate) -> list[Aggregate]:
        """Return the aggregates over rows that an aggregate is computed from."""
        if isinstance(aggregate, Aggregate):
            return [aggregate]
        return [row for inner in self.aggregates_in(aggregate.inner) for row in self.rows_of(inner)]

    # --- placeholders ------------------------------------------------------------------------------------------------

    def register_aggregate(
        self, root: Node, tree: exp.Expr, label: str, variant: Variant, edge: EdgeTime | None = None
    ) -> exp.Expr:
        """Register an aggregate and return its placeholder."""
        key = self._key("aggregate", (root.name, tree, variant, edge))
        self.aggregates.setdefault(key, Aggregate(key, root, tree, label, variant, edge))
        return exp.Placeholder(this=key)

    def register_nested(self, inner: exp.Expr, per: tuple[Dimension, ...], tree: exp.Expr, label: str) -> exp.Expr:
        """Register an aggregate over the values of a calculation for each combination of dimensions."""
        key = self._key("aggregate", (inner, tuple(item.name for item in per), tree))
        self.aggregates.setdefault(key, NestedAggregate(key, inner, per, tree, label))
        return exp.Placeholder(this=key)

    def register_calculation(self, calculation: Calculation) -> exp.Expr:
        """Register a calculation, whose key is set here, and return its placeholder."""
        parts = (calculation.kind, calculation.tree, calculation.partition, calculation.size)
        key = self._key("calculation", parts)
        self.calculations.setdefault(key, replace(calculation, key=key))
        return exp.Placeholder(this=key)

    def _key(self, kind: str, signature: object) -> str:
        return self._keys.setdefault((kind, signature), f"{kind}_{len(self._keys)}")

    def vary(self, tree: exp.Expr, change: Callable[[Variant], Variant]) -> exp.Expr:
        """Return a calculation over other variants of its aggregates. Raises SemanticError if there is none."""

        def visit(node: exp.Expr) -> exp.Expr:
            return self._vary_key(node.name, change) if isinstance(node, exp.Placeholder) else node

        return tree.copy().transform(visit, copy=False)

    def _vary_key(self, key: str, change: Callable[[Variant], Variant]) -> exp.Expr:
        calculation = self.calculations.get(key)
        if calculation is not None:
            return self.register_calculation(replace(calculation, tree=self.vary(calculation.tree, change)))
        aggregate = self.aggregates[key]
        if isinstance(aggregate, NestedAggregate):
            inner = self.vary(aggregate.inner, change)
            return self.register_nested(inner, aggregate.per, aggregate.tree, aggregate.label)
        variant = change(aggregate.variant)
        return self.register_aggregate(aggregate.root, aggregate.tree, aggregate.label, variant, aggregate.edge)


def fill_nulls(tree: exp.Expr, value: float | None) -> exp.Expr:
    """Return a calculation with a value in place of NULL, if one is given."""
    if value is None:
        return tree
    literal = exp.Literal.number(abs(value))
    return exp.func("COALESCE", tree, exp.Neg(this=literal) if value < 0 else literal)


def _push(pending: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the names that are being resolved with one more. Raises SemanticError for a cycle."""
    if name in pending:
        cycle = " → ".join([*pending[pending.index(name) :], name])
        raise SemanticError(Problem.CYCLE, f"The measures refer to each other in a cycle: {cycle}")
    return (*pending, name)


def _declared_variant(node: Node, measure: Measure, outer: Variant) -> Variant:
    """Return the variant of a declared measure: its own time and paths, otherwise those of the measure that uses it."""
    time = outer.time
    if measure.time is not None:
        time = measure.time if "." in measure.time else f"{node.name}.{measure.time}"
    paths = dict(outer.paths) | measure.paths
    return replace(outer, time=time, paths=tuple(sorted(paths.items())))


def _unknown_measure_error(node: Node, name: str, suggestions: list[str]) -> SemanticError:
    if name in node.public_columns:
        message = f"{node.name}.{name} is a column, not a measure; aggregate it, as in sum({node.name}.{name})"
        return SemanticError(Problem.WRONG_TYPE, message)
    return unknown_name_error(f"measure in {node.name}", name, suggestions)
