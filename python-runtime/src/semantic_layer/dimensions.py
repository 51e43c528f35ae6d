"""Dimensions of a query: columns, their truncated times, and expressions over columns."""

from __future__ import annotations

from typing import get_args

from sqlglot import exp

from semantic_layer.catalog import Catalog, Node
from semantic_layer.conditions import METRIC_TIME, marker, model_column
from semantic_layer.dialects import SqlDialect
from semantic_layer.dimension import Dimension
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.expressions import expression_error, has_aggregate
from semantic_layer.functions import find_pseudo_aggregate, unknown_aggregate_error
from semantic_layer.misread import reject_expression
from semantic_layer.models import Column, Granularity
from semantic_layer.parameters import Parameters
from semantic_layer.queries import DimensionRef, Query, TimePart, TimeUnit
from semantic_layer.row_expressions import RowExpressions
from semantic_layer.row_nodes import DimensionValue
from semantic_layer.times.truncation import TIME_UNITS
from semantic_layer.types import cast_time_literals

_TRUNCATIONS = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)


def read_dimensions(query: Query, catalog: Catalog, parameters: Parameters) -> tuple[Dimension, ...]:
    """Return the dimensions of a query, with their names in the result as far as no measure has them."""
    return tuple(resolve_dimension(item, catalog, parameters) for item in query.dimensions)


def read_dimension(text: str, catalog: Catalog, parameters: Parameters) -> Dimension:
    """Return a dimension in an expression: `customers.region`, `metric_time:month`. Raises SemanticError."""
    _, colon, unit = text.rpartition(":")
    if colon and unit not in TIME_UNITS:
        message = f"'{text}' has an unknown granularity; write one of {', '.join(TIME_UNITS)}"
        raise SemanticError(Problem.INVALID_QUERY, message)
    return resolve_dimension(text, catalog, parameters)


def resolve_dimension(item: str | DimensionRef, catalog: Catalog, parameters: Parameters) -> Dimension:
    """Resolve a dimension of a query. Raises SemanticError."""
    ref = _read_text(item, catalog) if isinstance(item, str) else item
    if (ref.field is None) == (ref.expr is None):
        raise SemanticError(Problem.INVALID_QUERY, "A dimension needs either a `field` or an `expr`, and not both")
    if ref.name is not None and not ref.name.strip():
        raise SemanticError(Problem.INVALID_QUERY, f"The dimension '{ref.field or ref.expr}' has an empty name")
    if ref.expr is not None:
        return _resolve_expression(ref.expr, ref, catalog, parameters)
    return _resolve_field(ref.field or "", ref, catalog, parameters.dialect)


def _read_text(text: str, catalog: Catalog) -> DimensionRef:
    """Read `source.column` or `source.column:unit`; a column whose name holds the colon takes precedence."""
    field, colon, unit = text.strip().rpartition(":")
    source, _, column = field.rpartition(".")
    node = catalog.find(source) if source else None
    known = node.fields.columns if node is not None else {}
    is_time = column in known and f"{column}:{unit}" not in known
    if not colon or unit not in TIME_UNITS or not (is_time or field == METRIC_TIME):
        return DimensionRef(text)
    return DimensionRef(field, granularity=unit)  # type: ignore[arg-type]


def _resolve_field(field: str, ref: DimensionRef, catalog: Catalog, dialect: SqlDialect) -> Dimension:
    suffix = f"_{ref.granularity}" if ref.granularity else ""
    is_named = ref.name is not None
    if field.strip() == METRIC_TIME:
        name = ref.name or f"{METRIC_TIME}{suffix}"
        return Dimension(marker(METRIC_TIME), ref.granularity, name, METRIC_TIME, is_named=is_named)
    reject_expression(field, catalog, dialect)
    node, name = catalog.split(field)
    column = node.public_column(name)
    _require_time(node, column, ref.granularity)
    tree, text = model_column(node.name, name), f"{node.name}.{name}"
    return Dimension(tree, ref.granularity, ref.name or f"{name}{suffix}", text, column, is_named)


def _resolve_expression(text: str, ref: DimensionRef, catalog: Catalog, parameters: Parameters) -> Dimension:
    if ref.name is None:
        message = f"The dimension '{text}' is an expression and needs a `name` for its column in the result"
        raise SemanticError(Problem.INVALID_QUERY, message)
    granularity = ref.granularity

    def split_truncation(parsed: exp.Expr) -> exp.Expr:
        nonlocal granularity
        time, unit = _split_truncation(parsed.unnest())
        granularity = granularity or unit
        return parsed if granularity is not unit else time

    tree, dialect = parameters.parse(text, split_truncation), parameters.dialect
    if has_aggregate(tree):
        raise expression_error(text, "aggregates rows; a dimension is a value of each row")
    call = find_pseudo_aggregate(tree)
    if call is not None:
        raise unknown_aggregate_error(call, text, dialect)
    resolved = cast_time_literals(RowExpressions(catalog, dialect).resolve(tree, text), catalog, dialect)
    if resolved.find(exp.Column) is None:
        raise expression_error(text, "reads no column; a dimension is a value of each row")
    column = None
    if isinstance(resolved, exp.Column) and resolved.table:
        node = catalog.node(resolved.table)
        column = node.column(resolved.name)
        _require_time(node, column, granularity)
    return Dimension(resolved, granularity, ref.name, text, column, is_named=True)


def require_zone(item: Dimension, zone: str | None) -> None:
    """Raise SemanticError for periods of an expression in a time zone, as the zone of its times is unknown."""
    if zone is not None and item.granularity is not None and item.column is None and not item.is_metric_time:
        message = f"The times of '{item.field}' are in an unknown zone, which cannot be converted to {zone}"
        raise SemanticError(Problem.INVALID_QUERY, f"{message}; declare a column with this `expr` and its `time_zone`")


def _split_truncation(tree: exp.Expr) -> tuple[exp.Expr, TimeUnit | None]:
    """Return the time and the unit of `date_trunc('month', …)`, which is the same as a granularity."""
    unit = str(tree.text("unit")).lower() if isinstance(tree, _TRUNCATIONS) and not tree.args.get("zone") else ""
    if unit not in get_args(Granularity):
        return tree, None
    time = tree.this.unnest()
    while isinstance(time, exp.Cast) and isinstance(time.this.unnest(), exp.Column):
        time = time.this.unnest()
    return time, unit  # type: ignore[return-value]


def _require_time(node: Node, column: Column, granularity: TimeUnit | None) -> None:
    if granularity is not None and column.type != "time":
        message = f"{node.name}.{column.name} is of type {column.type}; only a time has a granularity"
        raise SemanticError(Problem.WRONG_TYPE, message)


def dimension_value(item: Dimension) -> exp.Expr:
    """Return the value of a dimension for conditions, which each fact truncates as it groups it."""
    is_plain = isinstance(item.tree, exp.Column) and item.granularity is None
    is_period = item.granularity is not None and item.granularity not in get_args(TimePart)
    return (
        item.tree
        if is_plain
        else DimensionValue(this=item.tree.copy(), name=item.name, granularity=item.granularity, is_period=is_period)
    )
