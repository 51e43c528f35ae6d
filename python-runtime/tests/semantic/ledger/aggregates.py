"""Aggregates of rows in Python, for the oracle."""

from __future__ import annotations

from typing import Any

from tests.semantic.ledger.rows import compare
from tests.semantic.ledger.world import Leaf, Row


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
