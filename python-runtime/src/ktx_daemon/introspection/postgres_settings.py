"""How a session of PostgreSQL reads a query and writes values, for any settings of server, database and role.

The check of a statement reads it by PostgreSQL's own defaults; so has the server. Names without a schema are looked up
in `pg_catalog` first, so that no other function takes the place of a built-in one, and then where the role's own
`search_path` says.
"""

from __future__ import annotations

# Without these a statement may mean something else than what was checked.
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
SEARCH_PATH = (
    "SELECT pg_catalog.set_config('search_path', 'pg_catalog' || CASE pg_catalog.current_setting('search_path') "
    "WHEN '' THEN '' ELSE ', ' || pg_catalog.current_setting('search_path') END, false)",
)
BEGIN = ("BEGIN READ ONLY",)
# How long the server waits for the next query of ours before it ends the transaction.
IDLE_SECONDS = 60


def timeouts(seconds: float) -> tuple[str, ...]:
    """Give the statements that limit how long a query may run, and how long it may wait for others."""
    milliseconds = max(1, round(seconds * 1000))
    return (
        f"SET statement_timeout = {milliseconds}",
        f"SET lock_timeout = {milliseconds}",
        f"SET idle_in_transaction_session_timeout = {milliseconds + IDLE_SECONDS * 1000}",
    )
