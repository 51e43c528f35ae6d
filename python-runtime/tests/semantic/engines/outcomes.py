"""What became of a question on an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import TableData, rows_equal
from tests.warehouses.errors import EngineError

EQUAL, DIFFERS, REFUSED, FAILED = "equal", "differs", "refused", "error"
STATES = (EQUAL, DIFFERS, REFUSED, FAILED)

Rows = Sequence[tuple[Any, ...]]


class Target(Protocol):
    """What questions are asked of: an engine, or a parser."""

    dialect: str

    def run(self, sql: str) -> Any:
        """Return the rows of a statement. Raises EngineError."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query with normalised values. Raises EngineError."""

    def load(self, tables: dict[str, TableData]) -> None:
        """Create and fill tables."""

    def drop(self, tables: dict[str, TableData]) -> None:
        """Drop tables."""

    def quoted(self, name: str) -> str:
        """Return a name with quotes."""


@dataclass(frozen=True)
class Outcome:
    """The state of a question, and what was found in place of the expected rows."""

    question: str
    state: str
    detail: str = ""


def ask(
    name: str,
    sources: list[Source],
    query: dict[str, Any],
    database: Target,
    judge: Callable[[Rows], str],
    *,
    model: Model | None = None,
    normalized: bool = True,
) -> Outcome:
    """Compile and run a query; `judge` returns what is wrong with its rows, or nothing."""
    try:
        sql = compile_query(sources, msgspec.convert(query, Query), database.dialect, model).sql
    except SemanticError as error:
        return Outcome(name, REFUSED, str(error))
    try:
        found: Any = database.rows(sql) if normalized else database.run(sql)
    except EngineError as error:
        return Outcome(name, FAILED, f"{str(error)[:1500]}\n{sql}")
    wrong = judge(found)
    return Outcome(name, DIFFERS, f"{wrong}\n{sql}") if wrong else Outcome(name, EQUAL)


def difference(found: Rows, expected: Rows) -> str:
    """Return the first difference of two results, or nothing."""
    if len(found) != len(expected):
        return f"{len(found)} rows in place of {len(expected)}"
    pairs = zip(found, expected, strict=True)
    return next((f"{row} in place of {other}" for row, other in pairs if not rows_equal(row, other)), "")
