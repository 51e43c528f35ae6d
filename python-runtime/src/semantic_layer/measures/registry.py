"""What the resolution of an expression needs of the measures of its query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sqlglot import exp

from semantic_layer.joins.graph import JoinGraph
from semantic_layer.measures.aggregation import EdgeTime
from semantic_layer.measures.calculations import Calculation
from semantic_layer.measures.variants import Variant
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.rows.dimension import Dimension
from semantic_layer.rows.parameters import Parameters
from semantic_layer.sql.dialects import SqlDialect


class Scope(Protocol):
    """What the expressions of a query may name besides the model; outside of a query, dimensions are not known."""

    @property
    def dimensions(self) -> tuple[Dimension, ...] | None:
        """The dimensions of the query."""

    @property
    def read_dimension(self) -> Callable[[str], Dimension]:
        """The function that reads a dimension in an expression."""


class Registry(Protocol):
    """What a resolution needs of the measures of its query; see `Measures`."""

    @property
    def catalog(self) -> Catalog:
        """The model."""

    @property
    def graph(self) -> JoinGraph:
        """The join graph of the model."""

    @property
    def dialect(self) -> SqlDialect:
        """The dialect of the expressions."""

    @property
    def parameters(self) -> Parameters:
        """The parameters of the query."""

    @property
    def scope(self) -> Scope:
        """The names of the query."""

    def resolve_declared(
        self,
        node: Node,
        name: str,
        pending: tuple[str, ...] = (),
        extra_condition: exp.Expr | None = None,
        variant: Variant | None = None,
    ) -> exp.Expr:
        """Resolve a declared measure."""

    def resolve_unqualified(self, name: str, pending: tuple[str, ...]) -> exp.Expr:
        """Resolve a name without a source."""

    def register_aggregate(
        self, root: Node, tree: exp.Expr, label: str, variant: Variant, edge: EdgeTime | None = None
    ) -> exp.Expr:
        """Return the placeholder of an aggregate."""

    def register_nested(self, inner: exp.Expr, per: tuple[Dimension, ...], tree: exp.Expr, label: str) -> exp.Expr:
        """Return the placeholder of an aggregate over the values of groups."""

    def register_calculation(self, calculation: Calculation) -> exp.Expr:
        """Return the placeholder of a calculation."""

    def vary(self, tree: exp.Expr, change: Callable[[Variant], Variant]) -> exp.Expr:
        """Return a calculation over other variants of its aggregates."""

    def write_function(self, node: exp.Expr, visit: Callable[[exp.Expr], exp.Expr], text: str) -> exp.Expr | None:
        """Return the expression for a call of a function over rows, or None for another node."""
