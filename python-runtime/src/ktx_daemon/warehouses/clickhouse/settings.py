"""Settings of a session, which make it read-only and its results independent of the user's profile on the server.

A setting that the server does not know, or that the profile keeps from being changed, is not sent: under `readonly = 1`
that is every one of them, and the limits of the client alone hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ktx_daemon import __version__, request_id

Settings = dict[str, str | int]

# Ends a statement whose connection is closed.
CANCEL_ON_CLOSE = "cancel_http_readonly_queries_on_client_close"

# Formats of values, in which no digit is lost.
FORMATS: Settings = {
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_decimals": 0,
    "output_format_json_quote_denormals": 1,
    "output_format_json_named_tuples_as_objects": 1,
    "output_format_json_skip_null_value_in_named_tuples": 0,
    "output_format_json_map_as_array_of_tuples": 0,
    "output_format_json_validate_utf8": 0,
    "output_format_json_escape_forward_slashes": 0,
    "output_format_decimal_trailing_zeros": 0,
    "http_write_exception_in_output_format": 0,
}
# Evaluation: a profile could change the meaning of a statement, or cut its result without a word.
SEMANTICS: Settings = {
    "session_timezone": "UTC",
    "limit": 0,
    "offset": 0,
    "extremes": 0,
    "join_use_nulls": 0,
    "transform_null_in": 0,
    "aggregate_functions_null_for_empty": 0,
    "empty_result_for_aggregation_by_empty_set": 0,
    "union_default_mode": "",
    "read_overflow_mode": "throw",
    "read_overflow_mode_leaf": "throw",
    "group_by_overflow_mode": "throw",
    "sort_overflow_mode": "throw",
    "distinct_overflow_mode": "throw",
    "join_overflow_mode": "throw",
    "set_overflow_mode": "throw",
    "transfer_overflow_mode": "throw",
    "timeout_overflow_mode": "throw",
}


def session_settings(timeout: float) -> Settings:
    """Return the settings of every statement; `timeout` in seconds."""
    return {
        **FORMATS,
        **SEMANTICS,
        "max_execution_time": max(1, math.ceil(timeout)),
        CANCEL_ON_CLOSE: 1,
        "log_comment": f"KTX {__version__} {request_id.session_name()}",
    }


def writable(settings: Settings, server_settings: Mapping[str, Any]) -> Settings:
    """Return the settings that the server knows and that may be changed."""
    known = {name: server_settings[name] for name in settings if name in server_settings}
    return {name: settings[name] for name, setting in known.items() if not setting.readonly}


def read_only(server_settings: Mapping[str, Any]) -> Settings:
    """Return `readonly = 2`, unless the profile is read-only itself."""
    current = server_settings.get("readonly")
    return {"readonly": 2} if current is None or current.value == "0" else {}
