"""Estimates of what a statement would read, from a dry run, which costs nothing."""

from __future__ import annotations

from ktx_daemon.warehouses.bigquery.connect import open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.cost import Accuracy, Cost

ACCURACIES: dict[str, Accuracy] = {"PRECISE": "exact", "UPPER_BOUND": "upper_bound", "LOWER_BOUND": "lower_bound"}


def estimate_cost(target: Target, sql: str) -> Cost:
    """Return the bytes that a checked statement would read."""
    with open_session(target) as session, session.guard("query_failed"):
        from ktx_daemon.warehouses.bigquery.jobs import check_select, dry_run

        statistics = dry_run(session, sql)
        check_select(statistics)
    query = statistics.get("query", {})
    accuracy = ACCURACIES.get(query.get("totalBytesProcessedAccuracy", ""), "unknown")
    return Cost(None, int(statistics.get("totalBytesProcessed", 0)), [], accuracy)
