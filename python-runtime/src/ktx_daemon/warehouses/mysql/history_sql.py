"""Queries for the history of MySQL and MariaDB: from the digests of the performance schema, or from the slow log.

Both return one row for each statement, sorted by its id: the id, the text (null if it is longer than the limit), its
counts, and whether there are more statements than the limit. Counts are calls, milliseconds, rows, and times of the
first and the last call in milliseconds since 1970. They read the statements of the connection's database, and those
without a default database, which qualify their tables; a connection without a database reads all. Statements that read
the catalog, as KTX does, and those of its profiles are left out.
"""

from __future__ import annotations

from ktx_daemon.warehouses.model.profiling import COUNTED

# Longer statements are omitted.
MAX_CHARACTERS = 100_000

# The version, whether there are the performance schema and the slow log as a table, and the current user.
SOURCES = """
    SELECT VERSION(), @@performance_schema, @@slow_query_log AND FIND_IN_SET('TABLE', @@log_output), CURRENT_USER()
"""
# The number of digests that did not fit.
DIGESTS_LOST = "SHOW GLOBAL STATUS LIKE 'Performance_schema_digest_lost'"
# The server replaces literals; it marks a text that it cuts by an ellipsis. Digests that do not fit share a row without
# one.
DIGESTS = f"""
    SELECT id, IF(CHAR_LENGTH(text) > {MAX_CHARACTERS} OR text RLIKE '[^,( ] ?[.]{{{{3}}}} *$', NULL, text), calls,
        total_ms, row_count, errors, first_seen, last_seen, total > {{limit}}
    FROM (
        SELECT DIGEST AS id, MIN(DIGEST_TEXT) AS text, CAST(SUM(COUNT_STAR) AS SIGNED) AS calls,
            SUM(SUM_TIMER_WAIT) / 1e9 AS total_ms, CAST(SUM(SUM_ROWS_SENT + SUM_ROWS_AFFECTED) AS SIGNED) AS row_count,
            CAST(SUM(SUM_ERRORS) AS SIGNED) AS errors,
            FLOOR(UNIX_TIMESTAMP(MIN(FIRST_SEEN)) * 1000) AS first_seen,
            FLOOR(UNIX_TIMESTAMP(MAX(LAST_SEEN)) * 1000) AS last_seen, COUNT(*) OVER () AS total
        FROM performance_schema.events_statements_summary_by_digest
        WHERE DIGEST IS NOT NULL AND DIGEST_TEXT RLIKE '^[(]|^(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE) '
            AND DIGEST_TEXT NOT LIKE '%%{COUNTED}%%' AND DIGEST_TEXT NOT LIKE '%%performance_schema%%'
            AND DIGEST_TEXT NOT LIKE '%%information_schema%%'
            AND (DATABASE() IS NULL OR SCHEMA_NAME IS NULL OR SCHEMA_NAME = DATABASE())
        GROUP BY DIGEST ORDER BY total_ms DESC, id LIMIT {{limit}}
    ) AS found
    WHERE id > %s ORDER BY id
"""  # noqa: S608 - constants
# A text has its literals. `query_time` may exceed a day. The counts are a list of those of each day and user.
SLOW_LOG = f"""
    SELECT id, IF(CHAR_LENGTH(text) > {MAX_CHARACTERS}, NULL, text), counts, total > {{limit}}
    FROM (
        SELECT id, MIN(text) AS text, SUM(total_ms) AS total_ms, COUNT(*) OVER () AS total,
            JSON_ARRAYAGG(JSON_ARRAY(day, user, calls, total_ms, row_count, first_seen, last_seen)) AS counts
        FROM (
            SELECT id, FLOOR((started + milliseconds) / 86400000) AS day, user, MIN(text) AS text, COUNT(*) AS calls,
                SUM(milliseconds) AS total_ms, CAST(SUM(rows_sent) AS SIGNED) AS row_count,
                FLOOR(MIN(started)) AS first_seen, FLOOR(MAX(started)) AS last_seen
            FROM (
                SELECT MD5(sql_text) AS id, CONVERT(sql_text USING utf8mb4) AS text, rows_sent,
                    UNIX_TIMESTAMP(start_time) * 1000 AS started,
                    HOUR(query_time) * 3600000.0 + MINUTE(query_time) * 60000 + SECOND(query_time) * 1000
                        + MICROSECOND(query_time) / 1000 AS milliseconds,
                    CONVERT(SUBSTRING_INDEX(user_host, '[', 1) USING utf8mb4) AS user
                FROM mysql.slow_log
                WHERE sql_text NOT LIKE '%%/* ktx/%%' AND sql_text NOT LIKE '%%{COUNTED}%%'
                    AND sql_text NOT LIKE '%%performance_schema%%'
                    AND sql_text NOT LIKE '%%information_schema%%' AND (DATABASE() IS NULL OR db IN ('', DATABASE()))
            ) AS each_call
            WHERE started + milliseconds >= {{begin}} * 1000
            GROUP BY id, day, user
        ) AS each_day
        GROUP BY id ORDER BY total_ms DESC, id LIMIT {{limit}}
    ) AS found
    WHERE id > %s ORDER BY id
"""  # noqa: S608 - constants
