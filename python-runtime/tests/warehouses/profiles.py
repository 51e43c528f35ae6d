"""Profiles of TPC-H, compared with those of the files by DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.warehouses.tpch import Tpch

COUNTS = 2
Shape = tuple[str | int, dict[str, tuple[Any, ...]]]


def shape(table: dict[str, Any], dialect: str) -> Shape:
    """Return the rows of a table, or why there are none, and the counts and ranges of its columns by lower-case names.

    Ranges are those of numbers and dates, as texts are sorted by the rules of the database. MySQL also counts distinct
    texts by them, which is not compared.
    """
    if "unread" in table:
        return table["unread"], {}
    columns = {}
    for column in table["columns"]:
        is_text = "min_length" in column
        distinct = None if is_text and dialect == "mysql" else column["distinct"]
        bounds = () if is_text else (column.get("min"), column.get("max"))
        columns[column["name"].lower()] = (column["nulls"], distinct, *map(_plain, bounds))
    return table["rows"], columns


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, (int, float)) else str(value)[:10]


def expected_profile(data: Tpch, table: str, found: Shape) -> Shape:
    """Return the same of a file, without ranges of columns that are texts in the database."""
    with duckdb.connect() as connection:
        source = f"read_parquet('{data.parquet(table)}')"
        columns = {}
        for name, kind in data.columns[table].items():
            sql = f"SELECT count(*) - count({name}), count(DISTINCT {name}), min({name}), max({name}) FROM {source}"
            nulls, distinct, *bounds = connection.execute(sql).fetchall()[0]
            is_number = kind.startswith("DECIMAL")
            is_text = len(found[1].get(name, ())) == COUNTS
            distinct = None if found[1].get(name, (0, 0))[1] is None else distinct
            shown = () if is_text else [float(each) if is_number else each for each in bounds]
            columns[name] = (nulls, distinct, *map(_plain, shown))
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    return rows, columns
