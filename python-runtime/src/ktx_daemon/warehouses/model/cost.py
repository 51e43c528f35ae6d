"""Types of an estimate of what a statement would read."""

from __future__ import annotations

from typing import Literal

import msgspec

# How an estimate relates to what the statement reads.
Accuracy = Literal["exact", "upper_bound", "lower_bound", "unknown"]


class TableScan(msgspec.Struct, frozen=True):
    """What a statement would read of one table: rows, and the pieces that the database stores them in."""

    db: str
    name: str
    rows: int
    parts: int


class Cost(msgspec.Struct, frozen=True):
    """What a statement would read: `rows` or `bytes`, null where the database estimates the other one only.

    `accuracy` is what the database says about its estimate.
    """

    rows: int | None
    bytes: int | None
    tables: list[TableScan]
    accuracy: Accuracy = "unknown"
