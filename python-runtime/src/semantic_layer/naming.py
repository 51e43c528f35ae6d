"""The names of generated sources and of their columns: those that they had before, else free ones near the database's.

A new table never renames the source of another one: queries and joins refer to sources by name.
"""

from __future__ import annotations

import re
from collections import Counter

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.names import free_name
from semantic_layer.tables import Table

_LEVELS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def source_names(tables: list[Table]) -> list[str]:
    """Name each source: as it is called already, else like its table, with the schema (and catalog) where needed.

    Raises SemanticError for a table that is given twice.
    """
    _refuse_repeated(tables)
    names: list[str | None] = [None] * len(tables)
    taken: set[str] = set()

    def take(index: int, name: str) -> None:
        names[index] = name
        taken.add(name.lower())

    for index, table in enumerate(tables):
        wanted = table.source_name
        if wanted and _is_usable(wanted) and wanted.lower() not in taken:
            take(index, wanted)
    forms = [_forms(table) for table in tables]
    counts = [Counter(form[level].lower() for form in forms) for level in range(_LEVELS)]
    for level in range(_LEVELS):
        for index, form in enumerate(forms):
            name = form[level]
            if names[index] is None and name and counts[level][name.lower()] == 1 and name.lower() not in taken:
                take(index, name)
    for index, form in enumerate(forms):
        if names[index] is None:
            take(index, free_name(_rarest(form, counts) or "table", taken))
    return [name or "" for name in names]


def _refuse_repeated(tables: list[Table]) -> None:
    counts = Counter((table.catalog, table.db, table.name) for table in tables)
    for (_, _, name), count in counts.items():
        if count > 1:
            raise SemanticError(Problem.INVALID_MODEL, f"The table '{name}' is given more than once")


def _forms(table: Table) -> list[str]:
    """Return the names that the source of a table may have, the shortest first."""
    parts = [table.catalog, table.db, table.name]
    return [_joined(parts[length:]) for length in reversed(range(_LEVELS))]


def _rarest(form: list[str], counts: list[Counter[str]]) -> str:
    """Return the shortest of the names that the fewest other tables have."""
    return min(zip(form, counts, strict=True), key=lambda pair: pair[1][pair[0].lower()])[0]


def _joined(parts: list[str | None]) -> str:
    return _safe("_".join(part for part in parts if part))


def column_names(table: Table) -> dict[str, str]:
    """Get the name that each physical column has in the model: its own, or one that references can be written with."""
    names = {column.name: column.name for column in table.columns if _is_usable(column.name)}
    taken = {name.lower() for name in names}
    for column in table.columns:
        if column.name not in names:
            names[column.name] = free_name(_safe(column.name) or "column", taken)
            taken.add(names[column.name].lower())
    return names


def _is_usable(name: str) -> bool:
    """Return whether the name is neither blank nor holds what separates names, or what no file can show."""
    return bool(name.strip()) and "." not in name and not _CONTROL.search(name)


def _safe(name: str) -> str:
    return _CONTROL.sub("_", name.replace(".", "_")).strip()
