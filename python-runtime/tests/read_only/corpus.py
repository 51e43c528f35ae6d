"""The statements of `corpus/` and of the semantic layer's golden files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
GOLDEN = Path(__file__).parent.parent / "semantic" / "golden"


@dataclass(frozen=True)
class Entry:
    """One line of a file of the corpus."""

    sql: str
    dialect: str
    verdict: str
    reason: str


def entries(kind: str) -> list[Entry]:
    """Return the entries of a file."""
    lines = (FOLDER / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines]


def kinds() -> list[str]:
    """Return the names of the files."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def golden() -> list[tuple[str, str]]:
    """Return dialect and SQL of all golden files of the semantic layer."""
    plans = []
    for path in sorted(GOLDEN.glob("*.sql")):
        texts = path.read_text(encoding="utf-8").split(";\n")
        plans += [(path.stem, text) for text in texts if text.strip()]
    return plans
