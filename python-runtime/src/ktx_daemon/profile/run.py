"""Checks a request for a profile, and measures it in this process or in a child process."""

from __future__ import annotations

from typing import Any

import msgspec

from ktx_daemon.children.pool import ProcessEndedError, run_in_child_process
from ktx_daemon.errors import BadRequestError
from ktx_daemon.profile.deadline import Deadline
from ktx_daemon.profile.measure import Measurements, measure
from ktx_daemon.profile.requests import ProfileDatabase
from ktx_daemon.warehouses.connection.concurrency import limited
from ktx_daemon.warehouses.connection.target import MAX_TIMEOUT_MS, Target
from ktx_daemon.warehouses.model.profile import DatabaseProfile, KeyCount, LinkCount, TableProfile
from ktx_daemon.warehouses.model.values import format_now

MAX_HASHES = 4096
MAX_SAMPLE_ROWS = 10**12
# The time to open the database, beside that of the statements.
OPEN_SECONDS = 30.0


def profile_database(request: ProfileDatabase) -> DatabaseProfile:
    """Profile tables, and count keys and links. Every failure is a 400 without credentials."""
    _check(request)
    deadline = Deadline(request)
    target = Target.from_request(request)
    target.require("profile", f"Tables of the driver '{target.driver}' cannot be profiled")
    with limited(target):
        request = deadline.limited()
        found = _measure_in_child_process(request) if target.warehouse.in_child_process else measure(request)
    return DatabaseProfile(
        connection_id=request.connection_id,
        profiled_at=format_now(),
        tables=found.tables,
        keys=found.keys,
        links=found.links,
    )


def _check(request: ProfileDatabase) -> None:
    if not 0 <= request.hashes <= MAX_HASHES:
        raise BadRequestError("invalid_value", f"hashes must be 0 to {MAX_HASHES}")
    if not 1 <= request.sample_rows <= MAX_SAMPLE_ROWS:
        raise BadRequestError("invalid_value", f"sample_rows must be 1 to {MAX_SAMPLE_ROWS}")
    if request.max_bytes is not None and request.max_bytes < 0:
        raise BadRequestError("invalid_value", "max_bytes must not be negative")
    if not 1 <= request.table_timeout_ms <= MAX_TIMEOUT_MS:
        raise BadRequestError("invalid_value", f"table_timeout_ms must be 1 to {MAX_TIMEOUT_MS}")
    if request.scan_timeout_ms is not None and not 1 <= request.scan_timeout_ms <= MAX_TIMEOUT_MS:
        raise BadRequestError("invalid_value", f"scan_timeout_ms must be 1 to {MAX_TIMEOUT_MS}")
    if any(not key.columns for key in request.keys):
        raise BadRequestError("invalid_value", "A key must have columns")
    if any(not link.source.columns or len(link.source.columns) != len(link.target.columns) for link in request.links):
        raise BadRequestError(
            "invalid_value", "Both sides of a link must have the same number of columns, at least one"
        )


def _measure_in_child_process(request: ProfileDatabase) -> Measurements:
    """Measure in a child process; if it ends, each half is measured alone, so that what ends it costs only itself."""
    try:
        answer = run_in_child_process("profile.measure:measure_encoded", request, _seconds(request))
        return msgspec.json.decode(answer, type=Measurements)
    except ProcessEndedError as error:
        parts = _split(request)
        if parts is None:
            return _unmeasured(request, has_timed_out=error.has_timed_out)
    first, second = map(_measure_in_child_process, parts)
    return Measurements(first.tables + second.tables, first.keys + second.keys, first.links + second.links)


def _seconds(request: ProfileDatabase) -> float:
    pairs = len(request.keys) + len(request.links)
    milliseconds = len(request.tables) * request.table_timeout_ms + pairs * request.statement_timeout_ms
    return min(milliseconds, MAX_TIMEOUT_MS) / 1000 + OPEN_SECONDS


def _split(request: ProfileDatabase) -> tuple[ProfileDatabase, ProfileDatabase] | None:
    """Return two requests with a part each; None for a request of one table, key or link."""
    parts = {name: getattr(request, name) for name in ("tables", "keys", "links")}
    used = [name for name, items in parts.items() if items]
    if len(used) > 1:
        first: dict[str, Any] = {name: items if name == used[0] else [] for name, items in parts.items()}
        second: dict[str, Any] = {used[0]: []}
    elif used and len(parts[used[0]]) > 1:
        items = parts[used[0]]
        first, second = {used[0]: items[: len(items) // 2]}, {used[0]: items[len(items) // 2 :]}
    else:
        return None
    return msgspec.structs.replace(request, **first), msgspec.structs.replace(request, **second)


def _unmeasured(request: ProfileDatabase, *, has_timed_out: bool) -> Measurements:
    reason = (
        "It took too long and was stopped" if has_timed_out else "Its process ended, as it may need too much memory"
    )
    return Measurements(
        [
            TableProfile(table.catalog, table.db, table.name, table.estimated_rows, False, [], 0, 0.0, unread=reason)
            for table in request.tables
        ],
        [KeyCount(0, 0, 0, uncounted=reason) for _ in request.keys],
        [LinkCount(0, 0, 0, 0, 0, uncounted=reason) for _ in request.links],
    )
