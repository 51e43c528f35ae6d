"""The log as JSON lines, and the request's id in it, in the response and in the sessions of databases."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import database_url
from tests.daemon import Daemon, run_command

ID = "5f2c.a-b_9"
STATEMENT = {"sql": "SELECT 1", "dialect": "postgres"}
VALIDATE = "/sql/validate-read-only"


@pytest.fixture(scope="module")
def verbose() -> Iterator[Daemon]:
    with Daemon(KTX_LOG_LEVEL="debug") as daemon:
        yield daemon


def event_of(daemon: Daemon, request_id: str) -> dict[str, Any]:
    """Wait for the line of a request, which is written after its response."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for event in daemon.events():
            if event.get("request_id") == request_id:
                return event
        time.sleep(0.01)
    pytest.fail(f"no line of the request {request_id}")


def id_of(daemon: Daemon, given: str) -> str:
    return daemon.post(VALIDATE, STATEMENT, headers={"X-Request-Id": given}).headers["x-request-id"]


def test_a_request_keeps_its_id_in_the_response_and_in_the_log(verbose: Daemon) -> None:
    assert id_of(verbose, ID) == ID
    line = event_of(verbose, ID)
    assert list(line) == ["time", "level", "component", "event", "request_id", "path", "status", "ms"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["component"], line["event"]) == ("debug", "daemon", "request.finished")
    assert (line["path"], line["status"]) == (VALIDATE, 200)


@pytest.mark.parametrize("given", ["", "x" * 49, "*/ DROP", "a b", "größe".encode().decode("latin-1"), "a'b"])
def test_an_invalid_id_is_replaced_by_a_random_one(verbose: Daemon, given: str) -> None:
    first, second = id_of(verbose, given), id_of(verbose, given)
    assert len({first, second, given}) == 3
    assert len(first) == 16
    assert bytes.fromhex(first)


def test_a_refused_request_has_an_id_too_and_its_path_is_not_logged(verbose: Daemon) -> None:
    answer = verbose.request("GET", "/t/wrong-token/nowhere?x=hunter2", headers={"X-Request-Id": "refused"})
    assert (answer.status, answer.headers["x-request-id"]) == (404, "refused")
    line = event_of(verbose, "refused")
    assert line["path"] == "other"
    assert "hunter2" not in verbose.log.read_text()


def test_requests_are_not_logged_by_default() -> None:
    with Daemon() as daemon:
        id_of(daemon, ID)
        assert daemon.stop() == 0
        assert daemon.events() == []


@pytest.mark.parametrize("level", ["debug", "info"])
def test_neither_statements_nor_rows_are_logged(level: str) -> None:
    with Daemon(KTX_LOG_LEVEL=level) as daemon:
        daemon.post(VALIDATE, {**STATEMENT, "sql": "SELECT 'hunter2' FROM accounts"})
        daemon.post(VALIDATE, {**STATEMENT, "sql": "DELETE FROM accounts WHERE hunter2"})
        assert daemon.request("GET", "/health").status == 200
        assert not {"hunter2", "accounts"} & set(daemon.log.read_text().replace('"', " ").split())
        assert "hunter2" not in daemon.log.read_text()


def test_an_unknown_level_is_an_error_that_lists_the_levels() -> None:
    result = run_command("serve-http", stdin=b"", KTX_LOG_LEVEL="loud")
    assert result.returncode == 1
    assert result.stderr.decode().strip() == (
        "ktx-daemon: KTX_LOG_LEVEL must be one of error, warn, info, debug: 'loud'"
    )


def shown_by(daemon: Daemon, driver: str, url: str, expression: str) -> str:
    request = {"connection_id": "c", "driver": driver, "url": url, "sql": expression}
    answer = daemon.post("/sql/execute", request, headers={"X-Request-Id": ID})
    assert answer.status == 200, answer.body
    ((shown,),) = json.loads(answer.body)["rows"]
    return str(shown)


def test_postgresql_shows_the_id_as_application_name(verbose: Daemon) -> None:
    url = database_url("KTX_TEST_POSTGRES_URL")
    assert shown_by(verbose, "postgres", url, "SELECT current_setting('application_name')") == f"ktx/{ID}"


def test_mysql_shows_the_id_as_a_comment_of_the_statement(verbose: Daemon) -> None:
    url = database_url("KTX_TEST_MYSQL_URL")
    sql = "SELECT info FROM information_schema.processlist WHERE info LIKE '%unlikely%'"
    assert shown_by(verbose, "mysql", url, sql).startswith(f"/* ktx/{ID} */ SELECT ")
