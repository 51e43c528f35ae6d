"""Random questions over random worlds, compared with the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from semantic_layer.models import Source
from tests.semantic.databases import normalize
from tests.semantic.engines.outcomes import DIFFERS, EQUAL, REFUSED, Outcome, Target, ask, difference
from tests.semantic.oracle import AmbiguousError, NoPathError, Oracle
from tests.semantic.test_property import check_queries
from tests.semantic.world import Question


def check(database: Target, *, worlds: int) -> Iterator[Outcome]:
    """Yield the outcome of each question; one that the oracle cannot answer is expected to be refused."""
    outcomes: list[Outcome] = []

    def compare(question: Question, model: list[Source], oracle: Oracle, *_: Any) -> None:
        outcomes.append(_ask(f"question {len(outcomes)}", question, model, oracle, database))

    check_queries(database, worlds, Counter(), compare)
    yield from outcomes


def _ask(name: str, question: Question, model: list[Source], oracle: Oracle, database: Target) -> Outcome:
    try:
        expected = [tuple(map(normalize, row)) for row in oracle.evaluate(question)]
    except (NoPathError, AmbiguousError):
        found = ask(name, model, question.query(), database, lambda _: "an answer in place of an error")
        return Outcome(name, EQUAL) if found.state == REFUSED else found
    found = ask(name, model, question.query(), database, partial(difference, expected=expected))
    return Outcome(name, DIFFERS, found.detail) if found.state == REFUSED else found
