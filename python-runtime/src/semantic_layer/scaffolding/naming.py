"""Names of generated sources and columns: existing names are kept, new ones are derived from the database's names.

A new table never changes the name of an existing source, because queries and joins refer to it.
"""

from __future__ import annotations

import re
from collections import Counter

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.tables import Table
from semantic_layer.sql.names import unique_name

_LEVELS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# What ends a name, a text or a statement where an expression is read.
_SYNTAX = re.compile(r"""[;"'`\\]|--|/\*|\*/""")


def source_names(tables: list[Table]) -> list[str]:
    """Return a unique name for each table: its `source_name`, or its name, qualified where required.

    Raises SemanticError for duplicate tables.
    """
    _reject_duplicates(tables)
    names: list[str | None] = [None] * len(tables)
    used_names: set[str] = set()

    def assign(index: int, name: str) -> None:
        names[index] = name
        used_names.add(name.lower())

    for index, table in enumerate(tables):
        previous = table.source_name
        if previous and _is_usable(previous) and previous.lower() not in used_names:
            assign(index, previous)
    candidates = [_candidate_names(table) for table in tables]
    counts = [Counter(candidate[level].lower() for candidate in candidates) for level in range(_LEVELS)]
    for level in range(_LEVELS):
        for index, candidate in enumerate(candidates):
            name = candidate[level]
            if names[index] is None and name and counts[level][name.lower()] == 1 and name.lower() not in used_names:
                assign(index, name)
    for index, candidate in enumerate(candidates):
        if names[index] is None:
            assign(index, unique_name(_least_common(candidate, counts) or "table", used_names))
    return [name or "" for name in names]


def _reject_duplicates(tables: list[Table]) -> None:
    counts = Counter((table.catalog, table.db, table.name) for table in tables)
    for (_, _, name), count in counts.items():
        if count > 1:
            raise SemanticError(Problem.INVALID_MODEL, f"The table '{name}' is given more than once")


def _candidate_names(table: Table) -> list[str]:
    """Return the possible names of a table's source, the shortest first."""
    parts = [table.catalog, table.db, table.name]
    return [_join_name(parts[length:]) for length in reversed(range(_LEVELS))]


def _least_common(candidate: list[str], counts: list[Counter[str]]) -> str:
    """Return the shortest of the names that the fewest tables have."""
    return min(zip(candidate, counts, strict=True), key=lambda pair: pair[1][pair[0].lower()])[0]


def _join_name(parts: list[str | None]) -> str:
    return _sanitize("_".join(part for part in parts if part))


def column_names(table: Table) -> dict[str, str]:
    """Return the names of physical columns in the model: unchanged if they can be used in references."""
    names = {column.name: column.name for column in table.columns if _is_plain(column.name)}
    used_names = {name.lower() for name in names}
    for column in table.columns:
        if column.name not in names:
            names[column.name] = unique_name(_sanitize(column.name) or "column", used_names)
            used_names.add(names[column.name].lower())
    return names


def _is_usable(name: str) -> bool:
    """Return whether a name is not blank and contains no dots and no control characters."""
    return bool(name.strip()) and "." not in name and not _CONTROL.search(name)


def _is_plain(name: str) -> bool:
    """Return whether a usable name can be written in an expression, at most in quotes."""
    return _is_usable(name) and not _SYNTAX.search(name)


def _sanitize(name: str) -> str:
    """Return a plain name; of one with syntax, letters, digits and underscores are left."""
    if _SYNTAX.search(name):
        return re.sub(r"\W+", "_", name).strip("_")
    return _CONTROL.sub("_", name.replace(".", "_")).strip()
