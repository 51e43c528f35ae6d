"""Random questions with calculations over random ledgers: the SQL returns the results of the oracle.

KTX_PROPERTY_CASES and KTX_PROPERTY_SEED are those of test_property.py.
"""

from __future__ import annotations

import secrets
from collections import Counter
from random import Random

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, connect, normalize, rows_equal
from tests.semantic.ledger.drawing import random_question
from tests.semantic.ledger.oracle import LedgerOracle
from tests.semantic.ledger.questions import Question
from tests.semantic.ledger.world import Ledger, random_ledger, shared_model
from tests.semantic.test_property import CASES, QUESTIONS, SEED, WORLDS_ON_SERVERS

SHARED = msgspec.convert(shared_model(), Model)
KINDS = (
    "composed",
    "by name",
    "metric",
    "two dates",
    "previous",
    "change",
    "growth",
    "cumulative",
    "rolling",
    "period_to_date",
    "moving_average",
    "percent_of_total",
    "fixed",
    "rank",
    "running_share",
    "top",
    "others",
    "fill_gaps",
    "per",
    "balance",
    "time filter",
    "in_period",
    "filter on a name",
    "filter on a measure",
    "part of a time",
    "expression",
    "path",
    "tags with weights",
    "tags without weights",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "members",
    "omitted",
    "exists",
    "segment",
    "conversion",
    "time zone",
    "column with a measure",
    "parameter",
)


def check_questions(database: Database, examples: int, seen: Counter[str]) -> None:
    """Check questions about random ledgers, which are the same for a seed."""
    for example in range(examples):
        random = Random(f"{SEED}:{example}")
        ledger = random_ledger(random)
        model = msgspec.convert(ledger.model(), list[Source])
        database.load(ledger.tables())
        try:
            for _ in range(QUESTIONS):
                check_question(random_question(random, ledger), ledger, model, database, seen)
        finally:
            database.drop(ledger.tables())


def check_question(
    question: Question, ledger: Ledger, model: list[Source], database: Database, seen: Counter[str]
) -> None:
    try:
        compiled = compile_query(model, msgspec.convert(question.query(), Query), database.dialect, SHARED)
    except SemanticError:
        seen["refused"] += 1
        return
    expected = [tuple(map(normalize, row)) for row in LedgerOracle(ledger, question).evaluate()]
    found = database.rows(compiled.sql)
    is_equal = len(found) == len(expected) and all(map(rows_equal, found, expected))
    assert is_equal, (question.query(), found, expected, compiled.sql)
    seen["equal"] += 1
    seen.update(question.kinds)
    if "tags" in question.kinds:
        seen["tags with weights" if ledger.is_weighted else "tags without weights"] += 1


def test_random_calculations_have_the_results_of_the_oracle() -> None:
    seen: Counter[str] = Counter()
    with connect("duckdb", "") as database:
        check_questions(database, CASES // QUESTIONS, seen)
    print(seen)
    total = seen["equal"] + seen["refused"]
    assert total >= CASES // QUESTIONS * QUESTIONS
    assert seen["refused"] <= total * 0.08, seen
    assert [kind for kind in KINDS if seen[kind] < total // 100] == [], seen


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_random_calculations_have_the_results_of_the_oracle_on_other_databases(dialect: str) -> None:
    seen: Counter[str] = Counter()
    with connect(dialect, f"ktx_ledger_{secrets.token_hex(4)}") as database:
        check_questions(database, WORLDS_ON_SERVERS, seen)
    assert seen["equal"] >= WORLDS_ON_SERVERS * 5, seen
