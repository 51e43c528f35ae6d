"""ClickHouse: queries, limits, errors and the end of statements, on real servers.

The newest engine is chDB behind an HTTP front: it has no users, and answers only complete results. Errors that it does
not have are played by a proxy. Passwords, and the end of a statement on the server, are shown on Debian's version 18.
"""

from __future__ import annotations

import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.clickhouse.server import Server
from ktx_daemon.warehouses.connection.target import Target
from tests.clickhouse import PASSWORD, Answer, debian_server, modern, proxy, run
from tests.daemon import Daemon, wait_until
from tests.introspection import find_closed_port, silent_server
from tests.test_execution_limits import send
from tests.test_postgres_tls import make_certificate

PATH = "/sql/execute"
ENDLESS = "SELECT sum(number) FROM system.numbers WHERE number < 100000000000000"


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with debian_server(tmp_path_factory.mktemp("old")) as port:
        yield port


def request_body(url: str, sql: str, **options: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "clickhouse", "url": url, "sql": sql, **options}


def execute(daemon: Daemon, url: str, sql: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon.post_ok(PATH, request_body(url, sql, **options))
    return found


def reject(daemon: Daemon, url: str, sql: str, code: str, **options: Any) -> str:
    return daemon.post_rejected(PATH, request_body(url, sql, **options), code)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def test_columns_have_the_names_and_types_of_the_server(daemon: Daemon, clickhouse: str) -> None:
    found = execute(daemon, clickhouse, "SELECT 1 AS a, [toNullable('x')] AS `b c`")
    columns = [(column["name"], column["type"]) for column in found["columns"]]
    assert columns == [("a", "UInt8"), ("b c", "Array(Nullable(String))")]
    assert found["rows"] == [[1, ["x"]]]


def test_result_without_rows_has_columns(daemon: Daemon, clickhouse: str) -> None:
    found = execute(daemon, clickhouse, "SELECT number FROM numbers(0)")
    assert (found["columns"], found["rows"]) == ([{"name": "number", "type": "UInt64"}], [])


@pytest.mark.parametrize(("rows", "truncated"), [(4, True), (5, False), (6, False)])
def test_rows_beyond_the_limit_are_omitted(daemon: Daemon, clickhouse: str, rows: int, truncated: bool) -> None:
    found = execute(daemon, clickhouse, "SELECT number FROM numbers(5)", max_rows=rows)
    assert (len(found["rows"]), found["truncated"]) == (min(rows, 5), truncated)
    assert found["truncated_by"] == ("rows" if truncated else None)


def test_bytes_beyond_the_limit_are_omitted(daemon: Daemon, clickhouse: str) -> None:
    wide = "SELECT repeat('x', {}) AS x FROM numbers(50)"
    found = execute(daemon, clickhouse, wide.format(1000), max_bytes=10_240)
    assert (found["row_count"], found["truncated_by"]) == (10, "bytes")
    found = execute(daemon, clickhouse, wide.format(200_000), max_bytes=4096)
    assert (found["rows"], found["truncated_by"]) == ([], "bytes")


def test_server_stops_after_the_requested_rows(daemon: Daemon, clickhouse: str) -> None:
    found = execute(daemon, clickhouse, "SELECT number FROM system.numbers", max_rows=3)
    assert (found["rows"], found["truncated_by"]) == ([[0], [1], [2]], "rows")


def test_statement_ends_at_its_timeout(daemon: Daemon, clickhouse: str) -> None:
    assert "did not answer a query within 1 s" in reject(
        daemon, clickhouse, ENDLESS, "statement_timeout", statement_timeout_ms=1000
    )


@pytest.mark.parametrize("statement", ["CREATE TABLE default.never (a Int8) ENGINE = Memory", "SET max_threads = 1"])
def test_only_queries_pass_the_check(daemon: Daemon, clickhouse: str, statement: str) -> None:
    reject(daemon, clickhouse, statement, "not_read_only")


def test_session_is_read_only_and_independent_of_the_profile(daemon: Daemon, clickhouse: str) -> None:
    names = ("readonly", "session_timezone", "limit", "join_use_nulls", "max_execution_time")
    listed = ", ".join(f"toString(getSetting('{name}'))" for name in names)
    (row,) = execute(daemon, clickhouse, f"SELECT {listed}", statement_timeout_ms=7500)["rows"]
    assert row == ["2", "UTC", "0", "false", "8"]


def test_settings_of_a_plan_of_the_semantic_layer_apply(daemon: Daemon, clickhouse: str) -> None:
    join = "SELECT b.x FROM (SELECT 1 AS k) AS a LEFT JOIN (SELECT 2 AS k, 3 AS x) AS b ON a.k = b.k"
    assert execute(daemon, clickhouse, join)["rows"] == [[0]]
    assert execute(daemon, clickhouse, f"{join} SETTINGS join_use_nulls = 1")["rows"] == [[None]]


def test_statements_carry_the_tag_of_ktx_and_the_id_of_the_request(daemon: Daemon, clickhouse: str) -> None:
    body = request_body(clickhouse, "SELECT getSetting('log_comment') AS tag")
    answer = daemon.post(PATH, body, headers={"x-request-id": "req-42"})
    assert re.fullmatch(r"KTX \d+\.\d+\.\d+\S* ktx/req-42", answer.json()["rows"][0][0])


@pytest.mark.parametrize(
    ("code", "text", "expected", "detail"),
    [
        (
            497,
            "ada: Not enough privileges. To execute this query, it's necessary to have the grant SELECT(a) ON shop.t",
            "permission_denied",
            "Ask for: GRANT SELECT(a) ON shop.t TO ada",
        ),
        (
            201,
            "Quota for user `ada` for 3600s has been exceeded: queries = 2/1",
            "query_failed",
            "interval of the quota",
        ),
        (241, "Memory limit (total) exceeded: would use 9.00 GiB", "query_failed", "max_memory_usage"),
        (394, "Query was cancelled", "statement_timeout", "did not answer"),
        (516, "ada: Authentication failed: password is incorrect", "authentication_failed", "login of user 'ada'"),
    ],
)
def test_errors_of_a_server_are_translated(
    daemon: Daemon, clickhouse: str, code: int, text: str, expected: str, detail: str
) -> None:
    played = Answer(
        f"Code: {code}. DB::Exception: {text}. (ERROR_NAME) (version 26.9.1.1 (official))".encode(), 500, str(code)
    )
    with proxy(port_of(clickhouse), lambda sql: played if "marker" in sql else sql) as port:
        url = f"clickhouse://ada:{PASSWORD}@127.0.0.1:{port}"
        error = daemon.post(PATH, request_body(url, "SELECT 'marker'")).json()
    assert error["code"] == expected
    assert detail in f"{error['detail']}. {error.get('hint')}"
    assert PASSWORD not in str(error)
    assert "version" not in str(error)


def test_busy_server_is_asked_again(daemon: Daemon, clickhouse: str) -> None:
    busy = Answer(b"Code: 202. DB::Exception: Too many simultaneous queries. (SYNTAX_ERROR)", 500, "202")
    answers: list[str | Answer] = [busy, busy]
    with proxy(port_of(clickhouse), lambda sql: answers.pop() if "marker" in sql and answers else sql) as port:
        found = execute(daemon, f"clickhouse://127.0.0.1:{port}", "SELECT 'marker'")
    assert found["rows"] == [["marker"]]
    assert not answers


def test_setting_that_the_profile_constrains_is_left_out(daemon: Daemon, clickhouse: str) -> None:
    text = "Code: 452. DB::Exception: Setting max_execution_time shouldn't be greater than 1. (SYNTAX_ERROR)"
    answers: list[str | Answer] = [Answer(text.encode(), 500, "452")]
    with proxy(port_of(clickhouse), lambda sql: answers.pop() if "marker" in sql and answers else sql) as port:
        sql = "SELECT 'marker', toString(getSetting('max_execution_time'))"
        found = execute(daemon, f"clickhouse://127.0.0.1:{port}", sql)
    assert found["rows"] == [["marker", "0"]]


def test_user_whose_profile_is_read_only_can_be_used(daemon: Daemon, clickhouse: str) -> None:
    """Under `readonly = 1` every setting is refused, also harmless ones."""
    constrained = "if(name = 'readonly', '1', value) AS value, toUInt8(1) AS readonly"

    def constrain(sql: str) -> str:
        if "FROM system.settings" in sql:
            return sql.replace("value, readonly", constrained)
        return sql

    with proxy(port_of(clickhouse), constrain) as port:
        sql = "SELECT toInt64(9007199254740993) AS a, toDecimal256('1.12345678901234567890', 20) AS b, now() AS c, "
        sql += "nan AS d, toString(getSetting('readonly')) AS e, getSetting('log_comment') AS f"
        (row,) = execute(daemon, f"clickhouse://127.0.0.1:{port}", sql)["rows"]
    assert row[:2] == ["9007199254740993", "1.1234567890123456789"]
    assert row[3:] == [None, "0", ""]


@pytest.mark.parametrize(
    "ending",
    [
        b"Code: 395. DB::Exception: boom happened. (SYNTAX_ERROR)",
        b"__exception__\r\na\r\nCode: 395. DB::Exception: boom happened. (SYNTAX_ERROR)\r\n9 a\r\n__exception__\r\n",
        b'{"exception": "Code: 395. DB::Exception: boom happened. (SYNTAX_ERROR)"}',
    ],
)
def test_error_after_the_first_rows_is_an_error(daemon: Daemon, clickhouse: str, ending: bytes) -> None:
    played = Answer(b'["a"]\n["UInt8"]\n[1]\n[2]\n' + ending)
    with proxy(port_of(clickhouse), lambda sql: played if "marker" in sql else sql) as port:
        detail = reject(daemon, f"clickhouse://127.0.0.1:{port}", "SELECT 'marker'", "query_failed")
    assert detail.endswith("failed: boom happened")


def test_unreachable_servers_are_distinguished(daemon: Daemon, clickhouse: str) -> None:
    port = port_of(clickhouse)
    for url, code, detail in [
        (f"clickhouse://127.0.0.1:{find_closed_port()}", "connection_failed", "connection refused"),
        ("clickhouse://ktx.invalid", "host_not_found", "the host name 'ktx.invalid' is not known"),
        (f"clickhouses://127.0.0.1:{port}", "tls_failed", "set secure: false"),
        (f"https://127.0.0.1:{port}", "tls_failed", "wrong version number"),
        (f"clickhouse://127.0.0.1:{port}/nope", "database_not_found", "has no database 'nope'"),
        (
            f"clickhouse://127.0.0.1:{port}?proxy=127.0.0.1:{find_closed_port()}",
            "connection_failed",
            "through the proxy",
        ),
        (
            f"clickhouse://127.0.0.1:{port}?secure=maybe",
            "invalid_url",
            "secure of the connection URL must be true or false",
        ),
        (f"clickhouse://127.0.0.1:{port}?secure=true&ca_cert=/nope.pem", "tls_failed", "No such file"),
    ]:
        error = daemon.post(PATH, request_body(url, "SELECT 1")).json()
        assert (error["code"], detail in f"{error['detail']}. {error.get('hint')}") == (code, True), error


def test_certificate_of_the_server_is_verified(daemon: Daemon, clickhouse: str, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with proxy(port_of(clickhouse), lambda sql: sql, tls) as port:
        url = f"clickhouses://127.0.0.1:{port}"
        assert "certificate verify failed" in reject(daemon, url, "SELECT 1", "tls_failed")
        for parameters in (f"ca_cert={certificate}", "verify=false"):
            assert execute(daemon, f"{url}?{parameters}", "SELECT 1")["rows"] == [[1]]
        wrong_host = f"clickhouses://localhost:{port}?ca_cert={certificate}"
        assert "Hostname mismatch" in reject(daemon, wrong_host, "SELECT 1", "tls_failed")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "clickhouse://h",
            {"interface": "http", "port": 8123, "username": "default", "password": "", "database": None},
        ),
        (
            "clickhouses://ada:p%40ss@h/shop",
            {"interface": "https", "port": 8443, "password": "p@ss", "database": "shop"},
        ),
        ("clickhouse://ada:x@h:8443", {"interface": "https", "username": "ada"}),
        ("clickhouse://h:8443?secure=false", {"interface": "http", "port": 8443}),
        ("https://h?access_token=secret", {"access_token": "secret", "username": None}),
        ("https://ada@h?client_cert=/c.pem", {"client_cert": "/c.pem", "tls_mode": "mutual", "username": "ada"}),
        ("https://ada:x@h?client_cert=/c.pem", {"client_cert": "/c.pem", "tls_mode": "strict", "password": "x"}),
    ],
)
def test_url_becomes_arguments_of_the_driver(url: str, expected: dict[str, Any]) -> None:
    target = Target.from_request(ExecuteSql("w", "clickhouse", url, "SELECT 1"))
    server = Server.from_target(target)
    arguments = server.client_arguments(target)
    assert {name: arguments.get(name) for name in expected} == expected
    assert "secret" not in f"{server} {server!r}"


def test_server_that_does_not_answer_ends_the_login(daemon: Daemon) -> None:
    with silent_server() as port:
        url = f"clickhouse://127.0.0.1:{port}"
        reject(daemon, url, "SELECT 1", "connection_timeout", connection_timeout_seconds=0.5)


def test_server_that_is_not_clickhouse_is_an_error(daemon: Daemon) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with proxy(port, lambda _: Answer(b"<html>Not Found</html>", 404)) as wrong:
            detail = reject(daemon, f"clickhouse://127.0.0.1:{wrong}", "SELECT 1", "connection_failed")
    assert "Not Found" in detail


def test_wrong_password_is_refused_by_the_server(daemon: Daemon, old_server: int) -> None:
    url = f"clickhouse://default:wrong-{PASSWORD}@127.0.0.1:{old_server}"
    detail = reject(daemon, url, "SELECT 1", "authentication_failed")
    assert "refused the login of user 'default'" in detail
    assert PASSWORD not in detail


def test_server_that_is_too_old_for_the_driver_is_named(daemon: Daemon, old_server: int) -> None:
    url = f"clickhouse://default:{PASSWORD}@127.0.0.1:{old_server}"
    assert reject(daemon, url, "SELECT 1", "connection_failed").endswith("is too old for the driver")


def running(port: int) -> str:
    """Return the number of endless statements on the old server."""
    sql = "SELECT count() FROM system.processes WHERE query LIKE '%100000000000000%' AND query NOT LIKE '%processes%'"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", sql.encode())
    request.add_header("X-ClickHouse-User", "default")
    request.add_header("X-ClickHouse-Key", PASSWORD)
    with urllib.request.urlopen(request) as response:
        return str(response.read().decode().strip())


@pytest.mark.parametrize("sees_disconnect", [True, False])
def test_statement_ends_on_the_server_when_the_caller_disconnects(
    daemon: Daemon, old_server: int, sees_disconnect: bool
) -> None:
    """Either by the closed connection, or, if something between keeps it open, by `KILL QUERY`."""

    def change(sql: str) -> str:
        if "FROM system.settings" in sql and not sees_disconnect:
            sql = f"{sql}".replace("LIMIT", "WHERE name != 'cancel_http_readonly_queries_on_client_close' LIMIT")
        return modern(sql)

    with proxy(old_server, change) as port:
        connection = daemon.connect()
        url = f"clickhouse://default:{PASSWORD}@127.0.0.1:{port}"
        send(daemon, connection, request_body(url, ENDLESS, statement_timeout_ms=600_000))
        wait_until(lambda: running(old_server) == "1", "the statement runs")
        connection.close()
        wait_until(lambda: running(old_server) == "0", "the statement has ended")


def test_native_port_is_named(daemon: Daemon, tmp_path: Path) -> None:
    """ClickHouse answers on it in HTTP, with status 400."""
    played = Answer(b"Port 9000 is for clickhouse-client program\r\nYou must use port 8123 for HTTP.\r\n", 400)
    with proxy(find_closed_port(), lambda _: played) as port:
        detail = reject(daemon, f"clickhouse://127.0.0.1:{port}", "SELECT 1", "connection_failed")
    assert "is the port of the native protocol" in detail


def test_front_answers_plain_http(clickhouse: str) -> None:
    assert run(port_of(clickhouse), "SELECT 1").strip() == "1"
