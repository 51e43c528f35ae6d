"""Estimates of what a statement would read, from `EXPLAIN`, which compiles it and needs no running warehouse."""

from __future__ import annotations

import json
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.cost import Cost
from ktx_daemon.warehouses.snowflake.connect import open_session


def estimate_cost(target: Target, sql: str) -> Cost:
    """Return the bytes of the partitions that are left after pruning, which is an upper limit."""
    with open_session(target) as session:
        (row,) = session.query(f"EXPLAIN USING JSON {sql}", "query_failed")
    try:
        plan: dict[str, Any] = json.loads(next(iter(row.values())))
        return Cost(None, int(plan["GlobalStats"]["bytesAssigned"]), [], "upper_bound")
    except (ValueError, KeyError, TypeError):
        raise BadRequestError("query_failed", f"{session.account} returned a plan without statistics") from None
