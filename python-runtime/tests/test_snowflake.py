"""Snowflake: logins, queries, limits, errors and the end of statements.

Snowflake runs in the vendor's cloud only: a local server answers its connector by what the documentation shows.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.interface import load_estimate_cost
from ktx_daemon.warehouses.model.cost import Cost
from tests.daemon import Daemon, Response, wait_until
from tests.introspection import silent_server
from tests.snowflake import ENDLESS, Failure, Recorder, Result, snowflake_server, texts
from tests.test_execution_limits import send

PATH = "/sql/execute"
PASSWORD = "hunter2-of-snowflake"
USER = f"ada:{PASSWORD}@"
NUMBER = {"type": "fixed", "precision": 38, "scale": 0}


def url_of(server: str, more: str = "", user: str = USER) -> str:
    return f"snowflake://{user}acme-main/shop/public?{server}{more}"


def request_body(url: str, sql: str = "SELECT 1 AS a", **options: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "snowflake", "url": url, "sql": sql, **options}


def execute(daemon: Daemon, url: str, sql: str = "SELECT 1 AS a", **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon.post_ok(PATH, request_body(url, sql, **options))
    return found


def error_of(answer: Response) -> tuple[str, str, str]:
    assert answer.status == 400
    body = answer.json()
    assert PASSWORD not in answer.body.decode()
    return body["code"], body["detail"], body.get("hint", "")


def refused_login(daemon: Daemon, failure: Failure, more: str = "", user: str = USER) -> tuple[str, str, str]:
    with snowflake_server(login=failure) as (server, _):
        return error_of(daemon.post(PATH, request_body(url_of(server, more, user))))


def refused_statement(daemon: Daemon, failure: Failure, more: str = "") -> tuple[str, str, str]:
    with snowflake_server(lambda _: failure) as (server, _):
        return error_of(daemon.post(PATH, request_body(url_of(server, more))))


def logged_in(daemon: Daemon, more: str, user: str = USER) -> dict[str, Any]:
    with snowflake_server() as (server, seen):
        execute(daemon, url_of(server, more, user))
    (login,) = seen.logins
    return login


def test_columns_have_the_names_and_types_of_the_server(daemon: Daemon) -> None:
    kinds = {"type": "timestamp_ntz", "scale": 9}
    result = Result([("A", NUMBER), ("a b", kinds), ("A", {})], [["1", "0.000000001", "x"]])
    with snowflake_server(lambda _: result) as (server, _):
        found = execute(daemon, url_of(server))
    columns = [(column["name"], column["type"]) for column in found["columns"]]
    assert columns == [("A", "NUMBER(38, 0)"), ("a b", "TIMESTAMP_NTZ(9)"), ("A", "VARCHAR")]
    assert found["rows"] == [[1, "1970-01-01T00:00:00.000000001", "x"]]


def test_result_without_rows_has_columns(daemon: Daemon) -> None:
    with snowflake_server(lambda _: Result([("A", NUMBER)])) as (server, _):
        found = execute(daemon, url_of(server))
    assert (found["columns"], found["rows"]) == ([{"name": "A", "type": "NUMBER(38, 0)"}], [])


@pytest.mark.parametrize(("rows", "truncated"), [(4, True), (5, False)])
def test_rows_beyond_the_limit_are_omitted(daemon: Daemon, rows: int, truncated: bool) -> None:
    result = Result([("A", NUMBER)], [[str(number)] for number in range(5)])
    with snowflake_server(lambda _: result) as (server, seen):
        found = execute(daemon, url_of(server), max_rows=rows)
    assert (len(found["rows"]), found["truncated_by"]) == (min(rows, 5), "rows" if truncated else None)
    assert seen.logins[0]["SESSION_PARAMETERS"]["ROWS_PER_RESULTSET"] == str(rows + 1)


def test_bytes_beyond_the_limit_are_omitted(daemon: Daemon) -> None:
    with snowflake_server(lambda _: Result([("A", {})], [["x" * 1000]] * 50)) as (server, _):
        found = execute(daemon, url_of(server), max_bytes=10_240)
    assert (found["row_count"], found["truncated_by"]) == (10, "bytes")


def test_session_has_fixed_parameters_and_the_tag_of_the_request(daemon: Daemon) -> None:
    with snowflake_server() as (server, seen):
        more = '&session_parameters={"week_start":1,"timezone":"Asia/Tokyo"}&warehouse=WH&role=ANALYST'
        body = request_body(url_of(server, more), statement_timeout_ms=7500)
        assert daemon.post(PATH, body, headers={"x-request-id": "req-42"}).status == 200
    parameters = seen.logins[0]["SESSION_PARAMETERS"]
    assert re.fullmatch(r"KTX \d+\.\d+\.\d+\S* ktx/req-42", parameters["QUERY_TAG"])
    expected = {
        "WEEK_START": "1",
        "TIMEZONE": "UTC",
        "STATEMENT_TIMEOUT_IN_SECONDS": "8",
        "ABORT_DETACHED_QUERY": "true",
        "MULTI_STATEMENT_COUNT": "1",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": "false",
        "CLIENT_TELEMETRY_ENABLED": "false",
    }
    assert {name: parameters[name] for name in expected} == expected
    assert seen.queries == [{"databaseName": "shop", "schemaName": "public", "warehouse": "WH", "roleName": "ANALYST"}]


def test_session_is_closed_and_reports_nothing_else(daemon: Daemon) -> None:
    with snowflake_server() as (server, seen):
        execute(daemon, url_of(server))
    assert seen.paths == ["/session/v1/login-request", "/queries/v1/query-request", "/session"]
    assert seen.logins[0]["CLIENT_ENVIRONMENT"]["APPLICATION"] == "KTX"


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE t (a INT)", "USE ROLE accountadmin", "CALL p()", "PUT file:///a @b"]
)
def test_only_queries_pass_the_check(daemon: Daemon, statement: str) -> None:
    with snowflake_server() as (server, seen):
        daemon.post_rejected(PATH, request_body(url_of(server), statement), "not_read_only")
    assert not seen.statements


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    generate = ["openssl", "genrsa", "-out", folder / "rsa.pem", "2048"]
    subprocess.run(generate, check=True, capture_output=True)
    for name, ways in (("plain", ["-nocrypt"]), ("locked", ["-v2", "aes-256-cbc", "-passout", f"pass:{PASSWORD}"])):
        convert = ["openssl", "pkcs8", "-topk8", "-in", folder / "rsa.pem", "-out", folder / f"{name}.p8", *ways]
        subprocess.run(convert, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("more", ["plain.p8", f"locked.p8&private_key_file_pwd={PASSWORD}"])
def test_key_pair_signs_the_login(daemon: Daemon, keys: Path, more: str) -> None:
    login = logged_in(daemon, f"&private_key_file={keys}/{more}", "ada@")
    assert (login["AUTHENTICATOR"], login["LOGIN_NAME"]) == ("SNOWFLAKE_JWT", "ada")
    assert len(login["TOKEN"].split(".")) == 3
    assert "PASSWORD" not in login


def test_key_that_cannot_be_read_is_an_error(daemon: Daemon, keys: Path) -> None:
    with snowflake_server() as (server, seen):
        wrong = url_of(server, f"&private_key_file={keys}/locked.p8&private_key_file_pwd=wrong-passphrase", "ada@")
        code, detail, hint = error_of(daemon.post(PATH, request_body(wrong)))
        assert (code, "cannot be read" in detail) == ("authentication_failed", True)
        assert "private_key_file_pwd" in hint
        missing = url_of(server, f"&private_key_file={keys}/none.p8", "ada@")
        assert "No such file" in daemon.post_rejected(PATH, request_body(missing), "invalid_value")
    assert not seen.logins


@pytest.mark.parametrize(
    ("more", "user", "expected"),
    [
        ("", USER, {"LOGIN_NAME": "ada", "PASSWORD": PASSWORD}),
        ("&token=secret-token", "ada@", {"AUTHENTICATOR": "PROGRAMMATIC_ACCESS_TOKEN", "TOKEN": "secret-token"}),
        ("&token=secret-token&authenticator=oauth", "", {"AUTHENTICATOR": "OAUTH", "TOKEN": "secret-token"}),
        (
            "&authenticator=username_password_mfa&passcode=123456",
            USER,
            {"AUTHENTICATOR": "USERNAME_PASSWORD_MFA", "PASSCODE": "123456", "EXT_AUTHN_DUO_METHOD": "passcode"},
        ),
    ],
)
def test_login_has_the_credentials_of_the_url(daemon: Daemon, more: str, user: str, expected: dict[str, str]) -> None:
    login = logged_in(daemon, more, user)
    assert {name: login.get(name) for name in expected} == expected


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the vendor's files, with a `config.toml` that asks for logs, which must not be read."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "config.toml").write_text(f"[log]\nsave_logs = true\nlevel = 'DEBUG'\npath = '{folder}/logs'\n")
    return folder


@pytest.fixture(scope="module")
def at_home(home: Path) -> Iterator[Daemon]:
    """Start a daemon whose user has that folder."""
    with Daemon(SNOWFLAKE_HOME=str(home), SF_TEMPORARY_CREDENTIAL_CACHE_DIR=str(home)) as running:
        yield running


def write_entry(home: Path, *lines: str) -> None:
    credentials = ["[prod]", "account = 'acme-main'", "user = 'ada'", f"password = '{PASSWORD}'"]
    (home / "connections.toml").write_text("\n".join([*credentials, *lines]))


def test_entry_of_the_vendors_file_is_used_and_overridden(at_home: Daemon, home: Path) -> None:
    with snowflake_server() as (server, seen):
        lines = [f"{name} = '{value}'" for name, value in (pair.split("=") for pair in server.split("&"))]
        write_entry(home, "role = 'LOADER'", *lines)
        execute(at_home, "snowflake:///?connection_name=prod&role=ANALYST")
        code, detail, hint = error_of(at_home.post(PATH, request_body("snowflake:///?connection_name=other")))
    assert (seen.logins[0]["LOGIN_NAME"], seen.queries[0]["roleName"]) == ("ada", "ANALYST")
    assert not (home / "logs").exists()
    assert (code, hint) == ("invalid_value", "Use one of: prod")
    assert "has no connection 'other'" in detail


def test_credentials_of_the_machine_are_sent_to_no_host_of_a_project(at_home: Daemon, home: Path) -> None:
    destinations = ("host=evil.example", "host=127.0.0.1", "port=1", "protocol=http", "proxy_host=evil.example")
    write_entry(home)
    for more in (*destinations, "oauth_token_request_url=https://evil.example", "authenticator=https://evil.example"):
        body = request_body(f"snowflake:///?connection_name=prod&{more}")
        detail = at_home.post_rejected(PATH, body, "invalid_url")
        assert "must not change where its credentials are sent" in detail


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("snowflake://ada:secret@acme?host=example.com&protocol=http", "without TLS"),
        ("snowflake://ada:secret@acme%2Fevil.example/shop", "not a valid name"),
        ("snowflake:///shop", "names no account"),
        ("snowflake://ada@acme?private_key_file=/k.p8&host=evil.example", "to hosts of Snowflake only"),
        ("snowflake://ada:secret@acme?port=x", "The port must be a number"),
        ("snowflake://ada:secret@acme?session_parameters=[1]", "a JSON object"),
    ],
)
def test_unsafe_urls_are_refused(daemon: Daemon, url: str, detail: str) -> None:
    assert detail in daemon.post_rejected(PATH, request_body(url), "invalid_url")


@pytest.mark.parametrize("authenticator", ["workload_identity", "oauth_authorization_code", "http://evil.example"])
def test_other_ways_of_login_are_refused(daemon: Daemon, authenticator: str) -> None:
    with snowflake_server() as (server, seen):
        body = request_body(url_of(server, f"&authenticator={authenticator}"))
        assert "not supported" in daemon.post_rejected(PATH, body, "invalid_value")
    assert not seen.paths


def test_browser_is_not_opened(at_home: Daemon) -> None:
    with snowflake_server() as (server, seen):
        url = url_of(server, "&authenticator=externalbrowser", "ada@")
        code, detail, hint = error_of(at_home.post(PATH, request_body(url)))
    assert (code, "by the browser" in detail) == ("authentication_failed", True)
    assert "key pair" in hint
    assert not seen.paths


@pytest.mark.parametrize(
    ("failure", "detail", "hint"),
    [
        (Failure("390100", "Incorrect username or password was specified."), "refused the login of user 'ada'", ""),
        (Failure("390102", "User temporarily locked."), "has locked user 'ada'", "SET MINS_TO_UNLOCK = 0"),
        (Failure("394508", "MFA authentication is required."), "a second factor", "Use a key pair or an access token"),
        (
            Failure("390422", "Incoming request with IP/Token 192.0.2.7 is not allowed to access Snowflake."),
            "192.0.2.7 is not allowed",
            "network policy",
        ),
        (Failure("390318", "OAuth access token expired."), "which has expired", "Create another token"),
        (Failure("390999", "Something new."), "refused the login of user 'ada': Something new", ""),
    ],
)
def test_refused_logins_are_distinguished(daemon: Daemon, failure: Failure, detail: str, hint: str) -> None:
    code, found, advice = refused_login(daemon, failure)
    assert code == "authentication_failed"
    assert detail in found
    assert hint in advice


def test_role_that_the_user_lacks_is_named(daemon: Daemon) -> None:
    failure = Failure("390189", "Role 'LOADER' specified in the connect string does not exist or not authorized.")
    code, _, hint = refused_login(daemon, failure, "&role=LOADER")
    assert (code, hint) == ("permission_denied", "Ask for: GRANT ROLE LOADER TO USER ada")


@pytest.mark.parametrize("status", [403, 404])
def test_unknown_account_is_an_error(daemon: Daemon, status: int) -> None:
    code, detail, hint = refused_login(daemon, Failure("0", "<html>", status=status))
    assert (code, "does not exist at its host" in detail) == ("connection_failed", True)
    assert "organization-account" in hint


@pytest.mark.parametrize(
    ("failure", "code", "hint"),
    [
        (
            Failure("000606", "No active warehouse selected in the current session."),
            "query_failed",
            "GRANT USAGE ON WAREHOUSE WH TO ROLE ANALYST",
        ),
        (
            Failure("090073", "Warehouse 'WH' cannot be resumed because resource monitor 'M' has exceeded its quota."),
            "query_failed",
            "ALTER WAREHOUSE WH RESUME",
        ),
        (
            Failure("002003", "SQL compilation error:\nObject 'SHOP.PUBLIC.T' does not exist or not authorized."),
            "query_failed",
            "Check the name, or ask for: GRANT SELECT ON TABLE SHOP.PUBLIC.T TO ROLE ANALYST",
        ),
        (
            Failure("003001", "SQL access control error:\nInsufficient privileges to operate on table 'T'"),
            "permission_denied",
            "Ask for: GRANT SELECT ON TABLE T TO ROLE ANALYST",
        ),
        (
            Failure("000630", "Statement reached its statement or warehouse timeout of 30 second(s)."),
            "statement_timeout",
            "",
        ),
        (Failure("100051", "Division by zero"), "query_failed", ""),
    ],
)
def test_errors_of_a_statement_are_translated(daemon: Daemon, failure: Failure, code: str, hint: str) -> None:
    found, detail, advice = refused_statement(daemon, failure, "&warehouse=WH")
    assert found == code
    assert hint in advice
    assert "\n" not in detail
    assert not re.search(r"\d{6} \(", detail)


def test_statement_ends_on_the_server_at_its_timeout(daemon: Daemon) -> None:
    with snowflake_server(lambda _: ENDLESS) as (server, seen):
        detail = daemon.post_rejected(PATH, request_body(url_of(server), statement_timeout_ms=700), "statement_timeout")
        assert "did not answer a query within 0.7 s" in detail
        assert seen.statements == ["SELECT 1 AS a", "SELECT SYSTEM$CANCEL_ALL_QUERIES(42)"]


def test_statement_ends_on_the_server_when_the_caller_disconnects(daemon: Daemon) -> None:
    with snowflake_server(lambda _: ENDLESS) as (server, seen):
        connection = daemon.connect()
        send(daemon, connection, request_body(url_of(server), statement_timeout_ms=600_000))
        wait_until(lambda: seen.running == 1, "the statement runs")
        connection.close()
        wait_until(lambda: seen.running == 0, "the statement has ended")
    assert "SELECT SYSTEM$CANCEL_ALL_QUERIES(42)" in seen.statements


def test_server_that_does_not_answer_ends_the_login(daemon: Daemon) -> None:
    with silent_server() as port:
        url = f"snowflake://{USER}acme?host=127.0.0.1&port={port}&protocol=http"
        body = request_body(url, connection_timeout_seconds=1)
        detail = daemon.post_rejected(PATH, body, "connection_timeout")
    assert "did not accept a session within 1 s" in detail
    assert PASSWORD not in detail


def estimate(plan: str) -> tuple[Cost, Recorder]:
    with snowflake_server(lambda _: texts(["content"], [plan])) as (server, seen):
        target = Target.from_request(ExecuteSql("w", "snowflake", url_of(server), "SELECT 1"))
        return load_estimate_cost(target)(target, "SELECT a FROM t"), seen


def test_cost_is_that_of_the_partitions_after_pruning() -> None:
    plan = '{"GlobalStats":{"partitionsTotal":12,"partitionsAssigned":3,"bytesAssigned":4096},"Operations":[]}'
    cost, seen = estimate(plan)
    assert (cost.rows, cost.bytes, cost.accuracy) == (None, 4096, "upper_bound")
    assert seen.statements == ["EXPLAIN USING JSON SELECT a FROM t"]
