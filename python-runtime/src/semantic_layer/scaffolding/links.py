"""Generation of joins from foreign keys; several keys between two tables become roles.

A key that references only a part of a primary key gets no join, because totals over it would be double counted.
"""

from __future__ import annotations

import re
from collections import Counter

from semantic_layer.model.models import Join, Relationship
from semantic_layer.model.tables import Table
from semantic_layer.scaffolding.foreign_keys import ForeignKey, Pair
from semantic_layer.scaffolding.naming import column_names
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name

_LINKED_TABLES = 2


def create_joins(
    tables: list[Table], keys: list[ForeignKey], names: list[str], dialect: SqlDialect
) -> dict[str, list[Join]]:
    """Return the joins by source; `names` are the names of the sources in the order of the tables."""
    columns = [column_names(table) for table in tables]
    groups: dict[tuple[int, int, Relationship], list[list[Pair]]] = {}
    for key in keys:
        group = groups.setdefault((key.start, key.end, key.relationship), [])
        if _matches_cardinality(key, tables):
            group.append([(columns[key.start][near], columns[key.end][far]) for near, far in key.pairs])
    between = Counter(frozenset((start, end)) for start, end, _ in groups)
    joins: dict[str, list[Join]] = {name: [] for name in names}
    used_names = {name.lower() for name in names}
    for (start, end, relationship), group in groups.items():
        needs_roles = len(group) > 1 or start == end or between[frozenset((start, end))] > 1
        for pairs in group:
            alias = _choose_alias(_role_column(pairs, group), names[end], used_names) if needs_roles else None
            joins[names[start]].append(
                Join(names[end], _write_condition(pairs, alias or names[end], dialect), relationship, alias)
            )
    return joins


def is_bridge_table(index: int, table: Table, keys: list[ForeignKey]) -> bool:
    """Return whether a table links two others: its primary key is exactly the columns of its two foreign keys."""
    own = [{near for near, _ in key.pairs} for key in keys if key.start == index and key.relationship == "many_to_one"]
    return len(own) == _LINKED_TABLES and own[0] | own[1] == table.primary_key and all(own)


def _matches_cardinality(key: ForeignKey, tables: list[Table]) -> bool:
    """Return whether the primary keys allow the declared relationship."""
    sides = []
    if key.relationship != "one_to_many":
        sides.append((tables[key.end], {far for _, far in key.pairs}))
    if key.relationship != "many_to_one":
        sides.append((tables[key.start], {near for near, _ in key.pairs}))
    return not any(linked < side.primary_key for side, linked in sides)


def _role_column(pairs: list[Pair], group: list[list[Pair]]) -> str:
    """Return the column that names the role of a key: one of this key only, with another name than its target."""
    shared = {near for other in group if other is not pairs for near, _ in other}
    distinct = [near for near, far in pairs if near not in shared and near != far]
    return distinct[0] if distinct else pairs[0][0]


def _choose_alias(column: str, target: str, used_names: set[str]) -> str:
    """Return a unique alias from the name of a column: `origin` for `origin_id`."""
    stem = re.sub(r"\W+", "_", re.sub(r"_?(id|key|code|fk|no)$", "", column, flags=re.IGNORECASE)).strip("_")
    alias = stem if stem and stem.lower() not in used_names else f"{stem or column}_{target}"
    name = unique_name(alias, used_names)
    used_names.add(name.lower())
    return name


def _write_condition(pairs: list[Pair], other: str, dialect: SqlDialect) -> str:
    return " AND ".join(f"{dialect.write_field(near)} = {dialect.write_field(far, other)}" for near, far in pairs)
