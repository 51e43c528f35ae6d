"""The document of the vectors, docs/ossie.md."""

from __future__ import annotations

from collections import Counter

from tests.semantic.ossie import models, paths, questions, windows
from tests.semantic.ossie.vectors import Vector

SECTIONS: dict[str, list[Vector]] = {
    "Shapes of queries": questions.SHAPES,
    "Aggregates over joins to many": questions.GRAINS,
    "Conditions": questions.PREDICATES,
    "Joins": questions.JOINS,
    "Many to many": paths.BRIDGES,
    "Paths and names": paths.PATHS,
    "Rows of the many side": paths.FINER,
    "Filters, order and limit": questions.CLAUSES,
    "Window functions": windows.WINDOWS,
    "Models": models.MODELS,
    "NULL and empty groups": models.EMPTY,
}

_HEAD = """\
# Apache Ossie

Apache Ossie (Open Semantic Interchange, first in the repository `open-semantic-interchange/OSI`) states rules for
semantic layers, with test vectors T-001 to T-053 in its folder `compliance/foundation`. The tests in
`python-runtime/tests/semantic/ossie` have each of these rules, with models, queries and rows of this project, and run
them on DuckDB. This page is written from them: `KTX_UPDATE_GOLDEN=1` with `test_vectors.py`.

- **holds**: the answer, or the error, is that of the rule.
- **refused**: the rule has an answer, and this project an error.
- **differs**: the answer is another one than that of the rule.

"""

_TAIL = """
T-018 was withdrawn, and there are no vectors T-037 to T-039. Where versions differ, the rule is the one that has an
answer: T-016 was an error in an earlier version, and T-005c and T-017 are an error in a later one, which defers nested
aggregates. The rows that T-048 expects include a group without rows; by T-001 there is none.
"""


def render() -> str:
    """Return the document."""
    vectors = [vector for section in SECTIONS.values() for vector in section]
    counts = Counter(vector.verdict for vector in vectors)
    summary = f"Of {len(vectors)} rules, {counts['holds']} hold, {counts['refused']} are refused, and "
    parts = [_HEAD, f"{summary}{counts['differs']} differ.\n"]
    for title, section in SECTIONS.items():
        parts += [f"\n## {title}\n\n", "| vector | rule | result | why |\n", "| --- | --- | --- | --- |\n"]
        parts += map(_row, section)
    return "".join([*parts, _TAIL])


def _row(vector: Vector) -> str:
    return f"| {vector.id} | {vector.rule} | {vector.verdict} | {vector.why} |\n"
