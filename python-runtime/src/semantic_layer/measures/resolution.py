"""Resolution of one expression of a measure: names, aggregates and calculations become placeholders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from sqlglot import exp

from semantic_layer.measures.aggregation import EdgeTime, make_divisions_fractional, restrict
from semantic_layer.measures.calculations import (
    Calculation,
    GroupKind,
    duration_argument,
    function_name,
    is_per,
    size_argument,
    unit_argument,
    usage_error,
)
from semantic_layer.measures.registry import Registry
from semantic_layer.measures.variants import PLAIN, Variant, Window
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Granularity, SemiAdditive
from semantic_layer.model.queries import FiscalGranularity
from semantic_layer.model.references import marker, model_column
from semantic_layer.model.types import cast_time_literals, declared_type, require_number
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.aggregates import require_aggregate
from semantic_layer.sql.expressions import (
    combine_with_and,
    expression_error,
    is_aggregate,
    is_not_null,
    name_parts,
    parenthesize,
    parse,
)
from semantic_layer.sql.functions import enclosing_unknown_call, unknown_aggregate_error
from semantic_layer.sql.spellings import spell_aggregate

VALUE = "value"
"""The marker of the inner value in the tree of a nested aggregate."""
# A comparison has its measure twice, so that nested ones grow exponentially.
_MAX_NODES = 2_000
_UNITS = (*get_args(Granularity), *get_args(FiscalGranularity))


@dataclass
class Resolution:
    """The resolution of one expression; `owner` is the source that declares it, None for an expression of a query."""

    measures: Registry
    owner: Node | None
    text: str
    pending: tuple[str, ...]
    condition: exp.Expr | None
    label: str
    variant: Variant = PLAIN
    semi_additive: SemiAdditive | None = None
    is_metric: bool = False

    def resolve(self) -> exp.Expr:
        """Return the calculation of the text. Raises SemanticError."""
        if self.owner is None and not self.is_metric:
            return self.resolve_tree(self.measures.parameters.parse(self.text))
        return self.resolve_tree(parse(self.text, self.measures.dialect))

    def resolve_tree(self, tree: exp.Expr) -> exp.Expr:
        """Return the calculation of a parsed expression. Raises SemanticError."""
        resolved = tree.transform(self._visit)
        if resolved.find(exp.Placeholder) is None:
            call = resolved.find(exp.Anonymous)
            if call is not None:
                raise unknown_aggregate_error(call, self.text, self.measures.dialect)
            raise expression_error(self.text, "aggregates nothing; a measure is an aggregate, such as sum(amount)")
        return make_divisions_fractional(resolved, self.measures.dialect)

    def _visit(self, node: exp.Expr) -> exp.Expr:
        name = function_name(node)
        if name is not None:
            return parenthesize(self._resolve_calculation(name, node), node)
        if is_aggregate(node):
            return self._resolve_nested(node) if any(map(is_per, node.walk())) else self._resolve_aggregate(node)
        if is_per(node):
            raise expression_error(self.text, "groups by per(…) outside of an aggregate; write avg(per(measure, dim))")
        return parenthesize(self._resolve_measure(node), node) if isinstance(node, exp.Column) else node

    def _resolve_measure(self, column: exp.Column) -> exp.Expr:
        """Resolve a name outside of aggregates, which is another measure."""
        qualifier, name = name_parts(column, self.text)
        if qualifier is None and self.owner is None:
            return self.measures.resolve_unqualified(name, self.pending)
        node = self.owner if qualifier is None else self.measures.catalog.node(qualifier)
        assert node is not None  # noqa: S101
        call = (
            enclosing_unknown_call(column) if name not in node.fields.measures and name in node.fields.columns else None
        )
        if call is not None:
            raise unknown_aggregate_error(call, self.text, self.measures.dialect)
        return self.measures.resolve_declared(node, name, self.pending, self.condition, self.variant)

    # --- calculations ------------------------------------------------------------------------------------------------

    def _resolve_calculation(self, name: str, call: exp.Expr) -> exp.Expr:
        arguments = list(call.expressions)
        if not arguments:
            raise usage_error(name, self.text)
        measure = self.resolve_tree(arguments[0])
        if name in ("cumulative", "rolling", "period_to_date"):
            return self.measures.vary(measure, self._windowed(name, arguments))
        if name in ("previous", "change", "growth"):
            duration = duration_argument(name, arguments, self.text)
            return self._compare(name, measure, lambda variant: variant.shifted(duration))
        if name == "moving_average":
            size = size_argument(name, arguments, self.text)
            return self._calculate(Calculation("", "moving_average", measure, (), size))
        partition = tuple(self._partition(argument) for argument in arguments[1:])
        if name == "percent_of_total":
            total = self._calculate(Calculation("", "fixed", measure.copy(), partition))
            share = exp.Div(this=exp.paren(measure), expression=total)
            return make_divisions_fractional(share, self.measures.dialect)
        kinds: dict[str, GroupKind] = {"fixed": "fixed", "rank": "rank", "running_share": "running_share"}
        return self._calculate(Calculation("", kinds[name], measure, partition))

    def _calculate(self, calculation: Calculation) -> exp.Expr:
        return self.measures.register_calculation(calculation)

    def _windowed(self, name: str, arguments: list[exp.Expr]) -> Callable[[Variant], Variant]:
        if name == "rolling":
            window = Window("rolling", duration_argument(name, arguments, self.text))
        elif name == "period_to_date":
            window = Window("to_date", unit=unit_argument(name, arguments, _UNITS, self.text))  # type: ignore[arg-type]
        elif len(arguments) == 1:
            window = Window("all")
        else:
            raise usage_error(name, self.text)
        return lambda variant: variant.windowed(window)

    def _compare(self, name: str, measure: exp.Expr, shift: Callable[[Variant], Variant]) -> exp.Expr:
        if sum(1 for _ in measure.walk()) > _MAX_NODES:
            raise expression_error(self.text, "compares calculations over time too often; nest fewer of them")
        before = self.measures.vary(measure, shift)
        if name == "previous":
            return before
        if name == "change":
            return exp.Sub(this=exp.paren(measure), expression=exp.paren(before))
        ratio = exp.Div(this=exp.paren(measure), expression=exp.paren(before))
        return exp.Sub(this=make_divisions_fractional(ratio, self.measures.dialect), expression=exp.Literal.number(1))

    def _partition(self, argument: exp.Expr) -> str:
        """Return the key of the selected dimension that an argument means. Raises SemanticError."""
        field, dimensions = self._dimension_text(argument), self.measures.scope.dimensions
        if dimensions is None:
            return field
        matches = [item.key for item in dimensions if field in (item.key, item.name)] or [
            item.key for item in dimensions if field == item.field
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise expression_error(self.text, f"names {field}, which is selected as {' and '.join(matches)}; write one")
        keys = ", ".join(item.key for item in dimensions) or "none"
        raise expression_error(self.text, f"names {field}, which is no dimension of the query; there are: {keys}")

    def _dimension_text(self, argument: exp.Expr) -> str:
        """Return the text of a dimension in an argument: `customers.region`, `metric_time`, `'metric_time:month'`."""
        if isinstance(argument, exp.Literal) and argument.is_string:
            return argument.name
        if not isinstance(argument, exp.Column):
            raise expression_error(self.text, f"has '{argument.sql()}' in place of a dimension")
        qualifier, name = name_parts(argument, self.text)
        if qualifier is None and self.owner is not None and name in self.owner.fields.columns:
            return f"{self.owner.name}.{name}"
        return name if qualifier is None else f"{qualifier}.{name}"

    def _resolve_nested(self, call: exp.Expr) -> exp.Expr:
        """Resolve an aggregate over the values of a measure for each combination of dimensions."""
        if isinstance(call, exp.Filter):
            raise expression_error(self.text, "filters an aggregate over per(…); filter the measure inside of it")
        inner: list[exp.Expr] = []
        dimensions: list[Dimension] = []

        def visit(node: exp.Expr) -> exp.Expr:
            if is_per(node):
                arguments = node.expressions
                if len(arguments) < 2 or inner:  # noqa: PLR2004
                    raise usage_error("per", self.text)
                inner.append(self.resolve_tree(arguments[0]))
                dimensions.extend(self._read_dimension(argument) for argument in arguments[1:])
                return marker(VALUE)
            if isinstance(node, exp.Column):
                raise expression_error(self.text, f"names {node.sql()} beside per(…) in one aggregate")
            return node

        require_aggregate(call, self.measures.dialect, self.text)
        tree = call.transform(visit)
        tree = spell_aggregate(tree, self.measures.dialect, self.text, lambda _: None)
        return self.measures.register_nested(inner[0], tuple(dimensions), tree, self.label)

    def _read_dimension(self, argument: exp.Expr) -> Dimension:
        return self.measures.scope.read_dimension(self._dimension_text(argument))

    # --- aggregates --------------------------------------------------------------------------------------------------

    def _resolve_aggregate(self, call: exp.Expr) -> exp.Expr:
        if sum(isinstance(node, exp.AggFunc) for node in call.walk()) > 1:
            hint = "write the inner one as per(measure, dimension), as in avg(per(orders.revenue, customers.id))"
            raise expression_error(self.text, f"aggregates an aggregate; {hint}")
        catalog, dialect = self.measures.catalog, self.measures.dialect
        call, conditions = self._extract_filter(call)
        require_aggregate(call, dialect, self.text)
        tree = cast_time_literals(call.transform(self._resolve_column), catalog, dialect)
        root = self._find_root(tree)
        for star in [column for column in tree.find_all(exp.Column) if isinstance(column.this, exp.Star)]:
            star.replace(exp.Star())
        if isinstance(tree, (exp.Sum, exp.Avg)):
            require_number(tree.this, catalog, self.text)
        condition = combine_with_and([*([self.condition] if self.condition is not None else []), *conditions])
        if condition is not None:
            tree = restrict(tree, condition, self.text)
        edge = self._edge(root, condition)
        if edge is not None:
            is_edge = exp.EQ(this=edge.over.copy(), expression=marker(edge.marker))
            tree = restrict(tree, is_edge, self.text)
        tree = spell_aggregate(tree, dialect, self.text, lambda column: declared_type(column, catalog))
        if self.semi_additive is not None and self.semi_additive.take == "average":
            return self._average(root, tree)
        return self.measures.register_aggregate(root, tree, self.label, self.variant, edge)

    def _edge(self, root: Node, condition: exp.Expr | None) -> EdgeTime | None:
        semi = self.semi_additive
        if semi is None or semi.take == "average":
            return None
        over = model_column(root.name, root.column(semi.over).name)
        per = tuple(model_column(root.name, root.column(name).name) for name in semi.per)
        return EdgeTime("edge", over, semi.take, per, condition)

    def _average(self, root: Node, tree: exp.Expr) -> exp.Expr:
        """Return the average over its times of a semi-additive aggregate; rows without a time are at none of them."""
        semi = self.semi_additive
        assert semi is not None  # noqa: S101
        if semi.per:
            raise expression_error(self.text, "averages over time and has `per`; leave one of them out")
        column = root.column(semi.over)
        over = Dimension(model_column(root.name, column.name), None, f"{root.name}_{column.name}", "", column)
        if isinstance(tree, (exp.Sum, exp.Avg, exp.Min, exp.Max)):
            tree = restrict(tree, is_not_null(over.tree.copy()), self.text)
            inner = self.measures.register_aggregate(root, tree, self.label, self.variant)
        else:  # a count would be 0
            last = self.measures.register_aggregate(root, exp.Max(this=over.tree.copy()), over.name, self.variant)
            inner = self.measures.register_aggregate(root, tree, self.label, self.variant)
            inner = exp.Case().when(is_not_null(last.copy()), inner)
        average = spell_aggregate(exp.Avg(this=marker(VALUE)), self.measures.dialect, self.text, lambda _: None)
        return self.measures.register_nested(inner, (over,), average, self.label)

    def _extract_filter(self, call: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
        """Split FILTER (WHERE …) off an aggregate; it is generated as CASE, which every dialect supports."""
        if not isinstance(call, exp.Filter):
            return call, []
        condition = call.expression.this.transform(self._resolve_column)
        return call.this, [cast_time_literals(condition, self.measures.catalog, self.measures.dialect)]

    def _resolve_column(self, node: exp.Expr) -> exp.Expr:
        """Resolve a name inside of an aggregate, which is a column."""
        if not isinstance(node, exp.Column):
            return self.measures.write_function(node, self._resolve_column, self.text) or node
        qualifier, name = name_parts(node, self.text)
        catalog = self.measures.catalog
        if self.owner is None:
            if qualifier is None:
                raise catalog.unqualified_name_error(name)
            target = catalog.node(qualifier)
            if isinstance(node.this, exp.Star):
                return exp.Column(this=exp.Star(), table=exp.to_identifier(target.name, quoted=True))
            return model_column(target.name, target.public_column(name).name)
        target = catalog.node_for(self.owner, qualifier)
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
