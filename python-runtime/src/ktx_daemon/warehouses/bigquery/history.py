"""The query history of BigQuery, from INFORMATION_SCHEMA.JOBS_BY_PROJECT, which has a row for each job.

The views of folders and of the organization have no texts of statements.

Jobs of the window are grouped by the server's hash of the statement without its literals, and only one text of each
group leaves the server. The job of KTX runs once: later pages read on in its result.
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
from ktx_daemon.warehouses.model.history import (
    HistoryPage,
    Metadata,
    PageRequest,
    Statement,
    StatementPage,
    Unavailable,
)

DEFAULT_WINDOW_DAYS = 30
MAX_TEXT_CHARACTERS = 100_000
# The place of a page: job, location and number of the first statement.
CURSOR = re.compile(r"(?P<job>[\w-]+)/(?P<location>[\w-]+)/(?P<start>\d+)")
# The log counts no rows of results. An application is what the labels of a job say.
STATEMENTS = """
    SELECT id, IF(CHAR_LENGTH(text) > @max_text, NULL, text) AS text, calls, total_ms, since, processed, billed,
        slot_ms, errors, users, names, last_seen, total > @max_statements AS truncated
    FROM (
        SELECT id, ANY_VALUE(text) AS text, SUM(calls) AS calls, SUM(total_ms) AS total_ms, SUM(processed) AS processed,
            SUM(billed) AS billed, SUM(slot_ms) AS slot_ms, SUM(errors) AS errors,
            ARRAY_AGG(DISTINCT SUBSTR(TO_HEX(SHA256(user_email)), 1, 16) LIMIT 20) AS users,
            ARRAY_AGG(CONCAT(user_email, '\\n', IFNULL(application, ''), '\\n', CAST(calls AS STRING))) AS names,
            UNIX_MILLIS(MIN(first_at)) AS since, UNIX_MILLIS(MAX(last_at)) AS last_seen, COUNT(*) OVER () AS total
        FROM (
            SELECT id, user_email, application, ANY_VALUE(query) AS text, COUNT(*) AS calls,
                SUM(milliseconds) AS total_ms, SUM(IFNULL(total_bytes_processed, 0)) AS processed,
                SUM(IFNULL(total_bytes_billed, 0)) AS billed,
                SUM(IFNULL(total_slot_ms, 0)) AS slot_ms, COUNTIF(error_result.reason IS NOT NULL) AS errors,
                MIN(creation_time) AS first_at, MAX(creation_time) AS last_at
            FROM (
                SELECT query, user_email, creation_time, total_bytes_processed, total_bytes_billed, total_slot_ms,
                    error_result, IFNULL(query_info.query_hashes.normalized_literals, TO_HEX(MD5(query))) AS id,
                    IFNULL(TIMESTAMP_DIFF(end_time, start_time, MILLISECOND), 0) AS milliseconds,
                    (SELECT STRING_AGG(CONCAT(l.key, ' ', l.value), ' ') FROM UNNEST(labels) AS l) AS application
                FROM `PROJECT`.`region-LOCATION`.INFORMATION_SCHEMA.JOBS_BY_PROJECT
                WHERE creation_time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL @days DAY)
                    AND job_type = 'QUERY' AND statement_type = 'SELECT' AND state = 'DONE' AND query IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM UNNEST(labels) AS l WHERE l.key = 'ktx_version')
            )
            GROUP BY id, user_email, application
        )
        GROUP BY id
        ORDER BY total_ms DESC, id
        LIMIT @max_statements
    )
    ORDER BY id
"""


def read_history(target: Target, page: PageRequest) -> HistoryPage:
    """Read one page of the statements of the billing project within the window."""
    place = _parse_cursor(page.cursor)
    metadata = Metadata(target.driver, "v2")
    with open_session(target) as session:
        try:
            with session.guard("query_history_failed"):
                return HistoryPage(metadata, statements=_read_page(session, page, place))
        except BadRequestError as error:
            if error.code != "permission_denied":
                raise
            hint = f"Ask for the role roles/bigquery.resourceViewer in the project {session.address.billing_project}"
            return HistoryPage(metadata, Unavailable("permission_denied", error.detail, hint))


def _read_page(session: Session, page: PageRequest, place: re.Match[str] | None) -> StatementPage:
    from ktx_daemon.warehouses.bigquery.jobs import PAGE_ROWS, Job

    if place:
        job, start = Job(session, place["job"], place["location"]), int(place["start"])
        return _encode(job, start, job.read(PAGE_ROWS, startIndex=start), page.max_bytes)
    location = session.address.location or _location_of_dataset(session)
    sql = STATEMENTS.replace("PROJECT`", f"{session.address.billing_project}`").replace("LOCATION", location.lower())
    job = Job(session, location=location)
    try:
        first = job.start(sql, _parameters(page), PAGE_ROWS)
    finally:
        job.cancel_unless_done()
    return _encode(job, 0, first, page.max_bytes)


def _parameters(page: PageRequest) -> list[dict[str, Any]]:
    from ktx_daemon.warehouses.bigquery.jobs import integer

    return [
        integer("max_text", MAX_TEXT_CHARACTERS),
        integer("max_statements", page.max_statements),
        integer("days", page.window_days or DEFAULT_WINDOW_DAYS),
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
        statements.truncated = bool(row[-1])
        text = None if row[1] is None else msgspec.json.encode(_describe(row)).decode()
        if not statements.add(row[0], text):
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


def _describe(row: list[Any]) -> Statement:
    query_id, text, calls, total_ms, since, processed, billed, slot_ms, errors, users, names, last_seen, _ = row
    return Statement(
        query_id=query_id,
        sql=text,
        calls=int(calls),
        total_ms=float(total_ms),
        rows=0,
        since_ms=int(since),
        nested=False,
        bytes=int(processed),
        errors=int(errors),
        users=sorted(users),
        last_seen_ms=int(last_seen),
        callers=callers.count((user, application, int(count)) for user, application, count in map(_split_name, names)),
        bytes_billed=int(billed),
        slot_ms=int(slot_ms),
    )
