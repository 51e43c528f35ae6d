"""Queries for the history of PostgreSQL. A comment in each excludes the query itself from the history."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

# Longer statements are omitted.
MAX_CHARACTERS = 100_000
# PostgreSQL's placeholder for statements of other users without the privilege to see them.
HIDDEN = "<insufficient privilege>"

SERVER = """
    SELECT /* ktx */ current_setting('server_version'), CAST(current_setting('server_version_num') AS integer),
        CAST(current_user AS text)
"""
# The schema of the extension, or of a view of that name that was created for users with fewer privileges.
SCHEMA = """
    SELECT /* ktx */ coalesce(
        (SELECT format('%I.', n.nspname) FROM pg_catalog.pg_extension AS e
         JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
        (SELECT format('%I.', n.nspname) FROM pg_catalog.pg_class AS c
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.oid = to_regclass('pg_stat_statements'))
    )
"""
COLUMNS = """
    SELECT /* ktx */ CAST(attname AS text) FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass(:relation) AND attnum > 0 AND NOT attisdropped
"""
INFO = """
    SELECT /* ktx */ CAST(extract(epoch FROM stats_reset) * 1000 AS bigint), CAST(dealloc AS bigint)
    FROM {schema}pg_stat_statements_info
"""
# One row per query id, with the counts of all users together. The server encodes the row as JSON after sorting: that is
# faster than decoding each value in the driver, which is Python, and overlaps with the transfer.
STATEMENTS = """
    WITH counted AS MATERIALIZED (
        SELECT s.queryid AS query_id, bool_or(s.query IS NOT DISTINCT FROM '{hidden}') AS is_hidden,
            min(s.query COLLATE "C") FILTER (WHERE length(s.query) <= {characters}) AS sql,
            CAST(sum(s.calls) AS bigint) AS calls, CAST(sum(s.{total}) AS float8) AS total_ms,
            CAST(sum(s.rows) AS bigint) AS rows, {since} AS since_ms, {nested} AS nested
        FROM {schema}pg_stat_statements AS s
        WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND (s.query NOT LIKE '%/* ktx */%') IS NOT FALSE
        GROUP BY s.queryid
    ), totals AS MATERIALIZED (
        SELECT count(*) > {limit} AS truncated, bool_or(is_hidden) AS hidden FROM counted
    )
    SELECT /* ktx */ CAST(query_id AS text), '{{"query_id":"' || query_id || '","sql":' || to_json(sql)
        || ',"calls":' || calls || ',"total_ms":' || to_json(total_ms) || ',"rows":' || rows
        || ',"since_ms":' || coalesce(CAST(since_ms AS text), 'null')
        || ',"nested":' || CASE WHEN nested THEN 'true' ELSE 'false' END || '}}', truncated, hidden
    FROM (
        SELECT * FROM counted, totals
        WHERE {page} AND (NOT truncated OR hidden
            OR query_id IN (SELECT query_id FROM counted ORDER BY total_ms DESC, query_id LIMIT {limit}))
        ORDER BY query_id NULLS FIRST OFFSET 0
    ) AS page
"""


def statements_query(schema: str, columns: AbstractSet[str], limit: int, after: int | None) -> str:
    """Return the query for the statements with an id above `after`, for the columns of the extension's version."""
    since = "NULL"
    if "stats_since" in columns:  # from version 17 of PostgreSQL on
        since = "CAST(extract(epoch FROM min(s.stats_since)) * 1000 AS bigint)"
    return STATEMENTS.format(
        schema=schema,
        limit=limit,
        hidden=HIDDEN,
        characters=MAX_CHARACTERS,
        # PostgreSQL 13 split planning and execution time.
        total="total_exec_time" if "total_exec_time" in columns else "total_time",
        since=since,
        nested="bool_and(NOT s.toplevel)" if "toplevel" in columns else "false",
        page="true" if after is None else f"query_id > {after}",
    )
