"""Random queries over random snowflake schemas: the SQL returns the results of the oracle.

Queries are deterministic. KTX_PROPERTY_CASES sets their number, KTX_PROPERTY_SEED another seed:

    KTX_PROPERTY_CASES=2000 pytest tests/semantic/test_property.py -k oracle
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
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, TableData, connect, normalize
from tests.semantic.oracle import Oracle
from tests.semantic.world import Question, World, questions, sources, worlds
from tests.semantic.world_paths import AmbiguousError, NoPathError, UnrelatedError

CASES = int(os.environ.get("KTX_PROPERTY_CASES", "480"))
SEED = os.environ.get("KTX_PROPERTY_SEED")
QUESTIONS = 8
WORLDS_ON_SERVERS = 20


def table_data(world: World) -> dict[str, TableData]:
    """Return the tables to load."""
    tables: dict[str, TableData] = {}
    for table in world.values():
        kinds = {"id": "int", "n": "int", "s": "text", "d": "time", **dict.fromkeys(table.keys, "int")}
        tables[table.name] = (kinds, [[row[column] for column in kinds] for row in table.rows])
    return tables


def check_queries(
    database: Database, examples: int, seen: Counter[str], check_one: Callable[..., None] | None = None
) -> None:
    """Check queries over random worlds, each by `check_one`."""
    check_one = check_one or check_query

    @settings(
        max_examples=examples,
        derandomize=SEED is None,
        deadline=None,
        phases=[Phase.generate],  # shrinking takes minutes, and cases are small
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        world = data.draw(worlds(), label="world")
        model = msgspec.convert(sources(world), list[Source])
        oracle = Oracle(world)
        reach = {node: oracle.reach(node) for node in oracle.tables}
        tables = table_data(world)
        database.load(tables)
        try:
            for _ in range(QUESTIONS):
                check_one(data.draw(questions(world, reach), label="question"), model, oracle, database, seen)
        finally:
            database.drop(tables)

    (check if SEED is None else seed(SEED)(check))()


def check_query(
    question: Question, model: list[Source], oracle: Oracle, database: Database, seen: Counter[str]
) -> None:
    query = msgspec.convert(question.query(), Query)
    compiled: Callable[[], Any] = lambda: compile_query(model, query, database.dialect)  # noqa: E731
    try:
        expected = oracle.evaluate(question)
    except NoPathError:
        seen["no path"] += raises_problem(compiled, Problem.NO_JOIN_PATH, Problem.AMBIGUOUS_JOIN_PATH)
        return
    except AmbiguousError:
        seen["ambiguous"] += raises_problem(compiled, Problem.AMBIGUOUS_JOIN_PATH, Problem.NO_JOIN_PATH)
        return
    except UnrelatedError:
        seen["unrelated"] += raises_problem(compiled, Problem.INVALID_QUERY)
        return
    answer = compiled()
    found = database.rows(answer.sql)
    assert found == [tuple(normalize(value) for value in row) for row in expected], answer.sql
    seen["answered"] += 1
    seen["rows"] += len(found)
    seen["several facts"] += len(answer.plan.measure_groups) > 1
    seen["deduplicated"] += any(group.deduplicated for group in answer.plan.measure_groups)
    seen["members"] += query.include_empty is True and len(query.dimensions) > 0


def raises_problem(compiled: Callable[[], Any], *problems: Problem) -> bool:
    """Check for an error with one of the problems."""
    with pytest.raises(SemanticError) as caught:
        compiled()
    assert caught.value.problem in problems, str(caught.value)
    return True


def test_random_queries_have_the_results_of_the_oracle() -> None:
    seen: Counter[str] = Counter()
    with connect("duckdb", "") as database:
        check_queries(database, CASES // QUESTIONS, seen)
    total = seen["answered"] + seen["no path"] + seen["ambiguous"] + seen["unrelated"]
    print(seen)
    assert total >= CASES // QUESTIONS * QUESTIONS, seen
    # Enough cases must be answered and cover difficult plans.
    assert seen["answered"] >= total * 0.7, seen
    assert min(seen[kind] for kind in ("rows", "several facts", "deduplicated")) >= total * 0.15, seen
    assert seen["members"] >= total * 0.1, seen
    assert seen["no path"] >= total * 0.01, seen
    assert seen["ambiguous"] >= total // 1000, seen


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_random_queries_have_the_results_of_the_oracle_on_other_databases(dialect: str) -> None:
    seen: Counter[str] = Counter()
    with connect(dialect, f"ktx_property_{secrets.token_hex(4)}") as database:
        check_queries(database, WORLDS_ON_SERVERS, seen)
    assert seen["answered"] >= WORLDS_ON_SERVERS * 5, seen
