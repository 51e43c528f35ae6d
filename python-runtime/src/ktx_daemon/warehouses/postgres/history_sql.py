"""Queries for the history of PostgreSQL. A comment in each excludes the query itself from the history."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import get_args

from ktx_daemon.warehouses.model.call_log import MAX_USERS
from ktx_daemon.warehouses.model.callers import PATTERNS, CallerKind
from ktx_daemon.warehouses.model.profiling import COUNTED

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
    WITH roles AS MATERIALIZED ({roles}), counted AS MATERIALIZED (
        SELECT s.queryid AS query_id, bool_or(s.query IS NOT DISTINCT FROM '{hidden}') AS is_hidden,
            min(s.query COLLATE "C") FILTER (WHERE length(s.query) <= {characters}) AS sql,
            CAST(sum(s.calls) AS bigint) AS calls, CAST(sum(s.{total}) AS float8) AS total_ms,
            CAST(sum(s.rows) AS bigint) AS rows, {since} AS since_ms, {nested} AS nested,
            (array_agg(DISTINCT r.hash ORDER BY r.hash) FILTER (WHERE r.hash IS NOT NULL))[1:{max_users}] AS users,
            json_strip_nulls(json_build_object({callers})) AS callers
        FROM {schema}pg_stat_statements AS s LEFT JOIN roles AS r ON r.oid = {user}
        WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            AND (s.query NOT LIKE '%/* ktx */%' AND s.query NOT LIKE '%{counted}%') IS NOT FALSE
        GROUP BY s.queryid
    ), totals AS MATERIALIZED (
        SELECT count(*) > {limit} AS truncated, bool_or(is_hidden) AS hidden FROM counted
    )
    SELECT /* ktx */ CAST(query_id AS text), '{{"query_id":"' || query_id || '","sql":' || to_json(sql)
        || ',"calls":' || calls || ',"total_ms":' || to_json(total_ms) || ',"rows":' || rows
        || ',"since_ms":' || coalesce(CAST(since_ms AS text), 'null')
        || ',"nested":' || CASE WHEN nested THEN 'true' ELSE 'false' END
        || coalesce(',"users":' || to_json(users) || ',"callers":' || callers, '') || '}}', truncated, hidden
    FROM (
        SELECT * FROM counted, totals
        WHERE {page} AND (NOT truncated OR hidden
            OR query_id IN (SELECT query_id FROM counted ORDER BY total_ms DESC, query_id LIMIT {limit}))
        ORDER BY query_id NULLS FIRST OFFSET 0
    ) AS page
"""
# Hash and kind of each role; a role that was dropped has neither.
ROLES = """
        SELECT oid, left(encode(sha256(convert_to(CAST(rolname AS text), 'UTF8')), 'hex'), 16) AS hash,
            CASE {kinds} ELSE 'person' END AS kind
        FROM pg_catalog.pg_roles
    """
NO_ROLES = "SELECT CAST(NULL AS oid) AS oid, CAST(NULL AS text) AS hash, CAST(NULL AS text) AS kind"
# The statements that sessions run now, by their text; null for a text that the server may have cut. Sessions of KTX are
# left out.
ACTIVITY = f"""
    SELECT /* ktx */ id, CASE WHEN octet_length(sql) < (
            SELECT CAST(setting AS integer) - 1 FROM pg_catalog.pg_settings WHERE name = 'track_activity_query_size'
        ) THEN sql END, CAST(count(*) AS bigint), CAST(sum(milliseconds) AS float8), min(started), max(started),
        array_agg(DISTINCT hash), array_agg(name), bool_or(sql IS NOT DISTINCT FROM '{HIDDEN}')
    FROM (
        SELECT md5(query) AS id, query AS sql,
            extract(epoch FROM clock_timestamp() - query_start) * 1000 AS milliseconds,
            CAST(extract(epoch FROM query_start) * 1000 AS bigint) AS started,
            left(encode(sha256(convert_to(CAST(usename AS text), 'UTF8')), 'hex'), 16) AS hash,
            concat(usename, E'\n', application_name) AS name
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
            AND (query = '{HIDDEN}' OR (state = 'active' AND backend_type = 'client backend'
                AND application_name <> 'ktx' AND application_name NOT LIKE 'ktx/%'))
    ) AS running
    GROUP BY id, sql ORDER BY 4 DESC NULLS LAST, id LIMIT :limit
"""  # noqa: S608 - constants


def statements_query(schema: str, columns: AbstractSet[str], limit: int, after: int | None) -> str:
    """Return the query for the statements with an id above `after`, for the columns of the extension's version."""
    since = "NULL"
    if "stats_since" in columns:  # from version 17 of PostgreSQL on
        since = "CAST(extract(epoch FROM min(s.stats_since)) * 1000 AS bigint)"
    return STATEMENTS.format(
        schema=schema,
        limit=limit,
        hidden=HIDDEN,
        counted=COUNTED,
        characters=MAX_CHARACTERS,
        # PostgreSQL 13 split planning and execution time.
        total="total_exec_time" if "total_exec_time" in columns else "total_time",
        since=since,
        nested="bool_and(NOT s.toplevel)" if "toplevel" in columns else "false",
        roles=_roles_query() if "userid" in columns else NO_ROLES,
        user="s.userid" if "userid" in columns else "NULL",
        max_users=MAX_USERS,
        callers=", ".join(f"'{kind}', sum(s.calls) FILTER (WHERE r.kind = '{kind}')" for kind in get_args(CallerKind)),
        page="true" if after is None else f"query_id > {after}",
    )


def _roles_query() -> str:
    name = "lower(replace(CAST(rolname AS text), '_', ' '))"
    return ROLES.format(kinds=" ".join(f"WHEN {name} ~ '{pattern}' THEN '{kind}'" for kind, pattern in PATTERNS))
