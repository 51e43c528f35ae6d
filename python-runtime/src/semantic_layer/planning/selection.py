"""The selected fields of a query and their names in the result."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.measures import Measures
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.queries import ComposedMeasure, Query
from semantic_layer.planning.dimensions import dimension_value
from semantic_layer.planning.plan import Output
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.names import slug, unique_name


@dataclass(frozen=True)
class Selection:
    """The dimensions and measures of a query in order, with the names of their columns."""

    dimensions: tuple[Dimension, ...]
    outputs: tuple[Output, ...]

    @property
    def values(self) -> dict[str, exp.Expr]:
        """The values of the dimensions by name, for filters."""
        return {item.name: dimension_value(item) for item in self.dimensions}


def read_selection(query: Query, catalog: Catalog, measures: Measures) -> Selection:
    """Resolve the selected fields of a query. Raises SemanticError."""
    dimensions = list(measures.scope.dimensions or ())
    outputs = [_resolve_output(item, query, catalog, measures) for item in query.measures]
    _reject_duplicates(dimensions, outputs)
    return _assign_names(dimensions, outputs)


def _resolve_output(item: str | ComposedMeasure, query: Query, catalog: Catalog, measures: Measures) -> Output:
    if isinstance(item, ComposedMeasure):
        if not item.name.strip():
            raise SemanticError(Problem.INVALID_QUERY, f"The measure '{item.expr}' has an empty name")
        declared = _resolve_declared(item.expr, catalog, measures)
        composed = declared or _resolve_composed(item.expr, measures, item.name)
        return replace(composed, name=item.name, is_named=True)
    return _resolve_declared(item, catalog, measures) or _resolve_composed(item, measures)


def _resolve_declared(text: str, catalog: Catalog, measures: Measures) -> Output | None:
    source, _, name = text.strip().rpartition(".")
    metric = catalog.metrics.get(name) if not source else None
    if metric is not None:
        return Output(name, name, measures.resolve_metric(name), "verified", metric.description)
    node = catalog.find(source)
    measure = node.fields.measures.get(name) if node else None
    if node is None or measure is None:
        return None
    return Output(name, text.strip(), measures.resolve_declared(node, name), "verified", measure.description)


def _resolve_composed(text: str, measures: Measures, name: str | None = None) -> Output:
    return Output(slug(text), text, measures.resolve_composed(text, name), "composed", None)


def _reject_duplicates(dimensions: list[Dimension], outputs: list[Output]) -> None:
    seen = [f"{item.field} by {item.granularity}" if item.granularity else item.field for item in dimensions]
    seen += [f"a column with the name {item.name}" for item in dimensions if item.is_named]
    seen += [f"a column with the name {item.name}" for item in outputs if item.is_named]
    seen += [item.text for item in outputs if not item.is_named]
    repeated = [text for text, count in Counter(seen).items() if count > 1]
    if repeated:
        raise SemanticError(Problem.INVALID_QUERY, f"Selected more than once: {', '.join(repeated)}")


def _assign_names(dimensions: list[Dimension], outputs: list[Output]) -> Selection:
    """Assign short names where they are unique, otherwise `source_field`."""
    counts = Counter(name.lower() for name in [*(item.name for item in dimensions), *(item.name for item in outputs)])
    used_names: set[str] = set()

    def choose(short: str, long: str) -> str:
        name = unique_name(short if counts[short.lower()] == 1 else long, used_names)
        used_names.add(name.lower())
        return name

    return Selection(
        tuple(replace(item, name=choose(item.name, _long_dimension_name(item))) for item in dimensions),
        tuple(replace(item, name=choose(item.name, _long_name(item))) for item in outputs),
    )


def _long_dimension_name(item: Dimension) -> str:
    if item.is_named:
        return item.name
    source, _, _ = item.field.rpartition(".")
    return f"{source.replace('.', '_')}_{item.name}" if source else item.name


def _long_name(output: Output) -> str:
    return output.name if output.is_named else slug(output.text)
