"""Finds the columns that make a statement about many columns fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ktx_daemon.profile.columns import Column


def bisect_failures(columns: Sequence[Column], succeeds: Callable[[Sequence[Column]], bool]) -> None:
    """Measure both halves of columns whose statement has failed, down to the single ones that fail."""
    if len(columns) == 1:
        succeeds(columns)
        return
    middle = len(columns) // 2
    for part in (columns[:middle], columns[middle:]):
        if not succeeds(part) and len(part) > 1:
            bisect_failures(part, succeeds)
