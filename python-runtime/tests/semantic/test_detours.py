"""Detours are the paths of a search over the whole model that leaves out a node."""

from __future__ import annotations

import random
from collections import deque

import pytest

from semantic_layer.joins.detours import Detours
from semantic_layer.joins.edges import Edge, Reach, Search, State, next_state
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.model.catalog import Catalog
from semantic_layer.model.models import Join, Relationship, Source
from semantic_layer.sql.dialects import SqlDialect

SOURCES = 7
RELATIONSHIPS: tuple[Relationship, ...] = ("many_to_one", "many_to_one", "one_to_many", "one_to_one")


def random_graph(seed: int) -> JoinGraph:
    """Return a graph with cycles, roles and parallel joins."""
    choose = random.Random(seed)
    joins: dict[str, list[Join]] = {f"s{number}": [] for number in range(SOURCES)}
    for number in range(choose.randint(SOURCES, 2 * SOURCES)):
        owner, target = choose.sample(list(joins), 2)
        alias = f"role{number}" if choose.random() < 0.3 else None
        joins[owner].append(Join(target, f"id = {alias or target}.id", choose.choice(RELATIONSHIPS), alias))
    return JoinGraph(
        Catalog([Source(name, joins=owned, bridge=name == "s3") for name, owned in joins.items()]), SqlDialect("duckdb")
    )


def search(graph: JoinGraph, start: str, reach: Reach, avoided: str | None) -> Search:
    found = Search((start, reach is Reach.ONE_ROW, None))
    queue = deque([found.start])
    while queue:
        before = queue.popleft()
        for edge in graph.edges_from(before[0]):
            state = next_state(before, edge, reach)
            if state is not None and edge.end.name not in (start, avoided) and found.add(state, before, edge):
                queue.append(state)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_detours_equal_searches_without_the_node(seed: int) -> None:
    graph = random_graph(seed)
    names = list(graph.catalog.nodes)
    edges = {name: graph.edges_from(name) for name in names}
    differences = 0
    for start in names:
        for reach in Reach:

            def step(before: State, edge: Edge, reach: Reach = reach) -> State | None:
                return next_state(before, edge, reach)

            whole = search(graph, start, reach, None)
            detours = Detours(whole, edges, step)
            for avoided in names:
                expected = search(graph, start, reach, avoided) if avoided != start else whole
                for end in names:
                    for in_reverse in (False, True):
                        path = expected.path(end, in_reverse=in_reverse)
                        differences += path != whole.path(end, in_reverse=in_reverse)
                        assert detours.path(avoided, end, in_reverse=in_reverse) == path
    assert differences > 0


def test_a_graph_forgets_old_searches() -> None:
    sources = [Source(f"s{number}", joins=[Join(f"s{number + 1}", "x = y", "one_to_one")]) for number in range(200)]
    graph = JoinGraph(Catalog([*sources, Source("s200")]), SqlDialect("duckdb"))
    nodes = list(graph.catalog.nodes.values())
    for node in nodes:
        assert graph.has_at_most_one(node, nodes[0])
    assert sum(len(detours.search.arrivals) for detours in graph._searches.values()) <= 30_000


def test_a_detour_is_found_without_a_search_of_the_whole_model() -> None:
    """Each name of a model was searched to its end for each node of a path: ambiguous names took 0.2 s in 1,000."""
    last = 1000
    joins = {number: [number + 1, number + 2] for number in range(last - 1)}
    sources = [
        Source(f"s{number}", joins=[Join(f"s{to}", "x = y", "one_to_one") for to in joins.get(number, [])])
        for number in range(last + 1)
    ]
    graph = JoinGraph(Catalog(sources), SqlDialect("duckdb"))
    edges = {name: graph.edges_from(name) for name in graph.catalog.nodes}
    steps = 0

    def step(before: State, edge: Edge) -> State | None:
        nonlocal steps
        steps += 1
        return next_state(before, edge, Reach.ONE_ROW)

    detours = Detours(search(graph, "s0", Reach.ONE_ROW, None), edges, step)
    assert detours.path("s1", "s3", in_reverse=False) is not None
    steps = 0  # which nodes lead to the end is kept
    path = detours.path("s2", "s3", in_reverse=False)
    assert path is not None
    assert [edge.end.name for edge in path] == ["s1", "s3"]
    assert steps < 20
