"""Types of an estimate of what a statement would read."""

from __future__ import annotations

import msgspec


class TableScan(msgspec.Struct, frozen=True):
    """What a statement would read of one table: rows, and the pieces that the database stores them in."""

    db: str
    name: str
    rows: int
    parts: int


class Cost(msgspec.Struct, frozen=True):
    """What a statement would read: `rows` or `bytes`, null where the database estimates the other one only."""

    rows: int | None
    bytes: int | None
    tables: list[TableScan]
