"""The query history of BigQuery, from INFORMATION_SCHEMA.JOBS_BY_PROJECT, which has a row for each job.

The views of folders and of the organization have no texts of statements.

Jobs of the window are grouped by the server's hash of the statement without its literals and by day, and only one text
of each group leaves the server. The job of KTX runs once: later pages read on in its result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.call_log import MAX_USERS, CallLog, DayCounts
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)

MAX_TEXT_CHARACTERS = 100_000
# The time from the creation of a job to its end: it may wait for a day and run for six hours.
MAX_JOB_DAYS = 2
# The place of a page: job, location and number of the first statement.
CURSOR = re.compile(r"(?P<job>[\w-]+)/(?P<location>[\w-]+)/(?P<start>\d+)")
# The log counts no rows of results. An application is what the labels of a job say.
# A job is found by its end in the partitions of its creation, which may be days before. A day without a short text is
# left out.
STATEMENTS = """
    SELECT id, text, days, total > @max_statements AS truncated
    FROM (
        SELECT id, MIN(text) AS text, SUM(total_ms) AS time, COUNT(*) OVER () AS total,
            ARRAY_AGG(IF(text IS NULL, NULL, STRUCT(day AS day, calls AS calls, total_ms AS total_ms, since AS since,
                last_seen AS last_seen, processed AS processed, billed AS billed, slot_ms AS slot_ms,
                errors AS errors, users AS users, names AS names)) IGNORE NULLS) AS days
        FROM (
            SELECT id, day, MIN(text) AS text, SUM(calls) AS calls, SUM(total_ms) AS total_ms,
                SUM(processed) AS processed, SUM(billed) AS billed, SUM(slot_ms) AS slot_ms, SUM(errors) AS errors,
                ARRAY_AGG(DISTINCT user ORDER BY user LIMIT MAX_USERS) AS users,
                ARRAY_AGG(CONCAT(user_email, '\\n', IFNULL(application, ''), '\\n', CAST(calls AS STRING))) AS names,
                UNIX_MILLIS(MIN(first_at)) AS since, UNIX_MILLIS(MAX(last_at)) AS last_seen
            FROM (
                SELECT id, day, user_email, application, MIN(IF(CHAR_LENGTH(query) <= @max_text, query, NULL)) AS text,
                    COUNT(*) AS calls, SUM(milliseconds) AS total_ms,
                    SUM(IFNULL(total_bytes_processed, 0)) AS processed,
                    SUM(IFNULL(total_bytes_billed, 0)) AS billed,
                    SUM(IFNULL(total_slot_ms, 0)) AS slot_ms, COUNTIF(error_result.reason IS NOT NULL) AS errors,
                    MIN(creation_time) AS first_at, MAX(creation_time) AS last_at,
                    SUBSTR(TO_HEX(SHA256(user_email)), 1, 16) AS user
                FROM (
                    SELECT query, user_email, creation_time, total_bytes_processed, total_bytes_billed, total_slot_ms,
                        error_result, IFNULL(query_info.query_hashes.normalized_literals, TO_HEX(MD5(query))) AS id,
                        IFNULL(TIMESTAMP_DIFF(end_time, start_time, MILLISECOND), 0) AS milliseconds,
                        DIV(UNIX_SECONDS(end_time), 86400) AS day,
                        (SELECT STRING_AGG(CONCAT(l.key, ' ', l.value), ' ') FROM UNNEST(labels) AS l) AS application
                    FROM `PROJECT`.`region-LOCATION`.INFORMATION_SCHEMA.JOBS_BY_PROJECT
                    WHERE creation_time >= TIMESTAMP_SUB(TIMESTAMP_SECONDS(@begin), INTERVAL MAX_JOB_DAYS DAY)
                        AND end_time >= TIMESTAMP_SECONDS(@begin)
                        AND job_type = 'QUERY' AND statement_type = 'SELECT' AND state = 'DONE' AND query IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM UNNEST(labels) AS l WHERE l.key = 'ktx_version')
                )
                GROUP BY id, day, user_email, application
            )
            GROUP BY id, day
        )
        GROUP BY id
        ORDER BY time DESC, id
        LIMIT @max_statements
    )
    ORDER BY id
"""


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the billing project within the window."""
    place = _parse_cursor(page.cursor)
    log = CallLog.of_window("JOBS_BY_PROJECT", page.window_days, page.first_day)
    metadata = Metadata(target.driver, "v2")
    with open_session(target) as session:
        try:
            with session.guard("query_history_failed"):
                return HistoryPage(metadata, statements=_read_page(session, page, log, place), log=log)
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            hint = f"Ask for the role roles/bigquery.resourceViewer in the project {session.address.billing_project}"
            return HistoryPage(metadata, Unavailable("permission_denied", error.detail, hint))


def _read_page(session: Session, page: PageRequest, log: CallLog, place: re.Match[str] | None) -> StatementPage:
    from ktx_daemon.warehouses.bigquery.jobs import PAGE_ROWS, Job

    if place:
        job, start = Job(session, place["job"], place["location"]), int(place["start"])
        return _encode(job, start, job.read(PAGE_ROWS, startIndex=start), page.max_bytes)
    location = session.address.location or _location_of_dataset(session)
    sql = STATEMENTS.replace("PROJECT`", f"{session.address.billing_project}`").replace("LOCATION", location.lower())
    sql = sql.replace("MAX_JOB_DAYS", str(MAX_JOB_DAYS)).replace("MAX_USERS", str(MAX_USERS))
    job = Job(session, location=location)
    try:
        first = job.start(sql, _parameters(page, log), PAGE_ROWS)
    finally:
        job.cancel_unless_done()
    return _encode(job, 0, first, page.max_bytes)


def _parameters(page: PageRequest, log: CallLog) -> list[dict[str, Any]]:
    from ktx_daemon.warehouses.bigquery.jobs import integer

    return [
        integer("max_text", MAX_TEXT_CHARACTERS),
        integer("max_statements", page.max_statements),
        integer("begin", log.begin_seconds),
    ]


def _location_of_dataset(session: Session) -> str:
    """Return the location of the default data set, as each location has a log of its own; `US` without one."""
    address = session.address
    if not address.dataset:
        return "US"
    return str(session.get(address.project, "datasets", address.dataset).get("location") or "US")


def _parse_cursor(cursor: str | None) -> re.Match[str] | None:
    match = None if cursor is None else CURSOR.fullmatch(cursor)
    if cursor is not None and match is None:
        raise BadRequestError("invalid_value", "cursor must be the next_cursor of an earlier answer")
    return match


def _encode(job: Any, start: int, first: dict[str, Any], max_bytes: int) -> StatementPage:
    """Encode statements until one does not fit, and set the cursor to its place."""
    statements = StatementPage(max_bytes)
    for number, row in enumerate(_rows(job, first), start):
        query_id, sql, days, truncated = row
        statements.truncated = bool(truncated)
        text = None
        if sql is not None:
            text = msgspec.json.encode(Statement.of_days(query_id, sql, [_describe(day) for day in days])).decode()
        if not statements.add(query_id, text):
            statements.next_cursor = f"{job.id}/{job.location}/{number}"
            break
    return statements


def _rows(job: Any, page: dict[str, Any]) -> Iterator[list[Any]]:
    from ktx_daemon.warehouses.bigquery.jobs import PAGE_ROWS, page_rows

    yield from page_rows(page)
    while token := page.get("pageToken"):
        page = job.read(PAGE_ROWS, pageToken=token)
        yield from page_rows(page)


def _split_name(name: str) -> list[str]:
    return name.rsplit("\n", 2)


def _describe(counts: dict[str, Any]) -> DayCounts:
    """Decode the counts of a day. The log counts no rows of results."""
    return DayCounts(
        day=int(counts["day"]),
        calls=int(counts["calls"]),
        total_ms=float(counts["total_ms"]),
        rows=0,
        since_ms=int(counts["since"]),
        last_seen_ms=int(counts["last_seen"]),
        bytes=int(counts["processed"]),
        errors=int(counts["errors"]),
        users=sorted(counts["users"]),
        callers=callers.count((user, name, int(calls)) for user, name, calls in map(_split_name, counts["names"])),
        bytes_billed=int(counts["billed"]),
        slot_ms=int(counts["slot_ms"]),
    )
