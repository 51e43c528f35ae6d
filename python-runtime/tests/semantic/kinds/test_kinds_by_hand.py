"""Each kind of question equals SQL written by hand, on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.models import Model, Source
from semantic_layer.queries import Query
from tests.semantic.databases import Database, connect
from tests.semantic.kinds import over_groups, over_time
from tests.semantic.kinds.shop import MODEL, SOURCES, TABLES

CASES = {**over_time.CASES, **over_groups.CASES}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        yield connected


@pytest.mark.parametrize("name", CASES)
def test_answer_equals_that_of_handwritten_sql(database: Database, name: str) -> None:
    query, expected = CASES[name]
    sql = _compile(query)
    assert database.rows(sql) == database.rows(expected), sql


@pytest.mark.parametrize(("longer", "unit"), [("month", "week"), ("month", "quarter"), ("fiscal_year", "year")])
def test_a_period_to_date_has_parts_only(longer: str, unit: str) -> None:
    measure = f"period_to_date(sales.revenue, '{longer}')"
    with pytest.raises(SemanticError, match=f"a {unit} is no part of one {longer}"):
        _compile({"measures": [measure], "dimensions": [{"field": "metric_time", "granularity": unit}]})


def _compile(query: dict[str, Any]) -> str:
    sources, model = msgspec.convert(SOURCES, list[Source]), msgspec.convert(MODEL, Model)
    return compile_query(sources, msgspec.convert(query, Query), "duckdb", model).sql
