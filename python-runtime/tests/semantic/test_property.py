"""Random questions over random snowflakes: DuckDB's answer to the SQL is the one that counting by hand gives."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.models import Query, Source
from tests.semantic.oracle import AmbiguousError, NoPathError, Oracle
from tests.semantic.world import Question, World, questions, sources, worlds

WORLDS = 250
QUESTIONS = 8


def load(world: World) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in world.values():
        columns = list(dict.fromkeys(["id", "n", "s", "d", *(link.column for link in table.links)]))
        kinds = {"s": "VARCHAR", "d": "TIMESTAMP"}
        definitions = ", ".join(f"{column} {kinds.get(column, 'INTEGER')}" for column in columns)
        connection.execute(f"CREATE TABLE {table.name} ({definitions})")
        if table.rows:
            marks = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(table.rows))
            values = [row[column] for row in table.rows for column in columns]
            connection.execute(f"INSERT INTO {table.name} VALUES {marks}", values)
    return connection


def normal(value: Any) -> Any:
    """Give numbers as rounded floats and times as text."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00"
    assert isinstance(value, (int, float, Decimal))
    return round(float(value), 9)


seen = {"answered": 0, "rows": 0, "no path": 0, "ambiguous": 0, "deduplicated": 0, "several facts": 0}


@settings(max_examples=WORLDS, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def check(data: st.DataObject) -> None:
    world = data.draw(worlds(), label="world")
    model = msgspec.convert(sources(world), list[Source])
    oracle = Oracle(world)
    reach = {node: oracle.reach(node) for node in oracle.tables}
    with load(world) as connection:
        for _ in range(QUESTIONS):
            ask(data.draw(questions(world, reach), label="question"), model, oracle, connection)


def ask(question: Question, model: list[Source], oracle: Oracle, connection: duckdb.DuckDBPyConnection) -> None:
    query = msgspec.convert(question.query(), Query)
    expected: Any
    try:
        expected = oracle.answer(question)
    except (NoPathError, AmbiguousError) as error:
        ambiguous = isinstance(error, AmbiguousError)
        with pytest.raises(SemanticError) as refused:
            compile_query(model, query, "duckdb")
        assert refused.value.problem in (Problem.NO_JOIN_PATH, Problem.AMBIGUOUS_JOIN_PATH), str(refused.value)
        seen["ambiguous" if ambiguous else "no path"] += 1
        return
    compiled = compile_query(model, query, "duckdb")
    found = [tuple(map(normal, row)) for row in connection.execute(compiled.sql).fetchall()]
    assert found == [tuple(map(normal, row)) for row in expected], compiled.sql
    seen["answered"] += 1
    seen["rows"] += len(found)
    seen["several facts"] += len(compiled.plan.facts) > 1
    seen["deduplicated"] += any(fact.deduplicated for fact in compiled.plan.facts)


def test_2000_random_questions_have_the_answers_that_counting_by_hand_gives() -> None:
    check()
    print(seen)
    assert sum(seen[kind] for kind in ("answered", "no path", "ambiguous")) >= WORLDS * QUESTIONS
    # The cases are worth something only if they are not mostly refusals, and reach what is difficult.
    assert seen["answered"] >= 700
    assert min(seen[kind] for kind in ("several facts", "deduplicated")) >= 150
    assert min(seen[kind] for kind in ("no path", "ambiguous")) >= 20
