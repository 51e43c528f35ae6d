"""Exact counts of possible keys and foreign keys, by one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ktx_daemon.profile.requests import LinkCheck, ProfileTable, TableColumns
from ktx_daemon.warehouses.model.profile import KeyCount, LinkCount
from ktx_daemon.warehouses.model.profiling import COUNTED, Dialect, Kind, Measured

# The beginning of names that no column has: in some databases they would hide it.
KEY = "ktx_key_"

TableName = tuple[str | None, str | None, str]
Types = Mapping[TableName, Mapping[str, str]]

# Kinds whose values a database compares by their meaning.
_GROUPS = (
    frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}),
    frozenset({Kind.TEXT}),
    frozenset({Kind.DATE, Kind.TIMESTAMP}),
)


def find_types(tables: Sequence[ProfileTable]) -> Types:
    """Return the types of the columns of tables."""
    return {
        (table.catalog, table.db, table.name): {column.name: column.type for column in table.columns}
        for table in tables
    }


def count_key(dialect: Dialect, key: TableColumns) -> str:
    """Return the statement of a key: rows, rows with NULL, and distinct values of the others."""
    columns = [dialect.quote(name) for name in key.columns]
    is_null = " OR ".join(f"{column} IS NULL" for column in columns)
    table = dialect.table(key.catalog, key.db, key.name)
    distinct = dialect.count_tuples(columns)
    if distinct is not None:
        nulls = f"coalesce(sum(CASE WHEN {is_null} THEN 1 ELSE 0 END), 0)"
        return f"SELECT count(*) AS {COUNTED}, {nulls}, {distinct} FROM {table}"  # noqa: S608 - names are quoted
    grouped = ", ".join(columns)
    return (
        "SELECT coalesce(sum(ktx_n), 0), coalesce(sum(ktx_nulls), 0), "  # noqa: S608 - names are quoted
        "coalesce(sum(CASE WHEN ktx_nulls = 0 THEN 1 ELSE 0 END), 0) "
        f"FROM (SELECT count(*) AS ktx_n, sum(CASE WHEN {is_null} THEN 1 ELSE 0 END) AS ktx_nulls FROM {table} "
        f"GROUP BY {grouped}) AS {COUNTED}"
    )


def count_link(dialect: Dialect, link: LinkCheck, types: Types, *, as_texts: bool = False) -> str:
    """Return the statement of a foreign key, in the order of the fields of `LinkCount`.

    The values of both sides are grouped together, which needs no join. Columns are compared as texts if their types are
    known to be of different kinds, or all with `as_texts`.
    """
    sides = zip(_columns(dialect, link.source, types), _columns(dialect, link.target, types), strict=True)
    pairs = [_comparable(dialect, source, target, as_texts=as_texts) for source, target in sides]
    sources = _side(dialect, link.source, [source for source, _ in pairs], "1 AS ktx_f, 0 AS ktx_t")
    targets = _side(dialect, link.target, [target for _, target in pairs], "0 AS ktx_f, 1 AS ktx_t")
    keys = ", ".join(f"{KEY}{index}" for index in range(len(pairs)))
    return (
        "SELECT coalesce(sum(ktx_f), 0), coalesce(sum(CASE WHEN ktx_f > 0 THEN 1 ELSE 0 END), 0), "  # noqa: S608 - names are quoted
        "coalesce(sum(CASE WHEN ktx_t = 0 THEN ktx_f ELSE 0 END), 0), coalesce(sum(ktx_t), 0), "
        "coalesce(sum(CASE WHEN ktx_t > 0 THEN 1 ELSE 0 END), 0) "
        f"FROM (SELECT {dialect.large_grouping}sum(ktx_f) AS ktx_f, sum(ktx_t) AS ktx_t "
        f"FROM ({sources} UNION ALL {targets}) AS u GROUP BY {keys}) AS {COUNTED}"
    )


def read_key(row: Sequence[object]) -> KeyCount:
    """Return the counts of a key."""
    rows, null_rows, distinct = map(_whole, row)
    return KeyCount(rows, null_rows, distinct)


def read_link(row: Sequence[object]) -> LinkCount:
    """Return the counts of a foreign key."""
    rows, distinct, unmatched_rows, target_rows, target_distinct = map(_whole, row)
    return LinkCount(rows, distinct, unmatched_rows, target_rows, target_distinct)


def _whole(value: object) -> int:
    return int(str(value).partition(".")[0])


def _columns(dialect: Dialect, table: TableColumns, types: Types) -> list[Measured]:
    own = types.get((table.catalog, table.db, table.name), {})
    return [
        Measured(dialect.quote(name), dialect.kind(own[name]) if name in own else Kind.OPAQUE, own.get(name, ""))
        for name in table.columns
    ]


def _comparable(dialect: Dialect, source: Measured, target: Measured, *, as_texts: bool) -> tuple[str, str]:
    """Return the expressions of two columns; those of unknown types are compared as they are."""
    is_known = Kind.OPAQUE not in (source.kind, target.kind)
    same = any(source.kind in group and target.kind in group for group in _GROUPS) or source.type == target.type
    if as_texts or (is_known and not same):
        return _text(dialect, source), _text(dialect, target)
    return source.sql, target.sql


def _text(dialect: Dialect, column: Measured) -> str:
    known = column if column.kind is not Kind.OPAQUE else Measured(column.sql, Kind.TEXT, column.type)
    return dialect.compared_text(known)


def _side(dialect: Dialect, table: TableColumns, columns: Sequence[str], marks: str) -> str:
    selected = ", ".join(f"{column} AS {KEY}{index}" for index, column in enumerate(columns))
    conditions = " AND ".join(f"{dialect.quote(name)} IS NOT NULL" for name in table.columns)
    name = dialect.table(table.catalog, table.db, table.name)
    return f"SELECT {selected}, {marks} FROM {name} WHERE {conditions}"  # noqa: S608 - names are quoted
