"""Queries for the history of Snowflake: one row for each statement, with the counts of each day and caller as an array.

The application is that of the session if `SESSIONS` is read; credits are those that `QUERY_ATTRIBUTION_HISTORY` gives
to a call, without idle time of the warehouse. Of a query tag only the name of a known tool is returned: a tag may
differ for each call.
"""

from __future__ import annotations

from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.snowflake.identifiers import literal, quote

# The server cuts longer texts.
MAX_TEXT_CHARACTERS = 100_000
MAX_RECENT_CALLS = 10_000
# The longest time that the server lets a statement run.
MAX_STATEMENT_DAYS = 7

ACCOUNT_USAGE = "SNOWFLAKE.ACCOUNT_USAGE"
RECENT = """TABLE({database}.INFORMATION_SCHEMA.QUERY_HISTORY(
    END_TIME_RANGE_START => TO_TIMESTAMP_LTZ({begin}), RESULT_LIMIT => {limit}))"""
# Absent keys of an object are those without a value.
STATEMENTS = """
    SELECT id, sql, counts, total
    FROM (
        SELECT id, MIN(sql) AS sql, SUM(total_ms) AS time, COUNT(*) OVER () AS total,
            ARRAY_AGG(IFF(sql IS NULL, NULL, OBJECT_CONSTRUCT('day', day, 'user', user_name, 'type', user_type,
                'tool', tool, 'application', application, 'calls', calls, 'total_ms', total_ms, 'rows', result_rows,
                'since', since, 'last_seen', last_seen, 'bytes', size, 'errors', errors, 'credits', credits))) AS counts
        FROM (
            SELECT h.query_parameterized_hash AS id, FLOOR(DATE_PART(EPOCH_SECOND, h.end_time) / 86400) AS day,
                h.user_name, h.user_type, REGEXP_SUBSTR(LOWER(h.query_tag), {tools}) AS tool,
                {application} AS application,
                MIN(IFF(LENGTH(h.query_text) < {characters}, h.query_text, NULL)) AS sql, COUNT(*) AS calls,
                SUM(h.total_elapsed_time) AS total_ms, SUM(COALESCE(h.rows_produced, 0)) AS result_rows,
                SUM(COALESCE(h.bytes_scanned, 0)) AS size,
                COUNT_IF(h.execution_status NOT IN ('SUCCESS', 'success')) AS errors,
                DATE_PART(EPOCH_MILLISECOND, MIN(h.start_time)) AS since,
                DATE_PART(EPOCH_MILLISECOND, MAX(h.start_time)) AS last_seen, {credits} AS credits
            FROM {source}
            WHERE h.end_time >= TO_TIMESTAMP_LTZ({begin}) AND h.query_type = 'SELECT'
                AND h.query_parameterized_hash IS NOT NULL AND NOT STARTSWITH(COALESCE(h.query_tag, ''), 'KTX ')
            GROUP BY 1, 2, 3, 4, 5, 6
        )
        GROUP BY id
        ORDER BY time DESC, id
        LIMIT {limit}
    )
    {after}
    ORDER BY id
"""
SESSIONS = """
    LEFT JOIN SNOWFLAKE.ACCOUNT_USAGE.SESSIONS AS s ON s.session_id = h.session_id"""
APPLICATION = "COALESCE(TRY_PARSE_JSON(s.client_environment):APPLICATION::VARCHAR, s.client_application_id)"
CREDITS = """
    LEFT JOIN (
        SELECT query_id, SUM(credits_attributed_compute) AS credits
        FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY
        WHERE end_time >= TO_TIMESTAMP_LTZ({begin}) GROUP BY query_id
    ) AS a ON a.query_id = h.query_id"""
# The names of the tables that the calls of a day have read, through views, too, each after its day.
ACCESSED = """
    SELECT h.query_parameterized_hash AS id, ARRAY_AGG(DISTINCT
        FLOOR(DATE_PART(EPOCH_SECOND, h.end_time) / 86400) || ' ' || o.value:objectName::VARCHAR) AS tables
    FROM SNOWFLAKE.ACCOUNT_USAGE.ACCESS_HISTORY AS x
    JOIN SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY AS h ON h.query_id = x.query_id,
        LATERAL FLATTEN(INPUT => x.base_objects_accessed) AS o
    WHERE x.query_start_time >= DATEADD(DAY, -{days}, TO_TIMESTAMP_LTZ({begin}))
        AND h.end_time >= TO_TIMESTAMP_LTZ({begin}) AND h.query_type = 'SELECT'
        AND h.query_parameterized_hash IS NOT NULL AND o.value:objectDomain::VARCHAR ILIKE '%table%' {after}
    GROUP BY h.query_parameterized_hash
"""


def probe_query(view: str) -> str:
    """Return a query without rows of a view of the account, which fails without the right to it."""
    return f"SELECT 1 FROM {ACCOUNT_USAGE}.{view} WHERE FALSE"  # noqa: S608 - constants


def account_source(begin: int, *, with_sessions: bool, with_credits: bool) -> str:
    """Return the history of the account from a time on (in seconds since 1970), with what the role may join to it."""
    joins = (SESSIONS if with_sessions else "") + (CREDITS.format(begin=begin) if with_credits else "")
    return f"{ACCOUNT_USAGE}.QUERY_HISTORY AS h{joins}"


def recent_source(database: str, begin: int) -> str:
    """Return the statements that the role sees without rights to the account."""
    return f"{RECENT.format(database=quote(database), begin=begin, limit=MAX_RECENT_CALLS)} AS h"


def statements_query(
    source: str, begin: int, limit: int, after: str | None, *, with_sessions: bool = False, with_credits: bool = False
) -> str:
    """Return the query for the statements of a source with an id above `after`."""
    tools = rf"(^|[^a-z])({callers.BI_TOOLS}|{callers.SCHEDULERS})([^a-z]|$)"
    return STATEMENTS.format(
        source=source,
        begin=begin,
        limit=limit,
        after=f"WHERE id > {literal(after)}" if after is not None else "",
        tools=literal(tools),
        application=APPLICATION if with_sessions else "CAST(NULL AS VARCHAR)",
        credits="SUM(a.credits)" if with_credits else "CAST(NULL AS FLOAT)",
        characters=MAX_TEXT_CHARACTERS,
    )


def accessed_query(begin: int, after: str | None) -> str:
    """Return the query for the tables that statements with an id above `after` have read."""
    condition = f"AND h.query_parameterized_hash > {literal(after)}" if after is not None else ""
    return ACCESSED.format(begin=begin, days=MAX_STATEMENT_DAYS, after=condition)
