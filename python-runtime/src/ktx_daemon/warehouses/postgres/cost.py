"""Estimates of what a statement would read, from the plan of `EXPLAIN`, which runs nothing.

A sequential scan reads its whole table, any other scan the rows that the planner expects of it, for each row of the
outer side of a nested loop. Bytes are those rows, of the average size in the table. A LIMIT is ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.cost import Cost, TableScan
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import Session

SIZES = """
    SELECT n.nspname, c.relname, c.reltuples, c.relpages * CAST(current_setting('block_size') AS bigint)
    FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[])) AS t (schema, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
    ORDER BY n.nspname, c.relname
"""
# Nodes that keep the rows of their input, so that an outer loop does not scan again.
KEEPING_NODES = ("Materialize", "Memoize", "Hash")


@dataclass(frozen=True)
class Scan:
    """A scan of a relation: the rows that the planner expects, and whether all of the relation is read."""

    schema: str
    name: str
    rows: float
    is_whole: bool


def estimate_cost(target: Target, sql: str) -> Cost:
    """Return the rows and bytes that a checked statement would read of each table; a partition is a table."""
    url = parse_url(target.url)
    with open_session(url, target) as session:
        with session.guard_statement("query_failed"):
            (((plan,),),) = session.connection.execute_unnamed(f"EXPLAIN (FORMAT JSON, VERBOSE) {sql}").rows
        return _sum_up(session, list(find_scans(plan["Plan"])))


def find_scans(node: dict[str, Any], loops: float = 1) -> Iterator[Scan]:
    """Yield the scans of a plan, whose node runs as often as `loops`."""
    if "Relation Name" in node:
        is_whole = node["Node Type"] == "Seq Scan"
        yield Scan(node["Schema"], node["Relation Name"], node["Plan Rows"] * loops, is_whole)
    children = node.get("Plans", [])
    for child in children:
        times = 1 if node["Node Type"] in KEEPING_NODES else loops
        if node["Node Type"] == "Nested Loop" and child.get("Parent Relationship") == "Inner":
            times *= children[0]["Plan Rows"]
        yield from find_scans(child, times)


def _sum_up(session: Session, scans: list[Scan]) -> Cost:
    names = sorted({(scan.schema, scan.name) for scan in scans})
    sizes = session.query(SIZES, schemas=[schema for schema, _ in names], names=[name for _, name in names])
    tables: list[TableScan] = []
    total_bytes = 0.0
    for schema, name, count, size in sizes:
        own = [scan for scan in scans if (scan.schema, scan.name) == (schema, name)]
        rows = sum(count if scan.is_whole and count >= 0 else scan.rows for scan in own)
        tables.append(TableScan(schema, name, round(rows), 1))
        total_bytes += rows * size / count if count > 0 else size
    return Cost(sum(table.rows for table in tables), round(total_bytes), tables)
