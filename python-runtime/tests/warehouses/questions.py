"""The twenty questions: compiled by the semantic layer, and compared with the results of DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import normalize, rows_equal
from tests.semantic.tpch import MODEL
from tests.semantic.tpch_questions import QUESTIONS
from tests.warehouses.errors import EngineError
from tests.warehouses.tpch import Tpch

SOURCES = msgspec.convert(MODEL, list[Source])
Run = Callable[[str], Sequence[Sequence[Any]]]


def ask(run: Run, dialect: str, data: Tpch) -> None:
    """Run all questions. Raises EngineError that lists those that fail, or whose results differ from DuckDB's."""
    problems = [problem for name in QUESTIONS if (problem := _ask_one(name, run, dialect, data))]
    if problems:
        raise EngineError(f"{len(problems)} of {len(QUESTIONS)} differ: {'; '.join(problems)}")


def _ask_one(name: str, run: Run, dialect: str, data: Tpch) -> str | None:
    sql = compile_query(SOURCES, msgspec.convert(QUESTIONS[name][0], Query), dialect).sql
    try:
        rows = [tuple(map(normalize, row)) for row in run(sql)]
    except EngineError as error:
        return f"{name}: {str(error).splitlines()[0][:200]}"
    expected = data.expected[name]
    if len(rows) != len(expected):
        return f"{name}: {len(rows)} rows in place of {len(expected)}"
    different = next((pair for pair in zip(rows, expected, strict=True) if not rows_equal(*pair)), None)
    return f"{name}: {different[0]} in place of {different[1]}" if different else None
