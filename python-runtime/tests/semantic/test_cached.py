"""Cached answers and models are those that the same request has without a cache."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from ktx_daemon.byte_cache import ENTRY_BYTES, ByteCache
from ktx_daemon.errors import BadRequestError, InvalidRequestError
from ktx_daemon.semantic import cached
from ktx_daemon.semantic.model_cache import CachedModel, ModelCache
from ktx_daemon.semantic.requests import CompileQuery
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Model
from tests.semantic.shop import compile_shop, shop_model

MEASURES = ("orders.revenue", "orders.average", "returns.fees", "customers.customers", "stores.stores")
REVENUE = [{"name": "revenue", "expr": "sum(amount)"}]
DIMENSIONS = ("customers.segment", "stores.city", "orders.status")


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "_models", ModelCache(cached.MAX_MODEL_BYTES))
    monkeypatch.setattr(cached, "_answers", ByteCache(cached.MAX_ANSWER_BYTES))


def ask(query: dict[str, Any], **request: Any) -> dict[str, Any]:
    body = {"sources": shop_model(), "query": query, "dialect": "postgresql", **request}
    answer: dict[str, Any] = msgspec.json.decode(cached.query(msgspec.json.encode(body)))
    return answer


def test_parts_have_the_keys_of_the_request() -> None:
    def keys(struct: type[msgspec.Struct]) -> list[Any]:
        return [(item.encode_name, item.required) for item in msgspec.structs.fields(struct)]

    assert keys(cached._Parts) == keys(CompileQuery)


def test_answers_of_one_model_are_those_without_a_cache() -> None:
    queries = [
        {"measures": list(pair), "dimensions": [dimension]}
        for pair in itertools.combinations(MEASURES, 2)
        for dimension in DIMENSIONS
    ]

    def asked(query: dict[str, Any]) -> Any:
        try:
            return ask(query)
        except BadRequestError as error:
            return str(error)

    def compiled(query: dict[str, Any]) -> Any:
        try:
            return msgspec.to_builtins(compile_shop(**query))
        except SemanticError as error:
            return str(error)

    expected = [compiled(query) for query in queries]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(asked, queries)) == expected
        assert list(threads.map(asked, queries)) == expected
    assert sum(isinstance(answer, dict) for answer in expected) > 5


def test_every_part_of_a_request_is_a_part_of_the_key() -> None:
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.segment"]}
    first = ask(query)
    assert ask(query) == first
    changed = [
        ask({**query, "limit": 5}),
        ask(query, dialect="mysql"),
        ask(query, sources=shop_model(orders={"table": "other_orders"})),
    ]
    assert len({answer["sql"] for answer in [first, *changed]}) == 4
    denied = {"tables": [{"pattern": "customers", "parts": ["customers"]}]}
    with pytest.raises(BadRequestError, match="Cannot query the source customers"):
        ask(query, denied=denied)


def test_a_query_that_reads_the_clock_is_compiled_each_time() -> None:
    relative = {"measures": ["orders.revenue"], "filters": ["IN_PERIOD(orders.ordered_at, 'last 30 days')"]}
    ask(relative)
    assert cached._answers.size == 0
    segments = [{"name": "new", "expr": "in_period(ordered_at, 'last 30 days')"}]
    ask({"measures": ["orders.revenue"]}, sources=shop_model(orders={"segments": segments, "measures": REVENUE}))
    assert cached._answers.size == 0
    ask({**relative, "now": "2026-01-31T12:00:00Z"})
    ask({**relative, "filters": ["orders.ordered_at > current_date"]})
    assert cached._answers.size > 2 * ENTRY_BYTES


def test_errors_name_all_fields_of_another_shape() -> None:
    with pytest.raises(InvalidRequestError, match="name") as error:
        ask({"measure": []}, sources=[{"name": 1}, {}])
    with pytest.raises(InvalidRequestError) as of_sources:
        ask({"measures": ["a.b"]}, sources=[{"name": 1}, {}])
    for part in ("sources[0].name", "sources[1].name", "query.measure"):
        assert part in str(error.value)
        assert (part in str(of_sources.value)) == part.startswith("sources")


def test_failures_are_not_cached() -> None:
    for _ in range(2):
        with pytest.raises(BadRequestError, match="'revenu'"):
            ask({"measures": ["orders.revenu"]})
    with pytest.raises(BadRequestError, match="does not write the SQL dialect"):
        ask({"measures": ["orders.revenue"]}, dialect="access")
    assert cached._answers.size == 0


def test_models_are_evicted_before_another_is_loaded() -> None:
    models = ModelCache(100)
    loaded: list[str] = []

    def get(name: str, size: int) -> None:
        def load() -> CachedModel:
            loaded.append(name)
            return CachedModel([], "duckdb", Model())

        models.get(name.encode(), size, load)

    for name, size in [("a", 60), ("b", 40), ("a", 60), ("c", 30), ("b", 40), ("a", 60), ("huge", 101), ("huge", 101)]:
        get(name, size)
    assert loaded == ["a", "b", "c", "b", "a", "huge", "huge"]


def test_answers_are_evicted_by_size() -> None:
    answers = ByteCache(2 * (ENTRY_BYTES + 10))
    for key in (b"a", b"b"):
        answers.put(key, bytes(10))
    assert answers.get(b"a")
    answers.put(b"c", bytes(10))
    assert [answers.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]
    answers.put(b"large", bytes(1000))
    assert answers.size == 0
