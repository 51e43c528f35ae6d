"""The JSON log, and the request id in the log, the response and the sessions of databases."""

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
def debug_daemon() -> Iterator[Daemon]:
    with Daemon(KTX_LOG_LEVEL="debug") as daemon:
        yield daemon


def find_event(daemon: Daemon, request_id: str) -> dict[str, Any]:
    """Wait for the event of a request, which is logged after its response."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for event in daemon.events():
            if event.get("request_id") == request_id:
                return event
        time.sleep(0.01)
    pytest.fail(f"no line of the request {request_id}")


def response_id(daemon: Daemon, sent_id: str) -> str:
    return daemon.post(VALIDATE, STATEMENT, headers={"X-Request-Id": sent_id}).headers["x-request-id"]


def test_request_id_is_in_the_response_and_in_the_log(debug_daemon: Daemon) -> None:
    assert response_id(debug_daemon, ID) == ID
    line = find_event(debug_daemon, ID)
    assert list(line) == ["time", "level", "component", "event", "request_id", "path", "status", "ms"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["component"], line["event"]) == ("debug", "daemon", "request.finished")
    assert (line["path"], line["status"]) == (VALIDATE, 200)


@pytest.mark.parametrize("invalid_id", ["", "x" * 49, "*/ DROP", "a b", "größe".encode().decode("latin-1"), "a'b"])
def test_invalid_request_id_is_replaced_by_a_random_one(debug_daemon: Daemon, invalid_id: str) -> None:
    first, second = response_id(debug_daemon, invalid_id), response_id(debug_daemon, invalid_id)
    assert len({first, second, invalid_id}) == 3
    assert len(first) == 16
    assert bytes.fromhex(first)


def test_rejected_request_has_an_id_and_its_path_is_not_logged(debug_daemon: Daemon) -> None:
    answer = debug_daemon.request("GET", "/t/wrong-token/nowhere?x=hunter2", headers={"X-Request-Id": "refused"})
    assert (answer.status, answer.headers["x-request-id"]) == (404, "refused")
    line = find_event(debug_daemon, "refused")
    assert line["path"] == "other"
    assert "hunter2" not in debug_daemon.log.read_text()


def test_requests_are_not_logged_by_default() -> None:
    with Daemon() as daemon:
        response_id(daemon, ID)
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


def test_unknown_log_level_is_an_error_that_lists_the_levels() -> None:
    result = run_command("serve-http", stdin=b"", KTX_LOG_LEVEL="loud")
    assert result.returncode == 1
    assert result.stderr.decode().strip() == (
        "ktx-daemon: KTX_LOG_LEVEL must be one of error, warn, info, debug: 'loud'"
    )


def query_with_request_id(daemon: Daemon, driver: str, url: str, expression: str) -> str:
    request = {"connection_id": "c", "driver": driver, "url": url, "sql": expression}
    answer = daemon.post("/sql/execute", request, headers={"X-Request-Id": ID})
    assert answer.status == 200, answer.body
    ((value,),) = json.loads(answer.body)["rows"]
    return str(value)


def test_postgresql_shows_the_id_as_application_name(debug_daemon: Daemon) -> None:
    url = database_url("KTX_TEST_POSTGRES_URL")
    assert (
        query_with_request_id(debug_daemon, "postgres", url, "SELECT current_setting('application_name')")
        == f"ktx/{ID}"
    )


def test_mysql_shows_the_id_as_a_comment_of_the_statement(debug_daemon: Daemon) -> None:
    url = database_url("KTX_TEST_MYSQL_URL")
    sql = "SELECT info FROM information_schema.processlist WHERE info LIKE '%unlikely%'"
    assert query_with_request_id(debug_daemon, "mysql", url, sql).startswith(f"/* ktx/{ID} */ SELECT ")
