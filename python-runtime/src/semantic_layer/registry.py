"""What the resolution of an expression needs of the measures of its query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sqlglot import exp

from semantic_layer.aggregation import EdgeTime
from semantic_layer.calculations import Calculation
from semantic_layer.catalog import Catalog, Node
from semantic_layer.dialects import SqlDialect
from semantic_layer.dimension import Dimension
from semantic_layer.graph import JoinGraph
from semantic_layer.parameters import Parameters
from semantic_layer.variants import Variant


class Scope(Protocol):
    """What the expressions of a query may name besides the model; outside of a query, dimensions are not known."""

    @property
    def dimensions(self) -> tuple[Dimension, ...] | None:
        """The dimensions of the query."""

    @property
    def read_dimension(self) -> Callable[[str], Dimension]:
        """The function that reads a dimension in an expression."""


class Registry(Protocol):
    """What a resolution needs of the measures of its query."""

    @property
    def catalog(self) -> Catalog: ...  # noqa: D102

    @property
    def graph(self) -> JoinGraph: ...  # noqa: D102

    @property
    def dialect(self) -> SqlDialect: ...  # noqa: D102

    @property
    def parameters(self) -> Parameters: ...  # noqa: D102

    @property
    def scope(self) -> Scope: ...  # noqa: D102
    def resolve_declared(  # noqa: D102
        self,
        node: Node,
        name: str,
        pending: tuple[str, ...] = (),
        extra_condition: exp.Expr | None = None,
        variant: Variant | None = None,
    ) -> exp.Expr: ...
    def resolve_unqualified(self, name: str, pending: tuple[str, ...]) -> exp.Expr: ...  # noqa: D102
    def register_aggregate(  # noqa: D102
        self, root: Node, tree: exp.Expr, label: str, variant: Variant, edge: EdgeTime | None = None
    ) -> exp.Expr: ...
    def register_nested(  # noqa: D102
        self, inner: exp.Expr, per: tuple[Dimension, ...], tree: exp.Expr, label: str
    ) -> exp.Expr: ...
    def register_calculation(self, calculation: Calculation) -> exp.Expr: ...  # noqa: D102
    def vary(self, tree: exp.Expr, change: Callable[[Variant], Variant]) -> exp.Expr: ...  # noqa: D102
    def write_function(  # noqa: D102
        self, node: exp.Expr, visit: Callable[[exp.Expr], exp.Expr], text: str
    ) -> exp.Expr | None: ...
