"""Columns and row counts of Parquet files, from their footers alone, for all files at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.model.tables import Column

SCHEMAS = """
    SELECT file_name, name, coalesce(duckdb_type, ''), coalesce(num_children, 0)
    FROM parquet_schema(?) ORDER BY file_name, column_id
"""
COUNTS = "SELECT file_name, num_rows FROM parquet_file_metadata(?)"

Node = tuple[str, str, int]


def read_columns(connection: Any, paths: list[str]) -> dict[str, list[Column]]:
    """Return the columns of each file. Raises DuckDB's error if one of them cannot be read.

    In DuckDB 1, the types of nested columns are not known, and empty.
    """
    nodes: dict[str, list[Node]] = {}
    for path, *node in connection.execute(SCHEMAS, [paths]).fetchall():
        nodes.setdefault(path, []).append(tuple(node))
    return {path: list(_columns(each)) for path, each in nodes.items()}


def read_row_counts(connection: Any, paths: list[str]) -> dict[str, int]:
    """Return the number of rows of each file. Raises DuckDB's error if one of them cannot be read."""
    return dict(connection.execute(COUNTS, [paths]).fetchall())


def _columns(nodes: list[Node]) -> Iterator[Column]:
    """Yield the children of the first node, which is the root; nodes are in depth-first order."""
    skipped = 0
    for name, kind, children in nodes[1:]:
        if skipped:
            skipped += children - 1
            continue
        skipped = children
        yield Column(name, kind, nullable=True, primary_key=False)
