"""Random questions over random snowflakes: the SQL gives the answers that counting by hand gives.

The questions are the same ones every time. KTX_PROPERTY_CASES says how many there are, KTX_PROPERTY_SEED asks others:

    KTX_PROPERTY_CASES=2000 pytest tests/semantic/test_property.py -k hand
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.models import Query, Source
from tests.semantic.databases import Database, TableData, connect, normal
from tests.semantic.oracle import AmbiguousError, NoPathError, Oracle
from tests.semantic.world import Question, World, questions, sources, worlds

CASES = int(os.environ.get("KTX_PROPERTY_CASES", "480"))
SEED = os.environ.get("KTX_PROPERTY_SEED")
QUESTIONS = 8
WORLDS_ON_SERVERS = 20


def data_of(world: World) -> dict[str, TableData]:
    """Give the tables as they are loaded."""
    tables: dict[str, TableData] = {}
    for table in world.values():
        kinds = {"id": "int", "n": "int", "s": "text", "d": "time", **dict.fromkeys(table.keys, "int")}
        tables[table.name] = (kinds, [[row[column] for column in kinds] for row in table.rows])
    return tables


def prove(database: Database, examples: int, seen: Counter[str]) -> None:
    """Ask questions about as many random worlds."""

    @settings(
        max_examples=examples,
        derandomize=SEED is None,
        deadline=None,
        phases=[Phase.generate],  # to shrink a case takes minutes; the first one that fails is small enough
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        world = data.draw(worlds(), label="world")
        model = msgspec.convert(sources(world), list[Source])
        oracle = Oracle(world)
        reach = {node: oracle.reach(node) for node in oracle.tables}
        tables = data_of(world)
        database.load(tables)
        try:
            for _ in range(QUESTIONS):
                ask(data.draw(questions(world, reach), label="question"), model, oracle, database, seen)
        finally:
            database.drop(tables)

    (check if SEED is None else seed(SEED)(check))()


def ask(question: Question, model: list[Source], oracle: Oracle, database: Database, seen: Counter[str]) -> None:
    query = msgspec.convert(question.query(), Query)
    compiled: Callable[[], Any] = lambda: compile_query(model, query, database.dialect)  # noqa: E731
    try:
        expected = oracle.answer(question)
    except NoPathError:
        seen["no path"] += refuses(compiled, Problem.NO_JOIN_PATH, Problem.AMBIGUOUS_JOIN_PATH)
        return
    except AmbiguousError:
        seen["ambiguous"] += refuses(compiled, Problem.AMBIGUOUS_JOIN_PATH, Problem.NO_JOIN_PATH)
        return
    answer = compiled()
    found = database.rows(answer.sql)
    assert found == [tuple(normal(value) for value in row) for row in expected], answer.sql
    seen["answered"] += 1
    seen["rows"] += len(found)
    seen["several facts"] += len(answer.plan.measure_groups) > 1
    seen["deduplicated"] += any(group.deduplicated for group in answer.plan.measure_groups)
    seen["members"] += query.include_empty is True and len(query.dimensions) > 0


def refuses(compiled: Callable[[], Any], *problems: Problem) -> bool:
    """Check that there is an error; of several reasons any may be named first."""
    with pytest.raises(SemanticError) as refused:
        compiled()
    assert refused.value.problem in problems, str(refused.value)
    return True


def test_random_questions_have_the_answers_that_counting_by_hand_gives() -> None:
    seen: Counter[str] = Counter()
    with connect("duckdb", "") as database:
        prove(database, CASES // QUESTIONS, seen)
    asked = seen["answered"] + seen["no path"] + seen["ambiguous"]
    print(seen)
    assert asked >= CASES // QUESTIONS * QUESTIONS, seen
    # The cases are worth something only if they are not mostly refusals, and reach what is difficult.
    assert seen["answered"] >= asked * 0.7, seen
    assert min(seen[kind] for kind in ("rows", "several facts", "deduplicated")) >= asked * 0.15, seen
    assert seen["members"] >= asked * 0.1, seen
    assert seen["no path"] >= asked * 0.01, seen
    assert seen["ambiguous"] >= asked // 1000, seen


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_so_do_other_databases(dialect: str) -> None:
    seen: Counter[str] = Counter()
    with connect(dialect, f"ktx_property_{secrets.token_hex(4)}") as database:
        prove(database, WORLDS_ON_SERVERS, seen)
    assert seen["answered"] >= WORLDS_ON_SERVERS * 5, seen
