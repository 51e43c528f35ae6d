"""Estimates of what a statement would read, from `EXPLAIN ESTIMATE`, which reads the indexes of parts only."""

from __future__ import annotations

from ktx_daemon.warehouses.clickhouse.connect import open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.cost import Cost, TableScan


def estimate_cost(target: Target, sql: str) -> Cost:
    """Return the rows and parts that a checked statement would read of tables of the MergeTree family."""
    with open_session(target) as session:
        rows = session.query(f"EXPLAIN ESTIMATE {sql}", code="query_failed")
    scans = [TableScan(database, name, count, parts) for database, name, parts, count, _ in rows]
    return Cost(sum(scan.rows for scan in scans), None, scans)
