"""Every aggregate: it has the correct value, or is refused by the semantic layer, never by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.semantic.engines.outcomes import Outcome, Rows, Target, ask
from tests.semantic.test_aggregates import CASES, FACTS, ROWS, SOURCES, TABLES, TEXTS, Expected, qualified, same

# The values of the first dialect that a text is listed with. MySQL's STD, STDDEV and VARIANCE are of a population.
EXPECTED: dict[str, Expected] = {text: expected for text, _, expected in reversed(CASES)}
EXPECTED["std(x)"] = EXPECTED["stddev(x)"]


def check(database: Target) -> Iterator[Outcome]:
    """Yield the outcome of each aggregate."""
    database.load(TABLES)
    try:
        for text in dict.fromkeys(text.strip() for text in TEXTS):
            measures = [{"name": "result", "expr": qualified(text)}]
            query: dict[str, Any] = {"measures": measures, "dimensions": ["groups.g"], "limit": None}
            query["filters"] = ["parts.part >= 0"]  # parts fan out to two rows per fact, which must count once
            yield ask(
                text, SOURCES, query, database, partial(_judge, _expected(text, database.dialect)), normalized=False
            )
    finally:
        database.drop(TABLES)


def _expected(text: str, dialect: str) -> Expected | None:
    own = (expected for listed, dialects, expected in CASES if listed == text and dialect in dialects.split())
    return next(own, EXPECTED.get(text))


def _judge(expected: Expected | None, rows: Rows) -> str:
    found = {row[0]: row[1] for row in rows}
    if set(found) != {"a", "b"}:
        return f"the groups {sorted(map(str, found))}"
    for group in "ab" if expected else "":
        value = expected([dict(zip(FACTS, row, strict=True)) for row in ROWS if row[1] == group])
        if not same(found[group], value):
            return f"{found[group]!r} in place of {value!r}"
    return ""
