"""The lists of questions. A new list of questions with SQL written by hand is a line in `WRITTEN`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from semantic_layer.models import Source
from tests.semantic import retail, test_by_hand
from tests.semantic.databases import TableData, connect
from tests.semantic.engines import aggregates, names, random_questions
from tests.semantic.engines.outcomes import Outcome, Rows, Target, ask, difference

Check = Callable[[Target], Iterator[Outcome]]
Questions = dict[str, tuple[dict[str, Any], str]]  # the query, and SQL of DuckDB with the same result


@dataclass(frozen=True)
class Written:
    """Questions on tables, each with its SQL."""

    sources: list[Source]
    tables: Callable[[], dict[str, TableData]]
    questions: Questions

    def __call__(self, database: Target) -> Iterator[Outcome]:
        """Yield the outcome of each question."""
        tables = self.tables()
        database.load(tables)
        try:
            for name, (query, _) in self.questions.items():
                yield ask(name, self.sources, query, database, partial(difference, expected=self._expected[name]))
        finally:
            database.drop(tables)

    @cached_property
    def _expected(self) -> dict[str, Rows]:
        with connect("duckdb", "") as reference:
            reference.load(self.tables())
            return {name: reference.rows(sql) for name, (_, sql) in self.questions.items()}


WRITTEN: dict[str, Check] = {"by hand": Written(test_by_hand.SOURCES, retail.rows, test_by_hand.CASES)}
# In the order of the report; the last ones are not in the short form. TPC-H, whose tables are files, is added to them.
SHORT: dict[str, Check] = {
    **WRITTEN,
    "names": names.check,
    "aggregates": aggregates.check,
    "random": partial(random_questions.check, worlds=8),
}
LONG: dict[str, Check] = {**SHORT, "random": partial(random_questions.check, worlds=25)}
