"""Estimates of what a statement would read, from `EXPLAIN`, which shows aliases in place of the names of tables."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.model.cost import Cost
from ktx_daemon.warehouses.mysql.connect import open_session


def estimate_cost(target: Target, sql: str) -> Cost:
    """Return the rows that a checked statement would read of all tables together."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    with (
        open_session(url, target) as session,
        session.guard_statement("query_failed"),
        session.connection.cursor(DictCursor) as cursor,
    ):
        cursor.execute(f"EXPLAIN {sql}")
        return Cost(count_rows(list(cursor.fetchall())), None, [])


def count_rows(plan: list[dict[str, Any]]) -> int:
    """Return the rows that a plan reads: a table of a join is read for each row of the tables before it."""
    total = 0.0
    combinations: dict[Any, float] = {}
    for step in plan:
        rows = float(step["rows"] or 0)
        before = combinations.get(step["id"], 1.0)
        total += before * rows
        # MariaDB does not show how many rows the conditions leave.
        combinations[step["id"]] = before * rows * float(step.get("filtered") or 100) / 100
    return round(total)
