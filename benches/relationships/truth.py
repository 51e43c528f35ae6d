"""The keys and links of a set, and how well others agree with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIDE = re.compile(r"([^(>]+?)\(([^)]*)\)")

Key = tuple[str, frozenset[str]]
"""A table and its columns."""
Link = tuple[str, str, frozenset[tuple[str, str]]]
"""The referencing table, the referenced table, and their columns in pairs."""


@dataclass(frozen=True)
class Truth:
    """What is to be found."""

    keys: frozenset[Key]
    links: frozenset[Link]

    @classmethod
    def read(cls, name: str) -> Truth:
        """Read `truth/<name>.txt`: lines `key table(column, …)` and `table(column, …) -> table(column, …)`."""
        keys, links = set(), set()
        for line in (HERE / "truth" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            sides = [(table.strip(), columns.split(", ")) for table, columns in SIDE.findall(line.removeprefix("key "))]
            if line.startswith("key "):
                [(table, columns)] = sides
                keys.add(key(table, columns))
            elif line:
                (table, columns), (to_table, to_columns) = [
                    (table.removeprefix("-> "), names) for table, names in sides
                ]
                links.add(link(table, columns, to_table, to_columns))
        return cls(frozenset(keys), frozenset(links))


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean; 1 where there is nothing to find."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @classmethod
    def of(cls, found: frozenset[Key] | frozenset[Link], expected: frozenset[Key] | frozenset[Link]) -> Score:
        """Compare what was found with what is to be found."""
        correct = len(found & expected)
        return cls(correct / len(found) if found else 1.0, correct / len(expected) if expected else 1.0)


def key(table: str, columns: list[str]) -> Key:
    """Return a key."""
    return table, frozenset(columns)


def link(table: str, columns: list[str], to_table: str, to_columns: list[str]) -> Link:
    """Return a link."""
    return table, to_table, frozenset(zip(columns, to_columns, strict=True))


def describe(found: Link) -> str:
    """Return a link as in the files of truths."""
    table, to_table, pairs = found
    ordered = sorted(pairs)
    columns, to_columns = ", ".join(near for near, _ in ordered), ", ".join(far for _, far in ordered)
    return f"{table}({columns}) -> {to_table}({to_columns})"
