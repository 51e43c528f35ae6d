"""Exact counts of possible keys and foreign keys, by one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ktx_daemon.profile.requests import LinkCheck, ProfileTable, TableColumns
from ktx_daemon.warehouses.model.profile import KeyCount, LinkCount
from ktx_daemon.warehouses.model.profiling import Dialect, Kind, Measured

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
    names = [f"k{index}" for index in range(len(columns))]
    is_null = " OR ".join(f"{name} IS NULL" for name in names)
    selected = ", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
    grouped = ", ".join(columns)
    table = dialect.table(key.catalog, key.db, key.name)
    return (
        f"SELECT coalesce(sum(n), 0), coalesce(sum(CASE WHEN {is_null} THEN n ELSE 0 END), 0), "  # noqa: S608 - names are quoted
        f"coalesce(sum(CASE WHEN {is_null} THEN 0 ELSE 1 END), 0) "
        f"FROM (SELECT {selected}, count(*) AS n FROM {table} GROUP BY {grouped}) AS g"
    )


def count_link(dialect: Dialect, link: LinkCheck, types: Types, *, as_texts: bool = False) -> str:
    """Return the statement of a foreign key, in the order of the fields of `LinkCount`.

    Columns are compared as texts if their types are known to be of different kinds, or all with `as_texts`.
    """
    pairs = [
        _comparable(dialect, source, target, as_texts=as_texts)
        for source, target in zip(
            _columns(dialect, link.source, types), _columns(dialect, link.target, types), strict=True
        )
    ]
    on = " AND ".join(dialect.pairs_equal(f"f.k{index}", f"t.k{index}") for index in range(len(pairs)))
    sources, targets = [source for source, _ in pairs], [target for _, target in pairs]
    return (
        f"WITH f AS ({_groups(dialect, link.source, sources)}), t AS ({_groups(dialect, link.target, targets)}) "  # noqa: S608
        "SELECT coalesce(sum(f.n), 0), count(*), coalesce(sum(CASE WHEN coalesce(t.n, 0) = 0 THEN f.n ELSE 0 END), 0), "
        f"(SELECT coalesce(sum(n), 0) FROM t), (SELECT count(*) FROM t) FROM f LEFT JOIN t ON {on}"
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
    return dialect.canonical(dialect.grouped(known), known)


def _groups(dialect: Dialect, table: TableColumns, columns: Sequence[str]) -> str:
    selected = ", ".join(f"{column} AS k{index}" for index, column in enumerate(columns))
    conditions = " AND ".join(f"{dialect.quote(name)} IS NOT NULL" for name in table.columns)
    name = dialect.table(table.catalog, table.db, table.name)
    return f"SELECT {selected}, count(*) AS n FROM {name} WHERE {conditions} GROUP BY {', '.join(columns)}"  # noqa: S608
