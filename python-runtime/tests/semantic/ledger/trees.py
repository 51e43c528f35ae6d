"""Trees of measures: what their parts are, and which rows each part reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.semantic.ledger.questions import Tree, is_tree
from tests.semantic.ledger.times import Length
from tests.semantic.ledger.world import METRICS


@dataclass(frozen=True)
class Variant:
    """Rows of an earlier period, and those of a window until the end of a period."""

    shift: Length | None = None
    window: tuple[str, Any] | None = None


PLAIN = Variant()


def combine(kind: str, values: list[Any]) -> Any:
    """Return the result of an operation; NULL if a value is NULL or a divisor 0."""
    if len(values) == 1:
        return values[0]
    one, other = values
    if one is None or other is None or (kind in ("/", "growth") and other == 0):
        return None
    return {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "change": lambda: one - other,
        "/": lambda: one / other,
        "growth": lambda: one / other - 1,
    }[kind]()


def parts_of(tree: Tree, variant: Variant) -> list[tuple[Tree, Variant]]:
    """Return the arguments of a calculation, each with the rows that it reads."""
    kind = tree[0]
    if kind in ("cumulative", "rolling", "period_to_date"):
        return [(tree[1], Variant(variant.shift, (kind, tree[2] if len(tree) > 2 else None)))]
    if kind == "previous":
        return [(tree[1], Variant(tree[2], variant.window))]
    if kind in ("change", "growth"):
        return [(tree[1], variant), (tree[1], Variant(tree[2], variant.window))]
    return [(part, variant) for part in tree[1:] if is_tree(part)]


def uses_of(trees: list[Tree], variant: Variant = PLAIN, is_fixed: bool = True) -> Iterator[tuple[str, Variant]]:
    """Yield the measures of the model that trees use, each with the rows that it reads."""
    for tree in trees:
        if tree[0] == "base":
            yield tree[1], variant
        elif tree[0] == "metric":
            yield from uses_of([METRICS[tree[1]][1]], variant, is_fixed)
        elif tree[0] != "fixed" or is_fixed:
            for part, other in parts_of(tree, variant):
                yield from uses_of([part], other, is_fixed)
