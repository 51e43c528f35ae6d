"""Session variables of MySQL and MariaDB that affect parsing and values, independent of the server's settings.

The read-only check parses statements by MySQL's defaults, so the server has to do the same. Modes that only reject
values or queries (strictness, grouping) keep the server's setting.
"""

from __future__ import annotations

import math

PRESERVED_MODES = (
    "ONLY_FULL_GROUP_BY",
    "STRICT_TRANS_TABLES",
    "STRICT_ALL_TABLES",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "NO_UNSIGNED_SUBTRACTION",
)
_MODES = ", ".join(f"IF(FIND_IN_SET('{mode}', @@SESSION.sql_mode), '{mode}', NULL)" for mode in PRESERVED_MODES)
NO_LIMIT = 2**64 - 1
# MariaDB's default; a lower limit truncates texts without an error.
GROUP_CONCAT_BYTES = 2**20


def session_settings(is_mariadb: bool, seconds: float) -> dict[str, str | int]:
    """Return the session variables and the SQL of their values; `seconds` is the statement timeout."""
    rounded_seconds = max(1, math.ceil(seconds))
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
        "lock_wait_timeout": rounded_seconds,
    }
    if is_mariadb:
        settings["max_statement_time"] = f"{seconds:.6f}"
    return settings


def timeout_setting(is_mariadb: bool, seconds: float) -> str:
    """Return the assignment of the variable that limits the time of a statement."""
    if is_mariadb:
        return f"max_statement_time = {seconds:.6f}"
    return f"max_execution_time = {max(1, round(seconds * 1000))}"


def set_statement(*settings: tuple[str, str | int]) -> str:
    """Return one statement that sets session variables."""
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in settings)
