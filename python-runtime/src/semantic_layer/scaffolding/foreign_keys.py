"""Grouping of links into foreign keys with all their pairs of columns.

A link with lists of columns is a complete key, and so are the single-column links with the same constraint name. Other
single-column links between two tables are one composite key if they reference the whole primary key, otherwise each
link is a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from semantic_layer.errors import Problem, SemanticError, unknown_name_error
from semantic_layer.model.models import Relationship
from semantic_layer.model.tables import Link, Table

_RELATIONSHIPS = ("many_to_one", "one_to_many", "one_to_one")

Pair = tuple[str, str]


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key from the table with index `start` to `end`; columns are spelled as in the tables."""

    start: int
    end: int
    relationship: Relationship
    pairs: tuple[Pair, ...]


def collect_foreign_keys(tables: list[Table], links: list[Link]) -> list[ForeignKey]:
    """Return the distinct keys between the tables. Raises SemanticError for unknown columns and relationships."""
    table_index = _TableIndex(tables)
    groups: dict[tuple[int, int, Relationship, int | str | None], list[Pair]] = {}
    for index, link in enumerate(links):
        start, end = table_index.find(link.from_table), table_index.find(link.to_table)
        if start is None or end is None:
            continue
        constraint = index if link.from_columns else link.constraint_name
        pairs = groups.setdefault((start, end, _parse_relationship(link), constraint), [])
        for near, far in link.pairs():
            pair = (_find_column(tables[start], near), _find_column(tables[end], far))
            if pair not in pairs:
                pairs.append(pair)
    keys = [
        ForeignKey(start, end, relationship, tuple(key))
        for (start, end, relationship, constraint), pairs in groups.items()
        for key in (_inferred_keys(pairs, tables[end]) if constraint is None else [pairs])
    ]
    return list(dict.fromkeys(keys))


def _inferred_keys(pairs: list[Pair], end: Table) -> list[list[Pair]]:
    primary = end.primary_key
    is_composite = len(pairs) > 1 and len(primary) == len(pairs) and {far for _, far in pairs} == primary
    return [pairs] if is_composite else [[pair] for pair in pairs]


class _TableIndex:
    """Indexes of tables by qualified name; an exact match wins over a case-insensitive one."""

    def __init__(self, tables: list[Table]) -> None:
        forms = [(form, index) for index, table in enumerate(tables) for form in _qualified_names(table)]
        self._exact = _unambiguous(forms)
        self._folded = _unambiguous([(form.lower(), index) for form, index in forms])

    def find(self, name: str) -> int | None:
        """Return the index of a table, or None for unknown and ambiguous names."""
        index = self._exact.get(name)
        return index if index is not None else self._folded.get(name.lower())


def _qualified_names(table: Table) -> list[str]:
    parts = [table.name, table.db, table.catalog]
    lengths = [length for length in (1, 2, 3) if all(parts[1:length])]
    return [".".join(str(part) for part in reversed(parts[:length])) for length in lengths]


def _unambiguous(forms: list[tuple[str, int]]) -> dict[str, int]:
    indexes: dict[str, set[int]] = {}
    for form, index in forms:
        indexes.setdefault(form, set()).add(index)
    return {form: next(iter(candidates)) for form, candidates in indexes.items() if len(candidates) == 1}


def _find_column(table: Table, name: str) -> str:
    """Return the name of a column as spelled in the table. Raises SemanticError."""
    known = [column.name for column in table.columns]
    if name in known:
        return name
    near = [other for other in known if other.lower() == name.lower()]
    if len(near) != 1:
        raise unknown_name_error(f"column in {table.name}", name, known)
    return near[0]


def _parse_relationship(link: Link) -> Relationship:
    name = re.sub(r"\W+", "_", link.relationship_type.strip().lower())
    if name not in _RELATIONSHIPS:
        known = ", ".join(_RELATIONSHIPS)
        message = f"The relationship '{link.relationship_type}' of {link.from_table} and {link.to_table} is not known"
        raise SemanticError(Problem.INVALID_MODEL, f"{message}; there are {known}")
    return cast(Relationship, name)
