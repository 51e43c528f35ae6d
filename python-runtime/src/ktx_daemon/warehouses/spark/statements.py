"""Statements around the query of a user: what describes its columns, and what limits its rows."""

from __future__ import annotations

from collections.abc import Sequence

from ktx_daemon.warehouses.model.identifiers import in_backquotes
from ktx_daemon.warehouses.spark.types import SparkType
from ktx_daemon.warehouses.spark.values import JSON_OPTIONS

Columns = Sequence[tuple[str, SparkType]]


def describe_query(sql: str) -> str:
    """Return the statement that lists the columns of a query with their types, without running it."""
    return f"DESCRIBE QUERY\n{sql}"


def limit_query(sql: str, columns: Columns, rows: int) -> str:
    """Return a query for the first rows of another one, with nested values as JSON.

    Without it, the Thrift server collects the whole result, and formats nested values as texts without escapes.
    """
    if not any(kind.is_json for _, kind in columns):
        return f"SELECT * FROM (\n{sql}\n) LIMIT {rows}"  # noqa: S608  # the query was checked
    # Names of the columns may occur twice.
    names = [f"c{index}" for index in range(len(columns))]
    selected = [
        f"to_json({name}, {JSON_OPTIONS})" if kind.is_json else name
        for name, (_, kind) in zip(names, columns, strict=True)
    ]
    return f"SELECT {', '.join(selected)} FROM (\n{sql}\n) AS ktx({', '.join(names)}) LIMIT {rows}"  # noqa: S608


def quote_path(*names: str | None) -> str:
    """Return a name of several parts, without those that are None."""
    return ".".join(in_backquotes(name) for name in names if name is not None)
