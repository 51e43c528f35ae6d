"""The shape of a test vector: a rule of the foundation, and queries with what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.semantic.databases import TableData

Query = dict[str, Any]
Rows = list[tuple[Any, ...]]
Verdict = Literal["holds", "refused", "differs"]


@dataclass(frozen=True)
class Library:
    """Sources and the rows of their tables."""

    sources: list[dict[str, Any]]
    tables: dict[str, TableData]


@dataclass(frozen=True)
class Refusal:
    """An error, with words that its message has."""

    words: str


@dataclass(frozen=True)
class Vector:
    """A rule, and what queries over a library answer: rows, or a refusal.

    The verdict is `holds` if the answers are those of the rule, `refused` if the rule has an answer where this project
    has an error, and `differs` if the answer is another one than that of the rule; `why` explains the last two.
    """

    id: str
    rule: str
    library: Library
    cases: list[tuple[Query, Rows | Refusal]]
    verdict: Verdict = "holds"
    why: str = ""


def ask(measures: list[Any], dimensions: list[Any] | None = None, *filters: str, **keys: Any) -> Query:
    """Return a query."""
    return {"measures": measures, "dimensions": dimensions or [], "filters": list(filters), **keys}
