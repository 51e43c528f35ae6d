"""Each vector answers as it says, on DuckDB; docs/ossie.md lists them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import connect, normalize
from tests.semantic.ossie.report import SECTIONS, render
from tests.semantic.ossie.vectors import Library, Refusal, Rows, Vector

DOCUMENT = Path(__file__).parents[4] / "docs" / "ossie.md"
VECTORS = [vector for section in SECTIONS.values() for vector in section]


def _compile(library: Library, query: dict[str, object]) -> str:
    sources = msgspec.convert(library.sources, list[Source])
    return compile_query(sources, msgspec.convert(query, Query), "duckdb").sql


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.id for vector in VECTORS])
def test_answers_are_those_of_the_vector(vector: Vector) -> None:
    for query, expected in vector.cases:
        if isinstance(expected, Refusal):
            with pytest.raises((SemanticError, msgspec.ValidationError)) as caught:
                _compile(vector.library, query)
            assert expected.words in str(caught.value)
        else:
            sql = _compile(vector.library, query)
            assert _rows(vector.library, sql) == [tuple(map(normalize, row)) for row in expected], sql
            assert sql == _compile(vector.library, query)


def _rows(library: Library, sql: str) -> Rows:
    with connect("duckdb", "") as database:
        database.load(library.tables)
        return database.rows(sql)


def test_each_vector_has_an_id_of_its_own_and_says_why_it_does_not_hold() -> None:
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)
    assert [vector.id for vector in VECTORS if vector.verdict != "holds" and not vector.why] == []


def test_document_lists_the_vectors() -> None:
    text = render()
    if os.environ.get("KTX_UPDATE_GOLDEN") == "1":
        DOCUMENT.write_text(text, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == text, "Run with KTX_UPDATE_GOLDEN=1 to write docs/ossie.md"
