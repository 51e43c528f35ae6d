"""A dimension of a query."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.model.models import Column
from semantic_layer.model.queries import TimeUnit
from semantic_layer.model.references import METRIC_TIME, has_marker, nodes_of


@dataclass(frozen=True)
class Dimension:
    """A value to group by: `tree` is an expression over columns of the model, or the time of each fact.

    `field` is its text in the query, `name` its name in the result. `column` is set if it is a plain column.
    `is_named`: the query defines its name.
    """

    tree: exp.Expr
    granularity: TimeUnit | None
    name: str
    field: str
    column: Column | None = None
    is_named: bool = False

    @property
    def nodes(self) -> dict[str, str]:
        """The nodes that the dimension reads, each with one of the columns."""
        return nodes_of(self.tree)

    @property
    def key(self) -> str:
        """The field with its granularity, which no other dimension of a query has."""
        return f"{self.field}:{self.granularity}" if self.granularity else self.field

    @property
    def is_metric_time(self) -> bool:
        """Whether it is the time of each fact."""
        return has_marker(self.tree, METRIC_TIME)
