"""Rows of a ledger for its oracle: the values that a name has for a row, comparisons, and aggregates."""

from __future__ import annotations

from typing import Any

from tests.semantic.ledger.world import Leaf, Ledger, Row

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


class Reader:
    """Reads the values of names."""

    def __init__(self, ledger: Ledger) -> None:
        self.rows = ledger.rows
        self.by_id = {
            name: {row["id"]: row for row in rows} for name, rows in ledger.rows.items() if name != "order_tags"
        }

    def links(self, source: str, row: Row) -> list[Row | None]:
        """Return the links of an order, or one None."""
        links = [link for link in self.rows["order_tags"] if source == "orders" and link["order_id"] == row["id"]]
        return [*links] or [None]

    def read(self, source: str, row: Row, link: Row | None, name: str) -> Any:
        """Return the value of a field, or of an expression by its name."""
        if name == "size":
            return "large" if row["amount"] is not None and row["amount"] >= 2 else "small"
        if name == "band":
            return None if row["amount"] is None else row["amount"] // 2 * 2
        if name == "place":
            found = self.read(source, row, link, "customers.regions.name")
            return "none" if found is None else found
        if name == "regions.name":  # as the paths of the query say
            name = "payer.regions.name"
        first, *steps, column = name.split(".")
        found = self._first(source, row, link, first)
        if steps and found is not None:
            found = self.by_id["regions"].get(found["region_id"])
        return None if found is None else found[column]

    def _first(self, source: str, row: Row, link: Row | None, name: str) -> Row | None:
        if name == source:
            return row
        if name == "tags":
            return None if link is None else self.by_id["tags"].get(link["tag_id"])
        return self.by_id["customers"].get(row["payer_id" if name == "payer" else "customer_id"])


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
    }[operator]()  # type: ignore[no-any-return]


def aggregate(leaf: Leaf, rows: list[tuple[Row, float]]) -> Any:
    """Return the aggregate of rows, each with the share that counts."""
    if leaf.least is not None:
        rows = [item for item in rows if compare(item[0][leaf.column], ">=", leaf.least)]
    if leaf.take is None:
        return _plain(leaf, rows)
    dated = [(row, share) for row, share in rows if row[leaf.time] is not None]
    if leaf.take == "average":
        totals = [
            _plain(leaf, [item for item in dated if item[0][leaf.time] == day])
            for day in {row[leaf.time] for row, _ in dated}
        ]
        present = [total for total in totals if total is not None]
        return sum(present) / len(present) if present else None
    edge = max if leaf.take == "last" else min
    edges: dict[Any, str] = {}
    for row, _ in dated:
        account = row["account"] if leaf.is_per_account else None
        edges[account] = edge(edges.get(account, row[leaf.time]), row[leaf.time])
    return _plain(
        leaf,
        [item for item in dated if item[0][leaf.time] == edges[item[0]["account"] if leaf.is_per_account else None]],
    )


def _plain(leaf: Leaf, rows: list[tuple[Row, float]]) -> Any:
    if leaf.column is None:
        return sum(share for _, share in rows)
    values = [(row[leaf.column], share) for row, share in rows if row[leaf.column] is not None]
    if leaf.aggregate == "count":
        return sum(share for _, share in values)
    numbers = [number for number, _ in values]
    if leaf.aggregate == "distinct":
        return len(set(numbers))
    if not numbers:
        return None
    if leaf.aggregate == "avg":
        return sum(numbers) / len(numbers)
    if leaf.aggregate == "sum":
        return sum(number * share for number, share in values)
    return {"min": min, "max": max}[leaf.aggregate](numbers)
