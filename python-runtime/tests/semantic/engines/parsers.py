"""The dialects that no engine here executes: the SQL is parsed by the grammars of SQLFluff, and not run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.semantic.databases import TableData, Value
from tests.semantic.engines.outcomes import EQUAL, FAILED, REFUSED, Outcome, ask
from tests.semantic.tpch_questions import QUESTIONS
from tests.warehouses.environment import Environment
from tests.warehouses.questions import SOURCES

DIALECTS = ("redshift", "trino", "tsql")
SQLFLUFF = Environment("sqlfluff", ("sqlfluff",))
PROGRAM = Path(__file__).parent / "programs" / "parse.py"


class Texts:
    """A database that keeps the statements, and has no rows."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.statements: list[str] = []

    def run(self, sql: str, _values: Sequence[Value] = ()) -> list[list[Value]]:
        """Keep a statement."""
        self.statements.append(sql)
        return []

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Keep a query."""
        self.statements.append(sql)
        return []

    def load(self, tables: dict[str, TableData]) -> None:
        """Create nothing."""

    def drop(self, tables: dict[str, TableData]) -> None:
        """Drop nothing."""

    def quoted(self, name: str) -> str:
        """Return a name with quotes."""
        return f"[{name}]" if self.dialect == "tsql" else f'"{name}"'

    def check_tpch(self) -> Iterator[Outcome]:
        """Yield an outcome of each question of TPC-H."""
        for name, (query, _) in QUESTIONS.items():
            yield ask(name, SOURCES, query, self, lambda _: "")


def parse(outcomes: Iterator[Outcome], texts: Texts) -> Iterator[Outcome]:
    """Yield what is refused, and an outcome of each statement: equal, if the grammar has it."""
    texts.statements.clear()
    yield from [outcome for outcome in outcomes if outcome.state == REFUSED]
    command: list[Any] = [SQLFLUFF.executable(), PROGRAM, texts.dialect]
    found = subprocess.run(command, input=json.dumps(texts.statements), capture_output=True, text=True, check=True)
    for number, (sql, reason) in enumerate(zip(texts.statements, json.loads(found.stdout), strict=True), 1):
        state = FAILED if reason else EQUAL
        yield Outcome(f"statement {number}", state, f"{reason}\n{sql}")
