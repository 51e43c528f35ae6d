"""The statements of `corpus/` and of the semantic layer's golden files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
GOLDEN = Path(__file__).parent.parent / "semantic" / "golden"
OUTCOMES = ("passes", "refused")
# The classes of `corpus/README.md`.
CLASSES = (
    *("query", "dml", "ddl", "cte_dml", "select_into", "lock", "function", "outside", "model", "explain", "several"),
    *("hidden", "session", "call", "server", "statement"),
)


@dataclass(frozen=True)
class Entry:
    """One line of the file of a dialect; `needs` is what a statement that passes lacks in the tests' databases."""

    dialect: str
    kind: str
    statement: str
    outcome: str
    reason: str
    needs: str | None = None

    @property
    def passes(self) -> bool:
        """Whether the check lets the statement pass."""
        return self.outcome == "passes"


def entries(dialect: str) -> list[Entry]:
    """Return the entries of a dialect."""
    lines = (FOLDER / f"{dialect}.jsonl").read_text(encoding="utf-8").split("\n")
    read = (json.loads(line) for line in lines if line)
    return [Entry(dialect=dialect, kind=entry.pop("class"), **entry) for entry in read]


def dialects() -> list[str]:
    """Return the names of the files."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def golden() -> list[tuple[str, str]]:
    """Return dialect and SQL of all golden files of the semantic layer."""
    plans = []
    for path in sorted(GOLDEN.glob("*.sql")):
        texts = path.read_text(encoding="utf-8").split(";\n")
        plans += [(path.stem, text) for text in texts if text.strip()]
    return plans
