"""Generated questions for both engines: a function for each kind draws one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import metrics
from metrics import Metric

Draw = random.Random
GRANULARITIES = ("day", "week", "month", "quarter", "year")
FIRST_DAY, LAST_DAY = "2024-01-01", "2024-12-31"


@dataclass(frozen=True)
class Dimension:
    """A column to group and filter by, its name in MetricFlow, the facts that lead to it, and some of its values."""

    ours: str
    theirs: str
    facts: frozenset[str]
    values: tuple[str, ...]


def _dimension(ours: str, theirs: str, facts: str, values: str) -> Dimension:
    return Dimension(ours, theirs, frozenset(facts.split()), tuple(values.split()))


DIMENSIONS = (
    _dimension("customers.region", "customer__region", "orders returns visits", "north south east"),
    _dimension("customers.segment", "customer__segment", "orders returns visits", "retail trade"),
    _dimension("stores.city", "store__city", "orders returns stock", "Rome Oslo Bern"),
    _dimension("products.category", "product__category", "orders", "food toys"),
    _dimension("orders.status", "order__status", "orders", "paid open"),
    _dimension("returns.reason", "return__reason", "returns", "bad late"),
    _dimension("visits.device", "visit__device", "visits", "phone desk"),
)
TIMES = {
    "orders": ("orders.ordered_on", "order__ordered_on"),
    "returns": ("returns.returned_on", "return__returned_on"),
    "visits": ("visits.visited_on", "visit__visited_on"),
}


@dataclass(frozen=True)
class Question:
    """A question of a kind: the query of this project, and metrics, groups and conditions of MetricFlow."""

    kind: str
    query: dict[str, Any]
    metrics: list[str]
    group_by: list[str]
    where: list[str]


class Builder:
    """Collects both forms of a question."""

    def __init__(self, draw: Draw, chosen: list[Metric]) -> None:
        self.draw = draw
        self.metrics = chosen
        self.facts = frozenset[str]().union(*(metric.facts for metric in chosen))
        self.dimensions: list[Any] = []
        self.filters: list[str] = []
        self.group_by: list[str] = []
        self.where: list[str] = []

    def group(self, least: int = 0, most: int = 2, *only: str) -> Builder:
        """Group by some dimensions that all facts have, or by some of those that are named."""
        known = [item for item in DIMENSIONS if self.facts <= item.facts and (not only or item.ours in only)]
        for item in self.draw.sample(known, min(len(known), self.draw.randint(least, most))):
            self.dimensions.append(item.ours)
            self.group_by.append(item.theirs)
        return self

    def filter(self, chance: float) -> Builder:
        """Filter by a dimension that all facts have, with that chance."""
        known = [item for item in DIMENSIONS if self.facts <= item.facts]
        if self.draw.random() < chance and known:
            item = self.draw.choice(known)
            condition = f"{{}} {self.draw.choice(('=', '<>'))} '{self.draw.choice(item.values)}'"
            self.filters.append(condition.format(item.ours))
            self.where.append(condition.format(f"{{{{ Dimension('{item.theirs}') }}}}"))
        return self

    def by_own_time(self, chance: float) -> Builder:
        """Group by the time column of the only fact, and filter by it, with that chance each."""
        ours, theirs = TIMES[min(self.facts)]
        if self.draw.random() < chance:
            self._by(ours, theirs, self.draw.choice(GRANULARITIES))
        if self.draw.random() < chance / 2:
            self._since(ours, theirs, ">=", self.draw.choice(("2024-02-29", "2024-07-01", "2024-12-30")))
        return self

    def by_metric_time(self, *granularities: str) -> Builder:
        """Group by the time that the facts share, in the year of the data."""
        self._by("metric_time", "metric_time", self.draw.choice(granularities or GRANULARITIES))
        self._since("metric_time", "metric_time", ">=", FIRST_DAY)
        return self._since("metric_time", "metric_time", "<=", LAST_DAY)

    def _by(self, ours: str, theirs: str, granularity: str) -> None:
        self.dimensions.append({"field": ours, "granularity": granularity})
        self.group_by.append(f"{theirs}__{granularity}")

    def _since(self, ours: str, theirs: str, operator: str, day: str) -> Builder:
        self.filters.append(f"{ours} {operator} '{day}'")
        self.where.append(f"{{{{ TimeDimension('{theirs}', 'day') }}}} {operator} '{day}'")
        return self

    def build(self, **keys: Any) -> Question:
        """Return the question; `keys` are further keys of the query of this project."""
        measures = [{"expr": metric.expr, "name": metric.name} for metric in self.metrics]
        query = {"measures": measures, "dimensions": self.dimensions, "filters": self.filters, "limit": None, **keys}
        return Question("", query, [metric.name for metric in self.metrics], self.group_by, self.where)


def _of(fact: str) -> list[Metric]:
    return [metric for metric in metrics.SIMPLE if metric.facts == {fact}]


def one_fact(draw: Draw) -> Question:
    """Draw measures of one fact."""
    known = _of(draw.choice(("orders", "orders", "returns", "visits")))
    chosen = draw.sample(known, min(len(known), draw.randint(1, 3)))
    return Builder(draw, chosen).group().by_own_time(0.5).filter(0.4).build()


def two_facts(draw: Draw) -> Question:
    """Draw measures of two facts by what both lead to."""
    first, second = draw.sample(("orders", "returns", "visits"), 2)
    return Builder(draw, [draw.choice(_of(first)), draw.choice(_of(second))]).group().filter(0.3).build()


def two_facts_by_time(draw: Draw) -> Question:
    """Draw measures of two facts on one axis of time."""
    first, second = draw.sample(("orders", "returns", "visits"), 2)
    chosen = [draw.choice(_of(first)), draw.choice(_of(second))]
    return Builder(draw, chosen).group(0, 1).by_metric_time().filter(0.3).build()


def filtered(draw: Draw) -> Question:
    """Draw a measure with a filter of its own."""
    return Builder(draw, [draw.choice(metrics.FILTERED)]).group().by_own_time(0.5).build()


def ratio(draw: Draw) -> Question:
    """Draw a quotient of measures of one fact, or of two."""
    return Builder(draw, [draw.choice(metrics.RATIOS)]).group(1).filter(0.3).build()


def derived(draw: Draw) -> Question:
    """Draw a calculation with measures."""
    return Builder(draw, [draw.choice(metrics.DERIVED)]).group(1).filter(0.3).build()


def cumulative(draw: Draw) -> Question:
    """Draw a total of all time until each period."""
    return _over_time(draw, metrics.CUMULATIVE)


def rolling(draw: Draw) -> Question:
    """Draw a total of the days before each day."""
    return _over_time(draw, metrics.ROLLING, "day")


def to_date(draw: Draw) -> Question:
    """Draw a total since the start of a longer period."""
    return _over_time(draw, metrics.TO_DATE, "day", "week", "month")


def offset(draw: Draw) -> Question:
    """Draw a measure of an earlier period."""
    return _over_time(draw, metrics.OFFSET, "day", "month")


def semi_additive(draw: Draw) -> Question:
    """Draw a balance at an end of each period."""
    return _over_time(draw, metrics.SEMI_ADDITIVE)


def conversion(draw: Draw) -> Question:
    """Draw a count of visitors who order later, by what a customer has one of: both count each of them once."""
    return Builder(draw, metrics.CONVERSION).group(1, 2, "customers.region", "customers.segment").build()


def filled(draw: Draw) -> Question:
    """Draw a measure with 0 for periods without rows."""
    return Builder(draw, [draw.choice(metrics.FILLED)]).by_metric_time().build(fill_gaps=True)


def _over_time(draw: Draw, known: list[Metric], *granularities: str) -> Question:
    return Builder(draw, [draw.choice(known)]).group(0, 1).by_metric_time(*granularities).build()


KINDS: dict[str, tuple[Callable[[Draw], Question], int]] = {
    "measures of one fact": (one_fact, 45),
    "measures of two facts": (two_facts, 25),
    "two facts on one time": (two_facts_by_time, 20),
    "filtered measures": (filtered, 15),
    "ratios": (ratio, 20),
    "derived": (derived, 15),
    "cumulative": (cumulative, 10),
    "rolling": (rolling, 10),
    "period to date": (to_date, 10),
    "earlier periods": (offset, 10),
    "semi-additive": (semi_additive, 10),
    "conversion": (conversion, 4),
    "filled periods": (filled, 6),
}
"""Each kind with its number of questions, 200 in all."""
