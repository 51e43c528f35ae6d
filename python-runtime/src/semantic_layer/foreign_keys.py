"""From links to foreign keys between the tables that are given, each with all pairs of its columns.

A link with lists of columns is a whole key, and so are the links of one pair that share the name of a constraint. For
other links of one pair, the primary key decides: where the pairs between two tables lead to the whole of it, they are
one composite key, else each is a key of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from semantic_layer.errors import Problem, SemanticError, unknown
from semantic_layer.models import Relationship
from semantic_layer.tables import Link, Table

_RELATIONSHIPS = ("many_to_one", "one_to_many", "one_to_one")

Pair = tuple[str, str]


@dataclass(frozen=True)
class ForeignKey:
    """A key from the table `start` to the table `end`, given by index; pairs of columns as the tables spell them."""

    start: int
    end: int
    relationship: Relationship
    pairs: tuple[Pair, ...]


def foreign_keys(tables: list[Table], links: list[Link]) -> list[ForeignKey]:
    """Give the keys between the tables, once each. Raises SemanticError for unknown columns and relationships."""
    places = _Places(tables)
    groups: dict[tuple[int, int, Relationship, int | str | None], list[Pair]] = {}
    for index, link in enumerate(links):
        start, end = places.table(link.from_table), places.table(link.to_table)
        if start is None or end is None:
            continue
        constraint = index if link.from_columns else link.constraint_name
        pairs = groups.setdefault((start, end, _relationship(link), constraint), [])
        for near, far in link.pairs():
            pair = (_column(tables[start], near), _column(tables[end], far))
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


class _Places:
    """Tables by all the names that a link may use: in the same letter case, else in any other."""

    def __init__(self, tables: list[Table]) -> None:
        forms = [(form, index) for index, table in enumerate(tables) for form in _forms(table)]
        self._exact = _unambiguous(forms)
        self._folded = _unambiguous([(form.lower(), index) for form, index in forms])

    def table(self, name: str) -> int | None:
        """Give the index of a table; a name that fits several tables fits none."""
        found = self._exact.get(name)
        return found if found is not None else self._folded.get(name.lower())


def _forms(table: Table) -> list[str]:
    parts = [table.name, table.db, table.catalog]
    lengths = [length for length in (1, 2, 3) if all(parts[1:length])]
    return [".".join(str(part) for part in reversed(parts[:length])) for length in lengths]


def _unambiguous(forms: list[tuple[str, int]]) -> dict[str, int]:
    places: dict[str, set[int]] = {}
    for form, index in forms:
        places.setdefault(form, set()).add(index)
    return {form: next(iter(found)) for form, found in places.items() if len(found) == 1}


def _column(table: Table, name: str) -> str:
    """Give the name of a column as the table has it. Raises SemanticError."""
    known = [column.name for column in table.columns]
    if name in known:
        return name
    near = [other for other in known if other.lower() == name.lower()]
    if len(near) != 1:
        raise unknown(f"column in {table.name}", name, known)
    return near[0]


def _relationship(link: Link) -> Relationship:
    name = re.sub(r"\W+", "_", link.relationship_type.strip().lower())
    if name not in _RELATIONSHIPS:
        known = ", ".join(_RELATIONSHIPS)
        message = f"The relationship '{link.relationship_type}' of {link.from_table} and {link.to_table} is not known"
        raise SemanticError(Problem.INVALID_MODEL, f"{message}; there are {known}")
    return cast(Relationship, name)
