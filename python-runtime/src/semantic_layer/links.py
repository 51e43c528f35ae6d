"""From foreign keys to joins: composite keys become one join, several keys to one table become roles.

Part of a primary key does not tell one row from the others: what is linked by it alone gets no join, for totals over it
would be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import msgspec
from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError, unknown
from semantic_layer.models import Join, Relationship
from semantic_layer.names import free_name
from semantic_layer.naming import column_names
from semantic_layer.tables import Link, Table

_RELATIONSHIPS = ("many_to_one", "one_to_many", "one_to_one")


def joins_of(tables: list[Table], links: list[Link], names: list[str], dialect: SqlDialect) -> dict[str, list[Join]]:
    """Give the joins of every source. Raises SemanticError for columns and relationships that do not exist."""
    places = Places(tables)
    columns = [column_names(table) for table in tables]
    tables = [_in_names_of_the_model(table, names) for table, names in zip(tables, columns, strict=True)]
    groups: dict[tuple[int, int, Relationship], list[Link]] = {}
    for link, start, end in places.found(links):
        near, far = columns[start][link.from_column], columns[end][link.to_column]
        named = msgspec.structs.replace(link, from_column=near, to_column=far)
        groups.setdefault((start, end, _relationship(link)), []).append(named)
    between: dict[frozenset[int], int] = {}
    for start, end, _ in groups:
        between[frozenset((start, end))] = between.get(frozenset((start, end)), 0) + 1
    joins: dict[str, list[Join]] = {name: [] for name in names}
    taken = {name.lower() for name in names}
    for (start, end, relationship), members in groups.items():
        keys = [key for key in _keys(members, tables[end]) if _finds_one(key, relationship, tables[start], tables[end])]
        needs_roles = len(keys) > 1 or start == end or between[frozenset((start, end))] > 1
        for key in keys:
            alias = _role(key, names[end], taken) if needs_roles else None
            joins[names[start]].append(Join(names[end], _on(key, alias or names[end], dialect), relationship, alias))
    return joins


class Places:
    """Tables by all the names that a link may use: in the same letter case, else in any other."""

    def __init__(self, tables: list[Table]) -> None:
        self._tables = tables
        forms = [(form, index) for index, table in enumerate(tables) for form in _forms(table)]
        self._exact = _unambiguous(forms)
        self._folded = _unambiguous([(form.lower(), index) for form, index in forms])

    def table(self, name: str) -> int | None:
        """Give the index of a table; a name that fits several tables fits none."""
        found = self._exact.get(name)
        return found if found is not None else self._folded.get(name.lower())

    def found(self, links: list[Link]) -> Iterator[tuple[Link, int, int]]:
        """Give the links between the tables, once each and in the letter case of the columns, with both tables.

        Raises SemanticError for columns that do not exist.
        """
        seen: set[tuple[int, int, Link]] = set()
        for link in links:
            start, end = self.table(link.from_table), self.table(link.to_table)
            if start is None or end is None:
                continue
            exact = msgspec.structs.replace(
                link,
                from_table="",
                to_table="",
                from_column=_column(self._tables[start], link.from_column),
                to_column=_column(self._tables[end], link.to_column),
            )
            if (start, end, exact) not in seen:
                seen.add((start, end, exact))
                yield msgspec.structs.replace(exact, from_table=link.from_table, to_table=link.to_table), start, end

    def linked_columns(self, links: list[Link]) -> dict[int, set[str]]:
        """Give the physical columns of each table that links name."""
        columns: dict[int, set[str]] = {}
        for link, start, end in self.found(links):
            columns.setdefault(start, set()).add(link.from_column)
            columns.setdefault(end, set()).add(link.to_column)
        return columns


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


def _in_names_of_the_model(table: Table, names: dict[str, str]) -> Table:
    columns = [msgspec.structs.replace(column, name=names[column.name]) for column in table.columns]
    return msgspec.structs.replace(table, columns=columns)


def _relationship(link: Link) -> Relationship:
    name = re.sub(r"\W+", "_", link.relationship_type.strip().lower())
    if name not in _RELATIONSHIPS:
        known = ", ".join(_RELATIONSHIPS)
        message = f"The relationship '{link.relationship_type}' of {link.from_table} and {link.to_table} is not known"
        raise SemanticError(Problem.INVALID_MODEL, f"{message}; there are {known}")
    return cast(Relationship, name)


def _keys(links: list[Link], end: Table) -> list[list[Link]]:
    """Group the pairs of columns into keys: together they are one if they are the whole primary key."""
    primary = {column.name for column in end.columns if column.primary_key}
    is_composite = len(links) > 1 and len(primary) == len(links) and {link.to_column for link in links} == primary
    return [links] if is_composite else [[link] for link in links]


def _finds_one(key: list[Link], relationship: Relationship, start: Table, end: Table) -> bool:
    """Say whether the rows that the relationship says to be one are told apart, as far as primary keys tell."""
    sides = []
    if relationship != "one_to_many":
        sides.append((end, {link.to_column for link in key}))
    if relationship != "many_to_one":
        sides.append((start, {link.from_column for link in key}))
    return not any(linked < {column.name for column in side.columns if column.primary_key} for side, linked in sides)


def _role(key: list[Link], target: str, taken: set[str]) -> str:
    """Name a role after the column that holds it: `origin_id` is the role `origin`."""
    column = key[0].from_column
    stem = re.sub(r"\W+", "_", re.sub(r"_?(id|key|code|fk|no)$", "", column, flags=re.IGNORECASE)).strip("_")
    alias = stem if stem and stem.lower() not in taken else f"{stem or column}_{target}"
    name = free_name(alias, taken)
    taken.add(name.lower())
    return name


def _on(key: list[Link], other: str, dialect: SqlDialect) -> str:
    pairs = [
        exp.EQ(this=dialect.field(link.from_column), expression=dialect.field(link.to_column, other)) for link in key
    ]
    return dialect.write(exp.and_(*pairs), pretty=False)
