"""Compares the counted inclusions with those that Desbordante's algorithms find in the values of all columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
from databases import quote, read
from measure import Measured, table_name

Column = tuple[str, str]
"""A table and its column."""
# Longer texts are no keys.
MAX_LENGTH = 64


def contradictions(result: Measured, source: Path, folder: Path) -> list[str]:
    """Print how many links are compared.

    Return a sentence for each link of one column that was counted as an inclusion and is none, or vice versa.
    """
    known, inclusions = find_inclusions(source, folder)
    found, compared = [], 0
    for link in result.detection["relationships"]:
        counted = [signal["value"] for signal in link["evidence"] if signal["kind"] == "inclusion"]
        sides = [(table_name(link[side]["table"]), link[side]["columns"]) for side in ("from", "to")]
        if not counted or any(len(columns) > 1 for _, columns in sides):
            continue
        start, end = ((table, columns[0]) for table, columns in sides)
        is_known = {start, end} <= known
        compared += is_known
        if is_known and (counted[0] == 1) != ((start, end) in inclusions):
            found.append(f"{start} in {end} of {result.name} was counted as {counted[0]}")
    print(f"  oracle  {compared} links are compared with {len(inclusions)} inclusions: {len(found)} contradictions")
    return found


def find_inclusions(source: Path, folder: Path) -> tuple[set[Column], set[tuple[Column, Column]]]:
    """Return the columns that were compared, and the pairs of which the first one's values are all in the second one."""
    import desbordante

    columns = export(source, folder)
    algorithm = desbordante.ind.algorithms.Spider()
    algorithm.load_data(tables=[(str(file), ",", True) for file in columns])
    algorithm.execute()
    names = list(columns.values())
    pairs = {(side(names, found.get_lhs()), side(names, found.get_rhs())) for found in algorithm.get_inds()}
    return set(names), pairs


def side(names: list[Column], columns: Any) -> Column:
    """Return the column of a side; each is in a table of its own."""
    return names[columns.table_index]


def export(source: Path, folder: Path) -> dict[Path, Column]:
    """Write the distinct values of each column that may be a key to a file; numbers are written alike in all types."""
    connection, tables, _ = read(source)
    files: dict[Path, Column] = {}
    for table, definitions in tables.items():
        for name, kind in definitions:
            values = distinct_values(connection, table, name, kind)
            if values and max(map(len, values)) <= MAX_LENGTH:
                file = folder / f"{len(files)}.csv"
                with file.open("w", newline="", encoding="utf-8") as target:
                    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([["value"], *([value] for value in values)])
                files[file] = (table, name)
    return files


def distinct_values(connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: str) -> list[str]:
    """Return the distinct values as texts, without NULL; none of empty texts, which the algorithm takes for NULL."""
    is_number = kind.startswith(("DOUBLE", "FLOAT", "DECIMAL"))
    text = f"CAST({quote(name)} AS VARCHAR)"
    text = f"regexp_replace({text}, '\\.0+$', '')" if is_number else text
    query = f"SELECT DISTINCT {text} FROM {quote(table)} WHERE {quote(name)} IS NOT NULL ORDER BY 1"
    values = [value for (value,) in connection.execute(query).fetchall()]
    return [] if "" in values else values
