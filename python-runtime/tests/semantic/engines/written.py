"""Questions whose SQL or rows are written by hand. A new list of them is a line in `WRITTEN`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from semantic_layer.model.models import Model, Source
from tests.semantic import (
    market,
    retail,
    test_bridges,
    test_by_hand,
    test_calculations,
    test_conversions,
    test_existence,
    test_paths,
    test_periods,
    trade,
)
from tests.semantic.calendars import cases, days
from tests.semantic.databases import TableData, connect, normalize
from tests.semantic.engines.outcomes import Outcome, Rows, Target, ask, difference
from tests.semantic.kinds import shop, test_kinds_by_hand

# The query, and SQL of DuckDB with the same result, or its rows.
Questions = Mapping[str, tuple[dict[str, Any], "str | Rows"]]


@dataclass(frozen=True)
class Written:
    """Questions on tables. Rows whose order the query does not say are compared in any order."""

    sources: list[Source]
    tables: Callable[[], dict[str, TableData]]
    questions: Questions
    model: Model | None = None
    is_ordered: bool = True

    def __call__(self, database: Target) -> Iterator[Outcome]:
        """Yield the outcome of each question."""
        tables = self.tables()
        database.load(tables)
        try:
            for name, (query, _) in self.questions.items():
                yield ask(name, self.sources, query, database, self._judge(name), model=self.model)
        finally:
            database.drop(tables)

    def _judge(self, name: str) -> Callable[[Rows], str]:
        order: Callable[[Rows], Rows] = list if self.is_ordered else lambda rows: sorted(rows, key=str)
        return lambda found: difference(order(found), order(self._expected[name]))

    @cached_property
    def _expected(self) -> dict[str, Rows]:
        with connect("duckdb", "") as reference:
            reference.load(self.tables())
            return {
                name: reference.rows(answer)
                if isinstance(answer, str)
                else [tuple(map(normalize, row)) for row in answer]
                for name, (_, answer) in self.questions.items()
            }


def _periods() -> Questions:
    counted = {"measures": ["orders.count", "orders.revenue"]}
    in_period = {
        period: ({**counted, "filters": [f"in_period(orders.placed, '{period}')"]}, [row])
        for period, row in test_periods.CASES.items()
    }
    before = {"measures": ["orders.count"], "filters": ["in_period(orders.zoned, 'before 2025-01-01')"]}
    return in_period | {zone: ({**before, "time_zone": zone}, [(count,)]) for zone, count in test_periods.ZONES}


def _existence() -> Questions:
    filters = {
        name: ({"measures": measures, "filters": filters}, [tuple(row)])
        for name, (measures, filters, row) in test_existence.FILTERS.items()
    }
    return filters | test_existence.COLUMNS


def _conversions() -> Written:
    """Return the cases as measures of one source."""
    cases = [
        (f"within {within} {keys or ''}".strip(), within, keys, count) for within, keys, count in test_conversions.CASES
    ]
    measures = [
        test_conversions.converted(within, name=f"converted_{number}", **keys)
        for number, (_, within, keys, _) in enumerate(cases)
    ]
    questions: Questions = {
        name: ({"measures": [f"visits.converted_{number}", "visits.count"]}, [(count, 7)])
        for number, (name, _, _, count) in enumerate(cases)
    }
    return Written(market.market(visits={"time": "seen", "measures": measures}), lambda: market.TABLES, questions)


def _sources(model: list[dict[str, Any]]) -> list[Source]:
    return msgspec.convert(model, list[Source])


def _bridges(model: list[dict[str, Any]], questions: Questions) -> Written:
    return Written(_sources(model), lambda: test_bridges.TABLES, questions, is_ordered=False)


WRITTEN: dict[str, Callable[[Target], Iterator[Outcome]]] = {
    "by hand": Written(test_by_hand.SOURCES, retail.rows, test_by_hand.CASES),
    "calculations": Written(
        test_calculations.SOURCES, trade.rows, test_calculations.CASES, model=test_calculations.SHARED
    ),
    "kinds": Written(
        _sources(shop.SOURCES),
        lambda: shop.TABLES,
        test_kinds_by_hand.CASES,
        model=msgspec.convert(shop.MODEL, Model),
    ),
    "calendar tables": Written(
        _sources(days.SOURCES),
        lambda: days.TABLES,
        {name: ({"limit": None, **query}, answer) for name, (query, answer) in cases.CASES.items()},
        model=msgspec.convert(days.MODEL, Model),
    ),
    "bridges": _bridges(test_bridges.MODEL, test_bridges.QUESTIONS),
    "weights": _bridges(test_bridges.WEIGHTED, test_bridges.WEIGHTED_QUESTIONS),
    "paths": Written(_sources(test_paths.MODEL), lambda: test_paths.TABLES, test_paths.QUESTIONS, is_ordered=False),
    "existence": Written(test_existence.counted(), lambda: market.TABLES, _existence()),
    "conversions": _conversions(),
    "periods": Written(test_periods.zoned("UTC"), lambda: market.TABLES, _periods()),
}
