"""TPC-H's questions, on the tables that the engine loads from files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.semantic.engines.adapter import EngineDatabase
from tests.semantic.engines.outcomes import Outcome, ask, difference
from tests.semantic.tpch_questions import QUESTIONS
from tests.warehouses.engine import Engine
from tests.warehouses.questions import SOURCES
from tests.warehouses.tpch import Tpch


def check(engine: Engine, database: EngineDatabase, data: Tpch) -> Iterator[Outcome]:
    """Yield the outcome of each question; the tables stay."""
    Engine.load(engine, data)
    for name, (query, _) in QUESTIONS.items():
        yield ask(name, SOURCES, query, database, partial(difference, expected=data.expected[name]))
