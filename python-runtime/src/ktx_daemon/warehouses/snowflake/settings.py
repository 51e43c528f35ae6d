"""Session parameters, which make results independent of those of the user and the account."""

from __future__ import annotations

import math
from typing import Any

from ktx_daemon import __version__, request_id

Settings = dict[str, str | int | bool]

# A connection may replace these: they change the meaning of a statement.
DEFAULTS: Settings = {
    "WEEK_START": 0,
    "WEEK_OF_YEAR_POLICY": 0,
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
}
# The formats of values, and what keeps a session within its bounds.
GUARDS: Settings = {
    "TIMEZONE": "UTC",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "GEOGRAPHY_OUTPUT_FORMAT": "GeoJSON",
    "GEOMETRY_OUTPUT_FORMAT": "GeoJSON",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "MULTI_STATEMENT_COUNT": 1,
    "ABORT_DETACHED_QUERY": True,
    "CLIENT_TELEMETRY_ENABLED": False,
    "CLIENT_SESSION_KEEP_ALIVE": False,
}


def session_parameters(given: dict[str, Any], timeout: float, max_rows: int = 0) -> dict[str, Any]:
    """Return the parameters of a session; `timeout` of a statement in seconds, `max_rows` of its result (0: all)."""
    seconds = max(1, math.ceil(timeout))
    return {
        **DEFAULTS,
        **{name.upper(): value for name, value in given.items()},
        **GUARDS,
        "STATEMENT_TIMEOUT_IN_SECONDS": seconds,
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": seconds,
        "ROWS_PER_RESULTSET": max_rows,
        "QUERY_TAG": f"KTX {__version__} {request_id.session_name()}",
    }
