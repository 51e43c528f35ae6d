"""The selected fields of a query and their names in the result."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from semantic_layer.catalog import Catalog
from semantic_layer.conditions import METRIC_TIME, marker, model_column
from semantic_layer.dialects import SqlDialect
from semantic_layer.dimension import Dimension
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures import Measures
from semantic_layer.misread import reject_expression
from semantic_layer.names import slug, unique_name
from semantic_layer.plan import Output
from semantic_layer.queries import ComposedMeasure, DimensionRef, Query
from semantic_layer.times.truncation import TIME_UNITS


@dataclass(frozen=True)
class Selection:
    """The dimensions and measures of a query in order, with the names of their columns."""

    dimensions: tuple[Dimension, ...]
    outputs: tuple[Output, ...]


def read_selection(query: Query, catalog: Catalog, measures: Measures) -> Selection:
    """Resolve the selected fields of a query. Raises SemanticError."""
    dimensions = list(read_dimensions(query, catalog, measures.dialect))
    outputs = [_resolve_output(item, query, catalog, measures) for item in query.measures]
    _reject_duplicates(dimensions, outputs)
    return _assign_names(dimensions, outputs)


def read_dimensions(query: Query, catalog: Catalog, dialect: SqlDialect) -> tuple[Dimension, ...]:
    """Return the dimensions of a query, with their names in the result as far as no measure has them."""
    return tuple(_resolve_dimension(item, catalog, dialect) for item in query.dimensions)


def read_dimension(text: str, catalog: Catalog, dialect: SqlDialect) -> Dimension:
    """Return a dimension in an expression: `customers.region`, `metric_time:month`. Raises SemanticError."""
    field, colon, unit = text.rpartition(":")
    if not colon:
        return _resolve_dimension(text, catalog, dialect)
    if unit not in TIME_UNITS:
        message = f"'{text}' has an unknown granularity; write one of {', '.join(TIME_UNITS)}"
        raise SemanticError(Problem.INVALID_QUERY, message)
    return _resolve_dimension(DimensionRef(field, granularity=unit), catalog, dialect)  # type: ignore[arg-type]


def _resolve_dimension(item: str | DimensionRef, catalog: Catalog, dialect: SqlDialect) -> Dimension:
    ref = DimensionRef(item) if isinstance(item, str) else item
    if ref.field is None:
        raise SemanticError(Problem.INVALID_QUERY, "A dimension needs a `field`")
    if ref.field.strip() == METRIC_TIME:
        suffix = f"_{ref.granularity}" if ref.granularity else ""
        return Dimension(marker(METRIC_TIME), ref.granularity, ref.name or f"{METRIC_TIME}{suffix}", METRIC_TIME)
    reject_expression(ref.field, catalog, dialect)
    node, name = catalog.split(ref.field)
    column = node.public_column(name)
    if ref.granularity is not None and column.type != "time":
        message = f"{node.name}.{name} is of type {column.type}; only a time has a granularity"
        raise SemanticError(Problem.WRONG_TYPE, message)
    suffix = f"_{ref.granularity}" if ref.granularity else ""
    field = f"{node.name}.{name}"
    return Dimension(model_column(node.name, name), ref.granularity, ref.name or f"{name}{suffix}", field, column)


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
    seen += [f"a measure with the name {item.name}" for item in outputs if item.is_named]
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
    source, _, _ = item.field.rpartition(".")
    return f"{source.replace('.', '_')}_{item.name}" if source else item.name


def _long_name(output: Output) -> str:
    return output.name if output.is_named else slug(output.text)
