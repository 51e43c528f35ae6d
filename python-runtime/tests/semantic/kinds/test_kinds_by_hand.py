"""Each kind of question equals SQL that is written by hand and runs on DuckDB, on each database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.kinds import over_groups, over_time
from tests.semantic.kinds.shop import MODEL, SOURCES, TABLES

CASES = {**over_time.CASES, **over_groups.CASES}
WITHOUT_MEDIAN = ("sqlite", "mysql")


@pytest.fixture(scope="module")
def expected_results() -> dict[str, list[tuple[Any, ...]]]:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        return {name: connected.rows(sql) for name, (_, sql) in CASES.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_kinds_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


@pytest.mark.parametrize("name", CASES)
def test_answer_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    query, _ = CASES[name]
    if "median" in str(query) and database.dialect in WITHOUT_MEDIAN:
        with pytest.raises(SemanticError, match="does not have as an aggregate"):
            _compile(query, database.dialect)
        return
    sql = _compile(query, database.dialect)
    assert database.rows(sql) == expected_results[name], sql


@pytest.mark.parametrize(("longer", "unit"), [("month", "week"), ("month", "quarter"), ("fiscal_year", "year")])
def test_a_period_to_date_has_parts_only(longer: str, unit: str) -> None:
    measure = f"period_to_date(sales.revenue, '{longer}')"
    with pytest.raises(SemanticError, match=f"a {unit} is no part of one {longer}"):
        _compile({"measures": [measure], "dimensions": [{"field": "metric_time", "granularity": unit}]})


def test_an_error_writes_a_duration_as_the_query_does() -> None:
    with pytest.raises(SemanticError, match="compared with that of 7 days before"):
        _compile({"measures": ["previous(sales.revenue, '7 days')"], "dimensions": over_time.BY_MONTH})


def _compile(query: dict[str, Any], dialect: str = "duckdb") -> str:
    sources, model = msgspec.convert(SOURCES, list[Source]), msgspec.convert(MODEL, Model)
    return compile_query(sources, msgspec.convert(query, Query), dialect, model).sql
