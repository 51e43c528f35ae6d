"""Conditions on rows that exist: `exists(condition)` and `exists(entity, condition)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Existence:
    """Rows of a node that satisfy a comparison of `column`, any row without one.

    `is_of_row`: each row has at most one row of the node, so that the condition is one of the row itself.
    """

    entity: str | None
    node: str
    column: str = ""
    operator: str = "="
    value: Any = None
    is_of_row: bool = False

    @property
    def field(self) -> str:
        """The name of the column."""
        return f"{self.node}.{self.column}"

    @property
    def nodes(self) -> set[str]:
        """The nodes of which a fact reads one row."""
        return {self.node} if self.is_of_row else {self.entity} if self.entity else set()

    def sql(self) -> str:
        """Return the text of the condition."""
        literal = f"'{self.value}'" if isinstance(self.value, str) else str(self.value)
        condition = f"{self.field} {self.operator} {literal}" if self.column else self.node
        return f"exists({self.entity}, {condition})" if self.entity else f"exists({condition})"


_OF_CUSTOMERS = [
    Existence("customers", "visits", "minutes", ">=", 2),
    Existence("customers", "balances", "amount", ">", 0),
    Existence("customers", "balances"),
    Existence(None, "customers", "segment", "=", "p", is_of_row=True),
]
EXISTENCES = {
    "visits": _OF_CUSTOMERS,
    "balances": _OF_CUSTOMERS,
    "customers": [
        *_OF_CUSTOMERS,
        Existence(None, "visits", "minutes", ">=", 2),
        Existence(None, "balances"),
    ],
    "orders": [
        *_OF_CUSTOMERS,
        Existence(None, "payer", "segment", "=", "q", is_of_row=True),
        Existence(None, "tags", "label", "=", "x"),
        Existence("orders", "tags", "label", "=", "y"),
        Existence(None, "order_tags"),
    ],
}
