"""Session settings of PostgreSQL that affect parsing and values, independent of server, database and role.

The read-only check parses statements by PostgreSQL's defaults, so the server has to do the same. Unqualified names are
resolved in `pg_catalog` first, so that no function shadows a built-in one, then by the role's `search_path`.
"""

from __future__ import annotations

# Without these, a statement may have another meaning than the one that was checked.
REQUIRED = (
    "SET standard_conforming_strings = on",
    "SET client_encoding = 'UTF8'",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
)
OPTIONAL = (
    "SET backslash_quote = safe_encoding",
    "SET transform_null_equals = off",
    "SET array_nulls = on",
    "SET gin_fuzzy_search_limit = 0",
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, MDY'",
    "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'hex'",
    "SET xmlbinary = 'base64'",
    "SET xmloption = 'content'",
    "SET extra_float_digits = 3",
)
# The server looks whether the client is still connected, and otherwise ends the statement; from version 14 on.
CHECK_INTERVAL = "client_connection_check_interval"
CONNECTION_CHECK = (
    f"SELECT pg_catalog.set_config('{CHECK_INTERVAL}', '1s', false)"
    f" WHERE pg_catalog.current_setting('{CHECK_INTERVAL}', true) IS NOT NULL",
)
SEARCH_PATH = (
    "SELECT pg_catalog.set_config('search_path', 'pg_catalog' || CASE pg_catalog.current_setting('search_path') "
    "WHEN '' THEN '' ELSE ', ' || pg_catalog.current_setting('search_path') END, false)",
)
BEGIN = ("BEGIN READ ONLY",)
# The idle time within the transaction, beyond the statement timeout, after which the server ends it.
IDLE_SECONDS = 60


def timeout_statements(seconds: float) -> tuple[str, ...]:
    """Return the statements that set the timeouts of queries, locks and idle transactions."""
    milliseconds = max(1, round(seconds * 1000))
    return (
        f"SET statement_timeout = {milliseconds}",
        f"SET lock_timeout = {milliseconds}",
        f"SET idle_in_transaction_session_timeout = {milliseconds + IDLE_SECONDS * 1000}",
    )
