"""BigQuery: queries, limits, errors and the end of jobs, on the emulator; answers that it does not have are played."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.interface import load_estimate_cost
from ktx_daemon.warehouses.model.cost import Cost
from tests.bigquery import (
    PROJECT,
    Call,
    Jobs,
    Reply,
    call_emulator,
    connection_url,
    failure,
    play,
    result_page,
)
from tests.daemon import Daemon, wait_until
from tests.introspection import find_closed_port
from tests.test_execution_limits import send
from tests.test_values import rows as documented_rows

PATH = "/sql/execute"
TOKEN = "ya29.hunter2-of-google"
ENDLESS = (
    "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a, UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE a < b"
)


def request_body(url: str, sql: str, **options: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "bigquery", "url": url, "sql": sql, **options}


def execute(daemon: Daemon, port: int, sql: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon.post_ok(PATH, request_body(connection_url(port), sql, **options))
    return found


def one_row(_: str) -> tuple[str, list[list[Any]]]:
    return "INTEGER", [[1]]


def test_values_are_converted_as_documented(daemon: Daemon, bigquery: int) -> None:
    documented = documented_rows("bigquery")
    listed = ", ".join(f"{sql} AS c{number}" for number, (_, sql, _) in enumerate(documented))
    (found,) = execute(daemon, bigquery, f"SELECT {listed}")["rows"]
    assert [(value, type(value)) for value in found] == [(value, type(value)) for _, _, value in documented]


def test_columns_have_names_and_types_of_googlesql(daemon: Daemon, bigquery: int) -> None:
    found = execute(daemon, bigquery, "SELECT 1 AS a, [STRUCT('x' AS b, 1.5 AS c)] AS d, CURRENT_TIMESTAMP() AS e")
    assert [(column["name"], column["type"]) for column in found["columns"]] == [
        ("a", "INT64"),
        ("d", "ARRAY<STRUCT<b STRING, c FLOAT64>>"),
        ("e", "TIMESTAMP"),
    ]


@pytest.mark.parametrize(("rows", "truncated"), [(4, True), (5, False), (6, False)])
def test_rows_beyond_the_limit_are_omitted(daemon: Daemon, bigquery: int, rows: int, truncated: bool) -> None:
    found = execute(daemon, bigquery, "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 5)) AS x", max_rows=rows)
    assert (len(found["rows"]), found["truncated"]) == (min(rows, 5), truncated)
    assert found["truncated_by"] == ("rows" if truncated else None)


def test_bytes_beyond_the_limit_are_omitted(daemon: Daemon, bigquery: int) -> None:
    wide = "SELECT REPEAT('x', 1000) AS x FROM UNNEST(GENERATE_ARRAY(1, 50))"
    found = execute(daemon, bigquery, wide, max_bytes=10_240)
    assert (found["row_count"], found["truncated_by"]) == (10, "bytes")


def test_pages_are_read_until_the_last_one(daemon: Daemon, bigquery: int) -> None:
    sql = "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS x"
    found = execute(daemon, bigquery, sql, max_rows=30_000)
    assert sorted(row[0] for row in found["rows"]) == list(range(1, 25_001))


def running_jobs(port: int) -> list[str]:
    jobs = call_emulator(port, f"{PROJECT}/jobs?stateFilter=running").get("jobs", [])
    return [job["jobReference"]["jobId"] for job in jobs]


def test_statement_ends_on_the_server_at_its_timeout(daemon: Daemon, bigquery: int) -> None:
    body = request_body(connection_url(bigquery), ENDLESS, statement_timeout_ms=500)
    assert "did not answer a query within 0.5 s" in daemon.post_rejected(PATH, body, "statement_timeout")
    wait_until(lambda: not running_jobs(bigquery), "the job ends")


def test_job_is_cancelled_when_the_caller_disconnects(daemon: Daemon) -> None:
    """The emulator loses a cancellation that arrives before its engine runs the job."""
    jobs = Jobs(lambda _: Reply({"jobComplete": False}))

    def path(kind: str) -> str:
        return next((call.path for call in player.calls if kind in call.path), "")

    with play(jobs) as player, closing(daemon.connect()) as connection:
        send(daemon, connection, request_body(connection_url(player.port, location="EU"), "SELECT 1"))
        wait_until(lambda: "/queries/" in path("/queries/"), "the result is asked for")
        connection.close()
        wait_until(lambda: path("/cancel") == path("/queries/").replace("/queries/", "/jobs/") + "/cancel", "it ends")
        assert player.calls[-1].parameters == {"location": "EU"}


def test_jobs_carry_the_version_of_ktx_and_the_id_of_the_request(daemon: Daemon, bigquery: int) -> None:
    body = request_body(connection_url(bigquery), "SELECT 1")
    daemon.post(PATH, body, headers={"x-request-id": "Req.42"})
    jobs = call_emulator(bigquery, f"{PROJECT}/jobs")["jobs"]
    labelled = [job for job in jobs if job["configuration"].get("labels", {}).get("ktx_request") == "req_42"]
    assert [bool(re.fullmatch(r"ktx-req_42-\w+", job["jobReference"]["jobId"])) for job in labelled] == [True]
    assert re.fullmatch(r"\d+_\d+_\d+\w*", labelled[0]["configuration"]["labels"]["ktx_version"])


@pytest.mark.parametrize(
    "statement", ["DELETE FROM t WHERE true", "CREATE TABLE never (a INT64)", "SELECT 1; SELECT 2"]
)
def test_only_queries_pass_the_check(daemon: Daemon, bigquery: int, statement: str) -> None:
    body = request_body(connection_url(bigquery), statement)
    daemon.post_rejected(PATH, body, "not_read_only")


@pytest.mark.parametrize("kind", ["SCRIPT", "CALL", None])
def test_statement_that_a_dry_run_takes_for_another_one_is_not_run(daemon: Daemon, kind: str | None) -> None:
    with play(Jobs(one_row, kind)) as player:
        body = request_body(connection_url(player.port), "SELECT 1")
        assert str(kind or "none") in daemon.post_rejected(PATH, body, "not_read_only")
    assert player.statements == []


def test_parameters_of_the_url_become_those_of_the_job(daemon: Daemon) -> None:
    with play(Jobs(one_row)) as player:
        parameters = {"location": "EU", "execution_project": "payer", "maximum_bytes_billed": "1000000"}
        url = connection_url(player.port, dataset="sales", **parameters)
        assert daemon.post_ok(PATH, request_body(url, "SELECT 1", statement_timeout_ms=7000))["rows"] == [[1]]
    dry_run, job, result = player.calls
    assert [call.path for call in (dry_run, job)] == ["payer/jobs"] * 2
    assert job.body["jobReference"] | {"jobId": ""} == {"projectId": "payer", "jobId": "", "location": "EU"}
    configuration = job.body["configuration"]
    assert configuration["jobTimeoutMs"] == "7000"
    assert configuration["query"]["maximumBytesBilled"] == "1000000"
    assert configuration["query"]["defaultDataset"] == {"projectId": PROJECT, "datasetId": "sales"}
    assert (result.parameters["location"], result.parameters["formatOptions.useInt64Timestamp"]) == ("EU", "true")


ERRORS = [
    (403, "accessDenied", "Access Denied: Table p:d.t: User does not have permission bigquery.tables.getData on table",
     "permission_denied", "Ask for the role roles/bigquery.dataViewer in the project ktx"),
    (403, "accessDenied", "Access Denied: Project p: User does not have bigquery.jobs.create permission",
     "permission_denied", "roles/bigquery.jobUser"),
    (403, "accessNotConfigured", "BigQuery API has not been used in project 1 before or it is disabled",
     "permission_denied", "BigQuery API to be enabled"),
    (403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for free query bytes scanned",
     "query_failed", "Wait until the quota is renewed"),
    (403, "billingNotEnabled", "Billing has not been enabled", "query_failed", "billing to be enabled"),
    (400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 1. 10485760 or higher required",
     "query_failed", "raise maximum_bytes_billed"),
    (403, "responseTooLarge", "Response too large to return", "query_failed", "Filter or aggregate"),
    (400, "invalidQuery", "Unrecognized name: nope at [1:8]", "query_failed", "Unrecognized name: nope at [1:8]"),
    (404, "notFound", "Not found: Dataset d was not found in location EU", "query_failed", "and location of"),
    (404, "notFound", "Not found: Project nope", "database_not_found", "Check project"),
    (401, "authError", "Invalid Credentials", "authentication_failed", "gcloud auth print-access-token"),
    (400, "timeout", "Job timed out after 5s", "statement_timeout", "did not answer a query"),
]  # fmt: skip


def refused(daemon: Daemon, answer: Callable[[Call], Reply | None]) -> dict[str, Any]:
    with play(answer) as player:
        url = connection_url(player.port, access_token=TOKEN)
        error: dict[str, Any] = daemon.post(PATH, request_body(url, "SELECT 1")).json()
    assert TOKEN not in str(error)
    return error


@pytest.mark.parametrize(("status", "reason", "message", "code", "detail"), ERRORS)
def test_errors_of_a_job_are_translated(
    daemon: Daemon, status: int, reason: str, message: str, code: str, detail: str
) -> None:
    played = failure(status, reason, f"{message}: {TOKEN}")
    error = refused(daemon, Jobs(lambda _: played))
    assert error["code"] == code
    assert detail in f"{error['detail']}. {error.get('hint')}"


def test_errors_of_a_dry_run_are_translated(daemon: Daemon) -> None:
    error = refused(daemon, lambda _: failure(400, "invalidQuery", f"Syntax error at [1:8]: {TOKEN}"))
    assert (error["code"], error["detail"]) == ("query_failed", "BigQuery in ktx failed: Syntax error at [1:8]: ***")


def test_server_that_is_not_bigquery_is_an_error(daemon: Daemon) -> None:
    with play(lambda _: Reply("<html>Not Found</html>", 404)) as player:
        error = daemon.post_rejected(PATH, request_body(connection_url(player.port), "SELECT 1"), "query_failed")
    assert error == "BigQuery in ktx failed: HTTP status 404: <html>Not Found</html>"


def twice(played: Reply, answer: Callable[[Call], Reply | None]) -> Callable[[Call], Reply | None]:
    """Return an answer that is `played` for the first two requests of a kind."""
    counts: dict[str, itertools.count[int]] = {}

    def reply(call: Call) -> Reply | None:
        kind = call.path.rpartition("/")[0] + str(call.body and call.body["configuration"]["dryRun"])
        return played if next(counts.setdefault(kind, itertools.count())) < 1 else answer(call)

    return reply


@pytest.mark.parametrize(
    "played", [failure(403, "rateLimitExceeded", "Exceeded rate limits"), Reply("upstream is gone", 503)]
)
def test_busy_server_is_asked_again(daemon: Daemon, played: Reply) -> None:
    with play(twice(played, Jobs(one_row))) as player:
        assert execute(daemon, player.port, "SELECT 1")["rows"] == [[1]]
    assert len(player.calls) == 6


def test_job_whose_first_answer_was_lost_is_read(daemon: Daemon) -> None:
    jobs = Jobs(one_row)

    def answer(call: Call) -> Reply | None:
        reply = jobs(call)
        is_job = call.path.endswith("/jobs") and not call.body["configuration"]["dryRun"]
        return failure(409, "duplicate", "Already Exists: Job") if is_job else reply

    with play(answer) as player:
        assert execute(daemon, player.port, "SELECT 1")["rows"] == [[1]]


def test_result_that_is_not_ready_is_asked_for_again(daemon: Daemon) -> None:
    answers = [Reply({"jobComplete": False}), Reply({"jobComplete": False}), result_page("INTEGER", [[7]])]
    jobs = Jobs(one_row)
    with play(lambda call: jobs(call) if call.path.endswith("/jobs") else answers.pop(0)) as player:
        assert execute(daemon, player.port, "SELECT 1")["rows"] == [[7]]


@pytest.mark.parametrize(
    ("parameters", "code", "detail"),
    [
        ({"api_endpoint": "http://127.0.0.1:{closed}"}, "connection_failed", "connection refused"),
        (
            {"api_endpoint": "https://ktx.invalid", "access_token": TOKEN},
            "host_not_found",
            "'ktx.invalid' is not known",
        ),
        ({"api_endpoint": "ftp://x"}, "invalid_url", "api_endpoint of the connection is not the URL of a server"),
        ({"api_endpoint": "http://a:b@x"}, "invalid_url", "api_endpoint of the connection"),
        ({"maximum_bytes_billed": "1 GB"}, "invalid_url", "maximum_bytes_billed"),
        ({"access_token": "a", "keyfile": "/k"}, "invalid_url", "has both access_token and keyfile"),
    ],
)
def test_wrong_parameters_are_errors(daemon: Daemon, parameters: dict[str, str], code: str, detail: str) -> None:
    closed = find_closed_port()
    given = {name: value.format(closed=closed) for name, value in parameters.items()}
    body = request_body(connection_url(closed, **given), "SELECT 1")
    assert detail in daemon.post_rejected(PATH, body, code)


def test_url_without_a_project_is_an_error(daemon: Daemon) -> None:
    body = request_body("bigquery:///data", "SELECT 1")
    assert "names no project" in daemon.post_rejected(PATH, body, "invalid_url")


def target(port: int) -> Target:
    return Target.from_request(ExecuteSql("w", "bigquery", connection_url(port), "SELECT 1"))


@pytest.mark.parametrize(
    ("google", "accuracy"), [("PRECISE", "exact"), ("UPPER_BOUND", "upper_bound"), (None, "unknown")]
)
def test_dry_run_of_bigquery_estimates_bytes(google: str | None, accuracy: str) -> None:
    query = {"statementType": "SELECT", "totalBytesProcessedAccuracy": google}
    statistics = {"totalBytesProcessed": "12345", "query": query}
    with play(lambda _: Reply({"statistics": statistics})) as player:
        assert load_estimate_cost(target(player.port))(target(player.port), "SELECT a FROM t") == Cost(
            None, 12345, [], accuracy
        )
    assert [call.body["configuration"]["dryRun"] for call in player.calls] == [True]
