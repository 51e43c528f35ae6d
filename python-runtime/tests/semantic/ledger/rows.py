"""Rows of a ledger for its oracle: the values that a name has for a row, comparisons, and aggregates."""

from __future__ import annotations

from typing import Any

from tests.semantic.ledger.existence import Existence
from tests.semantic.ledger.paths import Path, Paths, node_of
from tests.semantic.ledger.times import add, read_time
from tests.semantic.ledger.world import LARGE, Leaf, Ledger, Row

# Periods in words on 2025-02-10.
PERIOD_BOUNDS: dict[str, tuple[str | None, str | None]] = {
    "last 3 months": ("2024-12-01", "2025-03-01"),
    "this year": ("2025-01-01", "2026-01-01"),
    "last year": ("2024-01-01", "2025-01-01"),
    "year to date": ("2025-01-01", "2025-02-11"),
    "2024-Q1": ("2024-01-01", "2024-04-01"),
    "since 2024-03-01": ("2024-03-01", None),
    "last 500 days": ("2023-09-30", "2025-02-11"),
}
_STEPS = {
    "customer": ("customers", "customer_id"),
    "payer": ("customers", "payer_id"),
    "region": ("regions", "region_id"),
    "tag": ("tags", "tag_id"),
}


class Reader:
    """Reads the values of names for a row, over the steps that lead from it to each node."""

    def __init__(self, ledger: Ledger) -> None:
        customers = [{**row, **self._measured(row, ledger)} for row in ledger.rows["customers"]]
        self.rows = {**ledger.rows, "customers": customers}
        self.by_id = {
            name: {row["id"]: row for row in rows} for name, rows in self.rows.items() if name != "order_tags"
        }

    @staticmethod
    def _measured(row: Row, ledger: Ledger) -> Row:
        """Return the columns of a customer that have measures."""
        visits = [visit["minutes"] for visit in ledger.rows["visits"] if visit["customer_id"] == row["id"]]
        present = [minutes for minutes in visits if minutes is not None]
        return {
            "order_count": sum(order["customer_id"] == row["id"] for order in ledger.rows["orders"]),
            "minutes": sum(present) if present else None,
        }

    def links(self, source: str, row: Row) -> list[Row | None]:
        """Return the links of an order, or one None."""
        links = [link for link in self.rows["order_tags"] if source == "orders" and link["order_id"] == row["id"]]
        return [*links] or [None]

    def read(self, paths: Paths, row: Row, link: Row | None, name: str) -> Any:
        """Return the value of a field, or of an expression by its name."""
        found = self.walk(row, link, paths[node_of(name)])
        if name == "often":
            return "many" if found is not None and found["order_count"] > 1 else "few"
        if name == "place":
            return "none" if found is None or found["name"] is None else found["name"]
        if name == "size":
            return "large" if found is not None and (found["amount"] or 0) >= LARGE else "small"
        if name == "band":
            return None if found is None or found["amount"] is None else found["amount"] // 2 * 2
        return None if found is None else found[name.rpartition(".")[2]]

    def walk(self, row: Row, link: Row | None, path: Path) -> Row | None:
        """Return the row to which steps lead from a row and one of its links, or None."""
        found: Row | None = row
        for step in path:
            if step == "links":
                found = link
            elif found is not None:
                table, key = _STEPS[step]
                found = self.by_id[table].get(found[key])
        return found

    def exists(self, paths: Paths, row: Row, item: Existence) -> bool:
        """Return whether rows exist for a row, or for the entity that it belongs to."""
        if item.is_of_row:
            return compare(self.read(paths, row, None, item.field), item.operator, item.value)
        entity = self.walk(row, None, paths[item.entity] if item.entity else ())
        found: list[Row | None] = []
        if entity is not None and item.node in ("tags", "order_tags"):
            steps = ("links", "tag") if item.node == "tags" else ("links",)
            found = [self.walk(entity, link, steps) for link in self.links("orders", entity)]
        elif entity is not None:
            found = [other for other in self.rows[item.node] if other["customer_id"] == entity["id"]]
        return any(
            other is not None and (not item.column or compare(other[item.column], item.operator, item.value))
            for other in found
        )

    def is_followed(self, row: Row, leaf: Leaf) -> bool:
        """Return whether a row of the same customer follows a row of a measure."""
        later, start = leaf.later, read_time(row[leaf.time or ""])
        assert later is not None
        if start is None or row["customer_id"] is None:
            return False
        times = (
            read_time(other[later.time])
            for other in self.rows[later.source]
            if other["customer_id"] == row["customer_id"]
            and (later.least is None or compare(other["amount"], ">=", later.least))
        )
        return any(other is not None and start <= other < add(start, later.within) for other in times)


def compare(value: Any, operator: str, literal: Any) -> bool:
    """Return whether a comparison holds; with NULL it does not."""
    if value is None:
        return False
    return {
        "=": lambda: value == literal,
        "<>": lambda: value != literal,
        ">": lambda: value > literal,
        ">=": lambda: value >= literal,
        "<=": lambda: value <= literal,
        "in list": lambda: value in literal,
    }[operator]()  # type: ignore[no-any-return]
