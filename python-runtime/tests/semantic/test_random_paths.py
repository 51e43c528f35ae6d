"""Random paths over random snowflake schemas, followed row by row."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import connect
from tests.semantic.test_property import table_data
from tests.semantic.world import Link, Row, World, sources, worlds

EXAMPLES = 100


@st.composite
def chains(draw: st.DrawFn, world: World) -> tuple[str, list[Link]]:
    """Return a table and joins to one row that follow each other from there."""
    start = draw(st.sampled_from(sorted(world)))
    chain: list[Link] = []
    table = start
    while links := [link for link in world[table].links if link.relationship != "one_to_many"]:
        chain.append(draw(st.sampled_from(links)))
        table = chain[-1].to
        if len(chain) > 3 or draw(st.integers(0, 2)) == 0:
            break
    return start, chain


def follow(world: World, row: Row | None, chain: list[Link]) -> Row | None:
    for link in chain:
        value = None if row is None else row[link.column]
        row = next((other for other in world[link.to].rows if value is not None and other[link.key] == value), None)
    return row


def expected_totals(world: World, start: str, chain: list[Link]) -> dict[Any, float | None]:
    totals: dict[Any, float | None] = {}
    for row in world[start].rows:
        end = follow(world, row, chain)
        name = None if end is None else end["s"]
        totals.setdefault(name, None)
        if row["n"] is not None:
            totals[name] = (totals[name] or 0) + row["n"]
    return totals


def has_several(world: World, start: str, chain: list[Link]) -> bool:
    """Return whether two tables on the way have several joins, declared by either, or a table is joined with itself."""
    tables = [start, *(link.to for link in chain)]
    joins = [
        sum(link.to == end for link in world[table].links) + sum(link.to == table for link in world[end].links)
        for table, end in pairwise(tables)
    ]
    return any(count > 1 for count in joins) or len(set(tables)) < len(tables)


def compile_total(world: World, start: str, chain: list[Link]) -> str | None:
    """Return the SQL of a total by the end of a path, or None if the path is ambiguous."""
    path = ".".join([start, *(link.alias or link.to for link in chain)])
    query = {"measures": [f"{start}.total"], "dimensions": [f"{path}.s"], "limit": None}
    try:
        model = msgspec.convert(sources(world), list[Source])
        return compile_query(model, msgspec.convert(query, Query), "duckdb").sql
    except SemanticError as error:
        if error.problem is Problem.AMBIGUOUS_JOIN_PATH:
            return None
        raise


def test_path_leads_to_the_rows_of_its_joins() -> None:
    seen: Counter[str] = Counter()
    with connect("duckdb", "") as database:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def check(data: st.DataObject) -> None:
            world = data.draw(worlds())
            start, chain = data.draw(chains(world))
            if not chain:
                return
            sql = compile_total(world, start, chain)
            if sql is None:
                assert has_several(world, start, chain)
                return
            database.load(table_data(world))
            try:
                assert dict(database.rows(sql)) == expected_totals(world, start, chain), sql
            finally:
                database.drop(table_data(world))
            seen[f"{len(chain)} steps"] += 1

        check()
    assert seen["1 steps"] > 20
    assert seen["2 steps"] + seen["3 steps"] >= 5
