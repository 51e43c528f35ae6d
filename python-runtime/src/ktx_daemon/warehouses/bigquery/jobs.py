"""Query jobs: checked by a dry run, started with an id of KTX, read in pages, and cancelled if they are not read."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from ktx_daemon import __version__, request_id
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.connect import Json, Session
from ktx_daemon.warehouses.bigquery.values import parse_row, row_converters

PAGE_ROWS = 10_000
POLL_MS = 10_000
VERSION_LABEL, REQUEST_LABEL = "ktx_version", "ktx_request"
_NOT_IN_LABELS = re.compile("[^a-z0-9_-]")
# Attempts for a job that the server could not run.
ATTEMPTS = 2


def dry_run(session: Session, sql: str) -> Json:
    """Return the statistics of a statement without running it. Raises ApiError."""
    reference = _reference(session, session.address.location)
    body = {"jobReference": reference, "configuration": _configure(session, sql, True)}
    statistics: Json = session.post(session.address.billing_project, "jobs", body=body).get("statistics", {})
    return statistics


def check_select(statistics: Json) -> None:
    """Raise 400 unless a dry run found a query, the only type of statement that changes nothing."""
    kind = statistics.get("query", {}).get("statementType")
    if kind != "SELECT":
        raise BadRequestError("not_read_only", f"BigQuery takes the statement for {kind or 'none that it knows'}")


def read_pages(job: Job, sql: str, parameters: Sequence[Json] = (), max_rows: int = PAGE_ROWS) -> Generator[Json]:
    """Run a query and yield its pages with `schema` and `rows`; the job is cancelled if its result is not read."""
    try:
        page = job.start(sql, parameters, max_rows)
        yield page
        while token := page.get("pageToken"):
            page = job.read(max_rows, pageToken=token)
            yield page
    finally:
        job.cancel_unless_done()


def read_rows(session: Session, sql: str, parameters: Sequence[Json], location: str | None) -> Iterator[list[Any]]:
    """Run a query of KTX in a location, and yield its rows with converted values."""
    with session.guard("introspection_failed"):
        for page in read_pages(Job(session, location=location), sql, parameters):
            yield from page_rows(page)


def page_rows(page: Json) -> Iterator[list[Any]]:
    """Yield the rows of a page with converted values."""
    converters = row_converters(page["schema"]["fields"])
    for row in page.get("rows", ()):
        yield parse_row(row, converters)


class Job:
    """A query job of this project, whose id is known before the server has it."""

    def __init__(self, session: Session, job_id: str | None = None, location: str | None = None) -> None:
        self._session = session
        self.id = job_id or new_job_id()
        self.location = location or session.address.location
        self._is_running = False

    def start(self, sql: str, parameters: Sequence[Json], max_rows: int) -> Json:
        """Start the job and return its first page, which is complete; again if the server could not run it."""
        from ktx_daemon.warehouses.bigquery.errors import ApiError

        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._insert(sql, parameters)
                return self.read(max_rows)
            except ApiError as error:
                if not error.is_temporary or attempt == ATTEMPTS:
                    raise
                self.cancel_unless_done()
                self.id = new_job_id()
        raise AssertionError("the last attempt raises")

    def _insert(self, sql: str, parameters: Sequence[Json]) -> None:
        from ktx_daemon.warehouses.bigquery.errors import ApiError

        reference = {**_reference(self._session, self.location), "jobId": self.id}
        body = {"jobReference": reference, "configuration": _configure(self._session, sql, False, parameters)}
        self._is_running = True
        try:
            job = self._session.post(reference["projectId"], "jobs", body=body)
            self.location = job.get("jobReference", {}).get("location") or self.location
        except ApiError as error:
            self._is_running = error.reason == "duplicate"  # the answer to the first attempt was lost
            if not self._is_running:
                raise

    def read(self, max_rows: int, **position: Any) -> Json:
        """Return the next page, after the job is done. Raises the error of the job."""
        from ktx_daemon.warehouses.bigquery.errors import ApiError

        parameters = {
            "maxResults": min(max_rows, PAGE_ROWS),
            "location": self.location,
            "formatOptions.useInt64Timestamp": "true",
            **position,
        }
        path = (self._session.address.billing_project, "queries", self.id)
        while True:
            try:
                page = self._session.get(*path, timeoutMs=POLL_MS, **parameters)
            except ApiError as error:
                self._is_running = error.is_temporary  # the error of a job ends it
                raise
            if page.get("jobComplete", True):
                self._is_running = False
                page.setdefault("schema", {}).setdefault("fields", [])
                return page

    def cancel_unless_done(self) -> None:
        """End the job on the server if its result was not read."""
        if self._is_running:
            self._is_running = False
            self._session.cancel_job(self.id, self.location)


def new_job_id() -> str:
    """Return an id for a job, with that of the request."""
    return f"ktx-{_label(request_id.current() or 'none')}-{os.urandom(6).hex()}"


def string_array(name: str, values: Sequence[str]) -> Json:
    """Return a query parameter with an array of strings."""
    kind = {"type": "ARRAY", "arrayType": {"type": "STRING"}}
    return {
        "name": name,
        "parameterType": kind,
        "parameterValue": {"arrayValues": [{"value": text} for text in values]},
    }


def integer(name: str, value: int) -> Json:
    """Return a query parameter with a whole number."""
    return {"name": name, "parameterType": {"type": "INT64"}, "parameterValue": {"value": str(value)}}


def _reference(session: Session, location: str | None) -> Json:
    """Return the place of a job."""
    return {"projectId": session.address.billing_project, **({"location": location} if location else {})}


def _configure(session: Session, sql: str, is_dry_run: bool, parameters: Sequence[Json] = ()) -> Json:
    address = session.address
    query: Json = {"query": sql, "useLegacySql": False}
    if address.dataset:
        query["defaultDataset"] = {"projectId": address.project, "datasetId": address.dataset}
    if address.maximum_bytes_billed:
        query["maximumBytesBilled"] = str(address.maximum_bytes_billed)
    if parameters:
        query |= {"parameterMode": "NAMED", "queryParameters": list(parameters)}
    labels = {VERSION_LABEL: _label(__version__), REQUEST_LABEL: _label(request_id.current() or "none")}
    timeout = str(max(1, round(session.timeout * 1000)))
    return {"dryRun": is_dry_run, "jobTimeoutMs": timeout, "labels": labels, "query": query}


def _label(text: str) -> str:
    """Return a text with the characters that labels may have."""
    return _NOT_IN_LABELS.sub("_", text.lower())[:63]
