"""Random questions over random worlds, compared with the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from semantic_layer.model.models import Source
from tests.semantic.databases import TableData, normalize
from tests.semantic.engines.outcomes import DIFFERS, EQUAL, REFUSED, Outcome, Target, ask, difference
from tests.semantic.oracle import Oracle
from tests.semantic.test_property import check_queries
from tests.semantic.world import Question
from tests.semantic.world_paths import AmbiguousError, NoPathError, UnrelatedError


@dataclass
class Worlds:
    """Keeps the worlds and questions that hypothesis draws.

    They are asked later: hypothesis repeats an example after an error of an engine, and calls it flaky when the tables
    of the first time still exist.
    """

    dialect: str = ""
    drawn: list[tuple[dict[str, TableData], list[tuple[Question, list[Source], Oracle]]]] = field(default_factory=list)

    def load(self, tables: dict[str, TableData]) -> None:
        """Start a world."""
        self.drawn.append((tables, []))

    def drop(self, tables: dict[str, TableData]) -> None:
        """Drop nothing."""

    def keep(self, question: Question, model: list[Source], oracle: Oracle, *_: Any) -> None:
        """Keep a question over the last world."""
        self.drawn[-1][1].append((question, model, oracle))


def check(database: Target, *, worlds: int) -> Iterator[Outcome]:
    """Yield the outcome of each question; one that the oracle cannot answer is expected to be refused."""
    kept = Worlds()
    check_queries(kept, worlds, Counter(), kept.keep)
    number = 0
    for tables, questions in kept.drawn:
        database.load(tables)
        try:
            for question, model, oracle in questions:
                yield _ask(f"question {number}", question, model, oracle, database)
                number += 1
        finally:
            database.drop(tables)


def _ask(name: str, question: Question, model: list[Source], oracle: Oracle, database: Target) -> Outcome:
    try:
        expected = [tuple(map(normalize, row)) for row in oracle.evaluate(question)]
    except (NoPathError, AmbiguousError, UnrelatedError):
        found = ask(name, model, question.query(), database, lambda _: "an answer in place of an error")
        return Outcome(name, EQUAL) if found.state == REFUSED else found
    found = ask(name, model, question.query(), database, partial(difference, expected=expected))
    return Outcome(name, DIFFERS, found.detail) if found.state == REFUSED else found
