"""Twenty TPC-H queries: the results equal those of handwritten SQL on four databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from tests.semantic.databases import DIALECTS, Database, TableData, connect, rows_equal
from tests.semantic.tpch import MODEL, generate
from tests.semantic.tpch_questions import QUESTIONS

SOURCES = msgspec.convert(MODEL, list[Source])


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TableData]:
    return generate(tmp_path_factory.mktemp("tpch"))


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest, tables: dict[str, TableData]) -> Iterator[Database]:
    with connect(request.param, f"ktx_tpch_{secrets.token_hex(4)}") as connected:
        connected.load(tables)
        yield connected


@pytest.fixture(scope="module")
def expected_results(tables: dict[str, TableData]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the results of the handwritten SQL on DuckDB."""
    with connect("duckdb", "") as connected:
        connected.load(tables)
        return {name: connected.rows(sql) for name, (_, sql) in QUESTIONS.items()}


def test_there_are_twenty_queries_of_a_valid_model() -> None:
    assert len(QUESTIONS) == 20
    for dialect in SUPPORTED:
        found = validate(SOURCES, dialect)
        assert found.errors == []
        assert all("There are several join paths" in warning for warning in found.warnings)


@pytest.mark.parametrize("name", QUESTIONS)
def test_result_equals_that_of_handwritten_sql(
    database: Database, expected_results: dict[str, list[tuple[Any, ...]]], name: str
) -> None:
    query = msgspec.convert(QUESTIONS[name][0], Query)
    compiled = compile_query(SOURCES, query, database.dialect)
    found, expected = database.rows(compiled.sql), expected_results[name]
    assert expected, "a question without an answer proves nothing"
    assert any(value is not None for row in expected for value in row)
    assert len(found) == len(expected), compiled.sql
    for row, other in zip(found, expected, strict=True):
        assert rows_equal(row, other), (row, other, compiled.sql)


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_generated_sql_parses_in_every_dialect(dialect: str) -> None:
    for query, _ in QUESTIONS.values():
        compiled = compile_query(SOURCES, msgspec.convert(query, Query), dialect)
        (statement,) = sqlglot.parse(compiled.sql, dialect=dialect)
        assert statement is not None
        assert _words(statement.sql(dialect=SqlDialect(dialect).sqlglot)) == _words(compiled.sql)


def _words(sql: str) -> str:
    """Return the SQL without white space, which depends on formatting."""
    return "".join(sql.split())
