"""Profiles of TPC-H, compared with those of the files by DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.warehouses.tpch import Tpch

COUNTS = 2
Shape = tuple[str | int, dict[str, tuple[Any, ...]]]


def shape(table: dict[str, Any]) -> Shape:
    """Return the rows of a table, or why there are none, and the counts and ranges of its columns by lower-case names.

    Ranges are those of numbers and dates, as texts are sorted by the rules of the database.
    """
    if "unread" in table:
        return table["unread"], {}
    columns = {
        column["name"].lower(): (column["nulls"], column["distinct"], *map(_plain, _range(column)))
        for column in table["columns"]
    }
    return table["rows"], columns


def _range(column: dict[str, Any]) -> tuple[Any, ...]:
    return () if "min_length" in column else (column.get("min"), column.get("max"))


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
            shown = () if is_text else [float(each) if is_number else each for each in bounds]
            columns[name] = (nulls, distinct, *map(_plain, shown))
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    return rows, columns
