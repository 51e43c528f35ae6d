"""Dimensions of a query: columns, their truncated times, and expressions over columns."""

from __future__ import annotations

from typing import get_args

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.measures.measures import Measures
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Column, Granularity
from semantic_layer.model.queries import DimensionRef, FiscalGranularity, TimePart, TimeUnit
from semantic_layer.model.references import METRIC_TIME, marker, model_column
from semantic_layer.model.types import cast_time_literals
from semantic_layer.planning.row_expressions import RowExpressions
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.misread import reject_expression
from semantic_layer.rows.row_functions import RowFunctions
from semantic_layer.rows.row_nodes import DimensionValue
from semantic_layer.sql.expressions import expression_error, has_aggregate
from semantic_layer.sql.functions import find_pseudo_aggregate, unknown_aggregate_error

_UNITS: dict[str, TimeUnit] = {
    unit: unit for kind in (Granularity, FiscalGranularity, TimePart) for unit in get_args(kind)
}
_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)


def resolve_dimension(item: str | DimensionRef, measures: Measures) -> Dimension:
    """Resolve a dimension of a query. Raises SemanticError."""
    ref = _read_text(item, measures.catalog) if isinstance(item, str) else item
    if (ref.field is None) == (ref.expr is None):
        raise SemanticError(Problem.INVALID_QUERY, "A dimension needs either a `field` or an `expr`, and not both")
    if ref.name is not None and not ref.name.strip():
        raise SemanticError(Problem.INVALID_QUERY, f"The dimension '{ref.field or ref.expr}' has an empty name")
    return _resolve_field(ref.field, ref, measures) if ref.field else _resolve_expression(ref.expr or "", ref, measures)


def _read_text(text: str, catalog: Catalog) -> DimensionRef:
    """Read `source.column` or `source.column:unit`; a column whose name holds the colon takes precedence."""
    field, colon, unit = text.strip().rpartition(":")
    source, _, column = field.rpartition(".")
    node = catalog.find(source)
    known = node.fields.columns if node is not None else {}
    if colon and unit in _UNITS and field == METRIC_TIME:
        return DimensionRef(field, granularity=_UNITS[unit])
    if not colon or unit not in _UNITS or f"{column}:{unit}" in known or (source and column not in known):
        return DimensionRef(text)
    return DimensionRef(field, granularity=_UNITS[unit])


def _resolve_field(field: str, ref: DimensionRef, measures: Measures) -> Dimension:
    suffix = f"_{ref.granularity}" if ref.granularity else ""
    if field.strip() == METRIC_TIME:
        name = ref.name or f"{METRIC_TIME}{suffix}"
        return Dimension(marker(METRIC_TIME), ref.granularity, name, METRIC_TIME, None, ref.name is not None)
    reject_expression(field, measures.catalog, measures.dialect)
    node, name = measures.catalog.split(field)
    column = node.public_column(name)
    _require_time(node, column, ref.granularity)
    tree, text = model_column(node.name, name), f"{node.name}.{name}"
    return Dimension(tree, ref.granularity, ref.name or f"{name}{suffix}", text, column, ref.name is not None)


def _resolve_expression(text: str, ref: DimensionRef, measures: Measures) -> Dimension:
    if ref.name is None:
        message = f"The dimension '{text}' is an expression and needs a `name` for its column in the result"
        raise SemanticError(Problem.INVALID_QUERY, message)
    granularity = ref.granularity

    def split_truncation(parsed: exp.Expr) -> exp.Expr:
        nonlocal granularity
        time, unit = _split_truncation(parsed.unnest())
        granularity = granularity or unit
        return parsed if granularity is not unit else time

    tree = measures.parameters.parse(text, split_truncation)
    if has_aggregate(tree):
        raise expression_error(text, "aggregates rows; a dimension is a value of each row")
    call = find_pseudo_aggregate(tree)
    if call is not None:
        raise unknown_aggregate_error(call, text, measures.dialect)
    resolver = RowExpressions(measures.graph, RowFunctions(measures.catalog, measures.dialect))
    resolved = cast_time_literals(resolver.resolve(tree, text), measures.catalog, measures.dialect)
    if resolved.find(exp.Column) is None:
        raise expression_error(text, "reads no column; a dimension is a value of each row")
    if isinstance(resolved, exp.Column) and resolved.table:
        node = measures.catalog.node(resolved.table)
        _require_time(node, node.column(resolved.name), granularity)
    return Dimension(resolved, granularity, ref.name, text, None, is_named=True)


def _split_truncation(tree: exp.Expr) -> tuple[exp.Expr, TimeUnit | None]:
    """Return the time and the unit of `date_trunc('month', …)`, which is the same as a granularity."""
    unit = str(tree.text("unit")).lower() if isinstance(tree, _TRUNCATIONS) and not tree.args.get("zone") else ""
    if unit not in get_args(Granularity):
        return tree, None
    time = tree.this.unnest()
    while isinstance(time, exp.Cast) and isinstance(time.this.unnest(), exp.Column):
        time = time.this.unnest()
    return time, _UNITS[unit]


def _require_time(node: Node, column: Column, granularity: TimeUnit | None) -> None:
    if granularity is not None and column.type != "time":
        message = f"{node.name}.{column.name} is of type {column.type}; only a time has a granularity"
        raise SemanticError(Problem.WRONG_TYPE, message)


def dimension_value(item: Dimension) -> exp.Expr:
    """Return the value of a dimension for conditions, which each fact truncates as it groups it."""
    is_plain = isinstance(item.tree, exp.Column) and item.granularity is None
    unit = None if item.granularity in get_args(TimePart) else item.granularity
    return item.tree if is_plain else DimensionValue(this=item.tree.copy(), name=item.name, unit=unit)
