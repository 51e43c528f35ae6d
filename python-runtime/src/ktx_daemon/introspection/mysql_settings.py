"""How a session of MySQL or MariaDB reads a query and writes values, independent of the settings of the server.

The check of a statement reads it by MySQL's own defaults; so has the server. What only decides which values are
possible (strictness, grouping) stays as the server has it.
"""

from __future__ import annotations

import math

KEPT_MODES = (
    "ONLY_FULL_GROUP_BY",
    "STRICT_TRANS_TABLES",
    "STRICT_ALL_TABLES",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "NO_UNSIGNED_SUBTRACTION",
)
_MODES = ", ".join(f"IF(FIND_IN_SET('{mode}', @@SESSION.sql_mode), '{mode}', NULL)" for mode in KEPT_MODES)
NO_LIMIT = 2**64 - 1
# What MariaDB allows; a shorter limit cuts texts without an error.
GROUP_CONCAT_BYTES = 2**20


def rules(is_mariadb: bool, seconds: float) -> dict[str, str | int]:
    """Give the variables that fix them, with their values."""
    whole = max(1, math.ceil(seconds))
    settings: dict[str, str | int] = {
        "sql_mode": f"CONCAT_WS(',', {_MODES})",
        "time_zone": "'+00:00'",
        "sql_select_limit": NO_LIMIT,
        "sql_big_selects": 1,
        "sql_auto_is_null": 0,
        "default_week_format": 0,
        "lc_time_names": "'en_US'",
        "div_precision_increment": "GREATEST(@@SESSION.div_precision_increment, 4)",
        "group_concat_max_len": f"GREATEST(@@SESSION.group_concat_max_len, {GROUP_CONCAT_BYTES})",
        "lock_wait_timeout": whole,
    }
    if is_mariadb:
        settings["max_statement_time"] = f"{seconds:.6f}"
    return settings


def assigned(*settings: tuple[str, str | int]) -> str:
    """Give one statement that sets variables of the session."""
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in settings)
