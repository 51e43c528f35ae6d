"""Random questions about a ledger. Most combinations that are refused by their rules are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.semantic.ledger.drawn_filters import draw_conditions
from tests.semantic.ledger.questions import (
    EXPRESSIONS,
    OF_SOURCE,
    TIME,
    Condition,
    Dimension,
    Question,
    Top,
    Tree,
    length_of,
    sources_of,
)
from tests.semantic.ledger.times import PARTS, UNITS, Length
from tests.semantic.ledger.world import MEASURED, MEASURES, Ledger

OFFSETS: dict[str | None, list[Length]] = {
    "day": [(1, "day"), (7, "day"), (1, "month"), (1, "year")],
    "week": [(1, "week"), (14, "day"), (52, "week")],
    "month": [(1, "month"), (1, "year"), (1, "quarter")],
    "quarter": [(1, "quarter"), (1, "year"), (3, "month")],
    "year": [(1, "year"), (12, "month")],
    None: [(1, "month"), (30, "day"), (1, "year")],
}
WINDOWS: list[Length] = [(7, "day"), (45, "day"), (2, "month"), (1, "year"), (3, "week"), (1, "quarter")]
TO_DATE = {
    "day": ["week", "month", "year"],
    "week": ["week"],
    "month": ["quarter", "year"],
    "quarter": ["year"],
    "year": ["year"],
}
FACTS = [["orders"], ["orders"], ["orders"], ["balances"], ["orders", "visits"], ["orders", "balances"]]
FACTS += [["customers"], ["customers", "orders"]]
ZONES = ["Europe/Zurich", "America/New_York", "Asia/Kolkata"]
SUMMED = ["orders.revenue", "orders.count", "orders.known", "orders.filled", "visits.count"]
FOLDED = [*SUMMED, "orders.least", "orders.most", "orders.large", "orders.shipped_revenue", "visits.minutes"]
FOLDED += ["orders.above", "orders.followed", "visits.converted", "customers.count"]


@dataclass
class Drawing:
    """The state of one question that is generated."""

    random: Random
    sources: list[str]
    dimensions: tuple[Dimension, ...]
    kinds: set[str]
    has_others: bool
    include_empty: bool | None
    has_zones: bool

    def pick(self, options: list[Any]) -> Any:
        return self.random.choice(options)

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    @property
    def unit(self) -> str | None:
        units = [item.unit for item in self.dimensions if item.unit in UNITS]
        return min(units, key=length_of) if units else None  # type: ignore[arg-type]

    @property
    def has_time(self) -> bool:
        """Whether all sources have a time."""
        return "customers" not in self.sources

    @property
    def bases(self) -> list[str]:
        """Return the measures that can be asked for. Times of different zones are not compared."""
        found = [name for name, leaf in MEASURES.items() if leaf.source in self.sources]
        found = [name for name in found if name != "visits.converted" or not self.has_zones]
        allowed = SUMMED if "tags" in self.kinds else FOLDED if self.has_others else found
        return [name for name in found if name in allowed]

    def simple(self) -> Tree:
        """Return a measure without calculations."""
        if self.chance(6):
            self.kinds.add("composed")
            return (self.pick(["/", "-", "+"]), ("base", self.pick(self.bases)), ("base", self.pick(self.bases)))
        base = self.pick(self.bases)
        if MEASURES[base].take is not None:
            self.kinds.add("balance")
        if base == "orders.shipped_revenue":
            self.kinds.add("two dates")
        if MEASURES[base].later is not None:
            self.kinds.add("conversion")
        if MEASURES[base].is_parameter:
            self.kinds.add("parameter")
        if MEASURES[base].column in MEASURED:
            self.kinds.add("column with a measure")
        return ("base", base)

    def measure(self) -> Tree:
        """Return a measure of a random kind."""
        kinds = [self.simple]
        if self.has_time and "part of a time" not in self.kinds:
            kinds += [self._previous]
            if self.unit is not None:
                kinds += [self._previous, self._window, self._window]
        if self.dimensions and not self.has_others:
            kinds += [self._group, self._group, self._group]
            if self.unit is not None and "part of a time" not in self.kinds and self.include_empty is not False:
                kinds.append(self._moving_average)
        if not self.has_others:
            kinds += [self._per]
        return self.pick(kinds)()  # type: ignore[no-any-return]

    def _previous(self) -> Tree:
        kind = self.pick(["previous", "change", "growth"])
        self.kinds.add(kind)
        inner = self._window() if kind == "previous" and self.unit and self.chance(5) else self._argument()
        return (kind, inner, self.pick(OFFSETS[self.unit]))

    def _argument(self) -> Tree:
        return self._per() if self.chance(8) and not self.has_others else self.simple()

    def _window(self) -> Tree:
        assert self.unit is not None
        kind = self.pick(["cumulative", "rolling", "period_to_date"])
        self.kinds.add(kind)
        if kind == "cumulative":
            return (kind, self._argument())
        return (kind, self._argument(), self.pick(WINDOWS if kind == "rolling" else TO_DATE[self.unit]))

    def _moving_average(self) -> Tree:
        self.kinds.add("moving_average")
        return ("moving_average", self.pick([self.simple, self._over_time])(), self.pick([1, 2, 3]))

    def _group(self) -> Tree:
        kind = self.pick(["percent_of_total", "fixed", "rank", "running_share"])
        kept = tuple(item for item in self.dimensions if self.chance(3))
        if kind == "running_share":
            summed = [name for name in self.bases if name in SUMMED]
            if not summed or "tags" in self.kinds:
                return self.simple()
            self.kinds.add(kind)
            return (kind, ("base", self.pick(summed)), kept)
        self.kinds.add(kind)
        inner = self.pick([self.simple, self.simple, self._per, self._over_time])
        return (kind, inner(), kept)

    def _over_time(self) -> Tree:
        """Return an argument that is a calculation over time, if there can be one."""
        if self.unit is None or "part of a time" in self.kinds:
            return self.simple()
        return self.pick([self._previous, self._window])()  # type: ignore[no-any-return]

    def _per(self) -> Tree:
        self.kinds.add("per")
        inner = self.simple()
        fields = [Dimension("customers.segment"), Dimension("customers.regions.name")]
        fields += [Dimension(TIME, "month")] if self.has_time else [Dimension("customers.order_count")]
        if sources_of(inner) == {"orders"}:
            fields += [Dimension("orders.id"), Dimension("buyer.id"), Dimension("payer.segment")]
        per = self.random.sample(fields, self.pick([1, 1, 2]))
        return ("per", self.pick(["avg", "max", "sum", "count"]), inner, tuple(per))


def random_question(random: Random, ledger: Ledger) -> Question:
    """Generate a question about a ledger."""
    sources = random.choice(FACTS)
    dimensions = _dimensions(random, sources)
    kinds = {kind for item in dimensions for kind in _kinds_of(item)}
    has_others = bool(dimensions) and "orders" in sources and "balances" not in sources and random.randrange(6) == 0
    include_empty = random.choice([None, None, None, True, True, False])
    has_zones = ledger.zone is not None
    drawing = Drawing(random, sources, dimensions, kinds, has_others and "tags" not in kinds, include_empty, has_zones)
    measures = [drawing.measure() for _ in range(random.choice([1, 1, 2]))]
    if drawing.chance(5):
        kinds.add("by name")
        measures.append((random.choice(["+", "/"]), ("name", "m0"), drawing.simple()))
    if drawing.chance(6) and "orders" in sources and drawing.has_time:
        kinds.add("metric")
        measures.append(("metric", "conversion" if "visits" in sources else "order_value"))
    conditions = tuple(draw_conditions(drawing, len(measures)))
    if drawing.unit is None and kinds & {"previous", "change", "growth"} and "time" not in {c.kind for c in conditions}:
        # An earlier period needs one that it is compared with.
        conditions = (*conditions, Condition("time", TIME, ">=", "2024-02-15"))
    question = Question(tuple(measures), dimensions, conditions, include_empty=include_empty)
    zone = random.choice(ZONES) if has_zones and random.randrange(2) else None
    return _finished(drawing, replace(question, zone=zone, least=random.choice([1, 2, 3])))


def _dimensions(random: Random, sources: list[str]) -> tuple[Dimension, ...]:
    fields = [name for name in OF_SOURCE[sources[0]] if all(name in OF_SOURCE[other] for other in sources)]
    found = [Dimension(name) for name in random.sample(fields, random.choice([0, 1, 1, 2]))]
    if "customers" in sources:
        return tuple(found)
    if random.randrange(4):
        unit = random.choice([*UNITS, "month", "month", "month", "quarter"])
        found.append(Dimension(TIME, unit))
        others = [other for other in UNITS if other != unit and "week" not in (unit, other)]
        if random.randrange(8) == 0 and others:
            found.append(Dimension(TIME, random.choice(others)))
    elif random.randrange(2):
        found.append(Dimension(TIME, random.choice(list(PARTS))))
    return tuple(found)


def _kinds_of(item: Dimension) -> Iterator[str]:
    if item.is_time:
        yield "part of a time" if item.unit in PARTS else str(item.unit)
    elif item.field in EXPRESSIONS:
        yield "expression"
    elif item.field.rpartition(".")[2] in MEASURED:
        yield "column with a measure"
    elif item.field.count(".") > 1 or item.field == "regions.name":
        yield "path"
    elif item.field.startswith("tags."):
        yield "tags"


def _finished(drawing: Drawing, question: Question) -> Question:
    """Add the order, the limit, the first groups and the gaps."""
    measures = list(range(len(question.measures)))
    if drawing.chance(4):
        question = replace(question, order=(drawing.pick(measures), drawing.pick(["asc", "desc"])))
        if drawing.chance(2):
            drawing.kinds.add("limit")
            question = replace(question, limit=2, offset=drawing.pick([None, 1]))
    if drawing.unit is not None and "part of a time" not in drawing.kinds and drawing.chance(4):
        drawing.kinds.add("fill_gaps")
        question = replace(question, fill_gaps=True, include_empty=question.include_empty or None)
    if question.dimensions and (drawing.has_others or drawing.chance(6)):
        per = tuple(item for item in question.dimensions if drawing.chance(3))
        if len(per) < len(question.dimensions):
            drawing.kinds.add("others" if drawing.has_others else "top")
            direction = drawing.pick(["desc", "desc", "asc"])
            top = Top(drawing.pick(measures), drawing.pick([1, 2]), direction, per, drawing.has_others)
            question = replace(question, top=top)
    if question.include_empty is not None and question.dimensions:
        drawing.kinds.add("members" if question.include_empty else "omitted")
    if question.zone is not None and "visits" in drawing.sources and drawing.has_zones:
        drawing.kinds.add("time zone")
    return replace(question, kinds=frozenset(drawing.kinds))
