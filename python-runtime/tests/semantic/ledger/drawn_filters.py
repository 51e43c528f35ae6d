"""Random filters of a question about a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.semantic.ledger.existence import EXISTENCES
from tests.semantic.ledger.questions import TIME, Condition
from tests.semantic.ledger.rows import PERIOD_BOUNDS
from tests.semantic.ledger.times import UNITS
from tests.semantic.ledger.world import LARGE

if TYPE_CHECKING:
    from tests.semantic.ledger.drawing import Drawing

TEXTS = {"customers.segment": ["p", "q"], "payer.segment": ["p", "q"], "tags.label": ["x", "y"]}


def draw_conditions(drawing: Drawing, measures: int) -> Iterator[Condition]:
    """Yield the filters of a question with a number of measures."""
    if drawing.has_time and drawing.chance(3):
        yield from _time_conditions(drawing)
    if drawing.chance(4):
        yield _row_condition(drawing)
    if drawing.chance(6):
        drawing.kinds.add("exists")
        kinds = [item for item in EXISTENCES[drawing.sources[0]] if item in EXISTENCES[drawing.sources[-1]]]
        found = drawing.pick(kinds)
        yield Condition("exists", found.node, drawing.pick(["", "not"]), None, existence=found)
    if drawing.sources == ["orders"] and drawing.chance(8):
        drawing.kinds.add("segment")
        yield Condition("segment", "orders.large", ">=", LARGE)
    for item in drawing.dimensions if drawing.chance(4) else ():
        value = "p" if item.field.endswith("segment") else "none" if item.field == "place" else None
        if (item.is_time and item.unit in UNITS) or value:
            drawing.kinds.add("filter on a name")
            yield Condition("dimension", item.name, "<>" if value else ">=", value or "2024-03-01")
    if drawing.chance(5):
        drawing.kinds.add("filter on a measure")
        name = f"m{drawing.random.randrange(measures)}"
        yield Condition("measure", name, drawing.pick([">", "<="]), drawing.pick([0, 1, 3]))


def _row_condition(drawing: Drawing) -> Condition:
    """Return a comparison of a column, of one with a measure, or with a parameter."""
    only_orders = drawing.sources == ["orders"]
    if drawing.chance(3):
        drawing.kinds.add("column with a measure")
        field = drawing.pick(["customers.order_count", "payer.minutes" if only_orders else "customers.minutes"])
        operator, value = drawing.pick(["=", ">", "<="]), drawing.pick([0, 1, 2])
    else:
        field = drawing.pick(list(TEXTS)) if only_orders else "customers.segment"
        operator, value = drawing.pick(["=", "<>"]), drawing.pick(TEXTS[field])
    if not drawing.chance(3):
        return Condition("row", field, operator, value)
    drawing.kinds.add("parameter")
    if drawing.chance(2):
        return Condition("row", field, operator, value, parameter="given")
    values: tuple[Any, ...] = (value, *drawing.pick([(), TEXTS.get(field, [0, 3])]))
    return Condition("row", field, "in list", values, parameter="given")


def _time_conditions(drawing: Drawing) -> Iterator[Condition]:
    kind = drawing.pick(["range", "range", "period", "from", "not null"])
    drawing.kinds.add("in_period" if kind == "period" else "time filter")
    if kind == "period":
        yield Condition("time", TIME, "in", drawing.pick(list(PERIOD_BOUNDS)))
    elif kind == "not null":
        yield Condition("time", TIME, "is not null", None)
    else:
        yield Condition("time", TIME, ">=", drawing.pick(["2024-01-31", "2024-02-15", "2024-04-01"]))
        if kind == "range":
            yield Condition("time", TIME, "<", drawing.pick(["2024-12-31", "2025-02-01", "2025-05-10"]))
