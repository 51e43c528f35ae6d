"""From foreign keys to joins: several keys between two tables become roles.

Part of a primary key does not tell one row from the others: a key over it alone gets no join, for totals over it would
be wrong.
"""

from __future__ import annotations

import re
from collections import Counter

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.foreign_keys import ForeignKey, Pair
from semantic_layer.models import Join, Relationship
from semantic_layer.names import free_name
from semantic_layer.naming import column_names
from semantic_layer.tables import Table


def joins_of(
    tables: list[Table], keys: list[ForeignKey], names: list[str], dialect: SqlDialect
) -> dict[str, list[Join]]:
    """Give the joins of every source, whose names are given in the order of the tables."""
    columns = [column_names(table) for table in tables]
    groups: dict[tuple[int, int, Relationship], list[list[Pair]]] = {}
    for key in keys:
        group = groups.setdefault((key.start, key.end, key.relationship), [])
        if _finds_one(key, tables):
            group.append([(columns[key.start][near], columns[key.end][far]) for near, far in key.pairs])
    between = Counter(frozenset((start, end)) for start, end, _ in groups)
    joins: dict[str, list[Join]] = {name: [] for name in names}
    taken = {name.lower() for name in names}
    for (start, end, relationship), group in groups.items():
        needs_roles = len(group) > 1 or start == end or between[frozenset((start, end))] > 1
        for pairs in group:
            alias = _role(_role_column(pairs, group), names[end], taken) if needs_roles else None
            joins[names[start]].append(Join(names[end], _on(pairs, alias or names[end], dialect), relationship, alias))
    return joins


def _finds_one(key: ForeignKey, tables: list[Table]) -> bool:
    """Say whether the relationship finds one row where it says so, as far as primary keys show."""
    sides = []
    if key.relationship != "one_to_many":
        sides.append((tables[key.end], {far for _, far in key.pairs}))
    if key.relationship != "many_to_one":
        sides.append((tables[key.start], {near for near, _ in key.pairs}))
    return not any(linked < side.primary_key for side, linked in sides)


def _role_column(pairs: list[Pair], group: list[list[Pair]]) -> str:
    """Give the column that distinguishes a key: one that no other key has and that is not called like its target."""
    shared = {near for other in group if other is not pairs for near, _ in other}
    own = [near for near, far in pairs if near not in shared and near != far]
    return own[0] if own else pairs[0][0]


def _role(column: str, target: str, taken: set[str]) -> str:
    """Name a role after the column that holds it: `origin_id` is the role `origin`."""
    stem = re.sub(r"\W+", "_", re.sub(r"_?(id|key|code|fk|no)$", "", column, flags=re.IGNORECASE)).strip("_")
    alias = stem if stem and stem.lower() not in taken else f"{stem or column}_{target}"
    name = free_name(alias, taken)
    taken.add(name.lower())
    return name


def _on(pairs: list[Pair], other: str, dialect: SqlDialect) -> str:
    conditions = [exp.EQ(this=dialect.field(near), expression=dialect.field(far, other)) for near, far in pairs]
    return dialect.write(exp.and_(*conditions), pretty=False)
