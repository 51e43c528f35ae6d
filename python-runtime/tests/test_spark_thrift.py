"""Spark's Thrift server: logins, transports, queries, and the end of statements.

The server of the tests has the real transports and login, and answers that were recorded from Spark 4.3.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.introspection import silent_server
from tests.spark import PASSWORD, TOKEN, USER, Recording, ThriftServer, http_server, texts, thrift_server
from tests.test_execution_limits import send, wait_until
from tests.test_postgres_tls import make_certificate
from tests.test_spark import execute, reject, request_body, scan

DIVISION = """org.apache.hive.service.cli.HiveSQLException: Error running query: [DIVIDE_BY_ZERO] \
org.apache.spark.SparkArithmeticException: [DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor \
being 0 and return NULL instead. SQLSTATE: 22012
== SQL (line 2, position 8) ==
select 1/0
       ^^^

\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(Errors.scala:43)"""
MISSING = """org.apache.hive.service.cli.HiveSQLException: Error running query: [TABLE_OR_VIEW_NOT_FOUND] \
org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table or view `nope` cannot be found. SQLSTATE: \
42P01; line 1 pos 14;
'Project [*]

\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(Errors.scala:43)"""
ORDERS = """{"table_name":"orders","columns":[{"name":"id","type":{"name":"bigint"},"nullable":false,"comment":"key"},\
{"name":"s","type":{"name":"struct","fields":[{"name":"a","type":{"name":"decimal","precision":9,"scale":2},\
"nullable":true,"comment":"sub"}]},"nullable":true}],"type":"MANAGED","provider":"parquet","comment":"sold",\
"statistics":{"size_in_bytes":2261,"num_rows":7},"partition_columns":["day"]}"""


def describe(*columns: tuple[str, str]) -> Recording:
    names, types = zip(*columns, strict=True)
    return Recording([texts("col_name", *names), texts("data_type", *types), texts("comment", *[None] * len(names))])


RECORDINGS = {
    "DESCRIBE QUERY\nSELECT id, tags": describe(("id", "bigint"), ("tags", "map<string,int>"), ("at", "timestamp")),
    "to_json(c1": Recording(
        [
            ("id", 4, "i64Val", [9007199254740993, None]),
            texts("c1", '{"k":1}', None),
            ("at", 8, "stringVal", [b"2024-02-29 12:30:00.5", None]),
        ]
    ),
    "DESCRIBE QUERY\nSELECT 1 / 0": describe(("(1 / 0)", "double")),
    "(\nSELECT 1 / 0": Recording(error=DIVISION, state="22012"),
    "SELECT * FROM nope": Recording(error=MISSING, state="42P01"),
    "DESCRIBE QUERY\nSELECT 1": describe(("1", "int")),
    "(\nSELECT 1": Recording([("1", 3, "i32Val", [1])]),
    "DESCRIBE QUERY\nSELECT 'endless'": describe(("endless", "string")),
    "(\nSELECT 'endless'": Recording(endless=True),
    "SHOW NAMESPACES": Recording([texts("namespace", "default", "shop")]),
    "SHOW TABLES IN `shop`": Recording(
        [
            texts("namespace", "shop", "shop", ""),
            texts("tableName", "orders", "broken", "mine"),
            ("isTemporary", 0, "boolVal", [False, False, True]),
        ]
    ),
    "SHOW VIEWS IN `shop`": Recording(
        [texts("namespace", "shop"), texts("viewName", "broken"), ("isTemporary", 0, "boolVal", [False])]
    ),
    "`shop`.`orders` AS JSON": Recording([texts("json_metadata", ORDERS)]),
    "`shop`.`broken`": Recording(error=MISSING, state="42P01"),
}


@pytest.fixture(name="server")
def _server() -> ThriftServer:
    return ThriftServer(RECORDINGS)


@pytest.fixture
def url(server: ThriftServer) -> Iterator[str]:
    """Return the URL of a server with SASL and passwords."""
    with thrift_server(server) as port:
        yield f"spark://{USER}:{PASSWORD}@127.0.0.1:{port}/"


def test_values_have_the_types_of_the_described_query(daemon: Daemon, url: str) -> None:
    found = execute(daemon, url, "SELECT id, tags, at FROM orders")
    assert [column["type"] for column in found["columns"]] == ["bigint", "map<string,int>", "timestamp"]
    assert found["rows"] == [["9007199254740993", {"k": 1}, "2024-02-29T12:30:00.500000+00:00"], [None, None, None]]


def test_session_has_its_settings_and_statements_their_tag(daemon: Daemon, url: str, server: ThriftServer) -> None:
    execute(daemon, url, "SELECT 1", max_rows=5)
    (opened,) = server.open_requests
    assert opened.configuration["set:hiveconf:spark.sql.session.timeZone"] == "UTC"
    assert opened.configuration["set:hiveconf:spark.sql.variable.substitute"] == "false"
    described, limited = server.statements
    assert described.startswith("DESCRIBE QUERY\nSELECT 1\n/* KTX ")
    assert limited.startswith("SELECT * FROM (\nSELECT 1\n) LIMIT 6\n/* KTX ")
    assert "ktx/" in limited
    assert server.calls[-2:] == ["CloseOperation", "CloseSession"]


def test_schema_of_the_url_is_used(daemon: Daemon, url: str, server: ThriftServer) -> None:
    execute(daemon, f"{url}hive.shop", "SELECT 1")
    assert server.statements[0].startswith("USE `hive`.`shop`\n")


def test_errors_have_the_message_of_spark_and_the_position_in_the_statement(daemon: Daemon, url: str) -> None:
    detail = reject(daemon, url, "SELECT * FROM nope", "query_failed")
    assert detail.endswith("failed: The table or view `nope` cannot be found (line 1, position 14)")
    detail = reject(daemon, url, "SELECT 1 / 0", "query_failed")
    assert detail.endswith(
        "failed: Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead"
    )


@pytest.mark.parametrize("timeout", [True, False], ids=["timeout", "disconnect"])
def test_statement_is_cancelled_by_a_second_connection(
    daemon: Daemon, url: str, server: ThriftServer, timeout: bool
) -> None:
    body = request_body(url, "SELECT 'endless'", statement_timeout_ms=300 if timeout else 600_000)
    with closing(daemon.connect()) as connection:
        send(daemon, connection, body)
        if timeout:
            assert b"statement_timeout" in connection.getresponse().read()
        else:
            # The client knows the operation; before that, it closes the session only.
            wait_until(lambda: len(server.statements) == 2 and server.calls[-1] == "GetOperationStatus")
    wait_until(server.canceled.is_set)
    wait_until(lambda: server.calls[-1] == "CloseSession")


def test_wrong_password(daemon: Daemon, url: str) -> None:
    detail = reject(daemon, url.replace(PASSWORD, "wrong-password"), "SELECT 1", "authentication_failed")
    assert (f"refused the login of user '{USER}'" in detail, "wrong-password" in detail) == (True, False)


def test_keys_of_the_login(daemon: Daemon, server: ThriftServer) -> None:
    with thrift_server(server, sasl=False) as port:
        assert execute(daemon, f"spark://{USER}@127.0.0.1:{port}/?auth=NOSASL", "SELECT 1")["rows"] == [[1]]
    with thrift_server(server) as port:
        response = daemon.post("/sql/execute", request_body(f"spark://h@127.0.0.1:{port}/?auth=NOSASL", "SELECT 1"))
        assert (
            response.json()["hint"] == "If the server uses SASL, which is the default, set auth to NONE, LDAP or CUSTOM"
        )
    assert "Kerberos" in reject(daemon, "spark://h/?auth=KERBEROS", "SELECT 1", "invalid_url")
    assert "one of NONE, LDAP" in reject(daemon, "spark://h/?auth=other", "SELECT 1", "invalid_url")


def test_server_that_does_not_answer_the_login(daemon: Daemon) -> None:
    with silent_server() as port:
        body = request_body(f"spark://h@127.0.0.1:{port}/", "SELECT 1", connection_timeout_seconds=0.5)
        answer = daemon.post("/sql/execute", body).json()
    assert answer["code"] == "connection_timeout"
    assert "set auth: NOSASL" in answer["hint"]


def test_tls(daemon: Daemon, server: ThriftServer, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with thrift_server(server, tls=tls) as port:
        url = f"spark://{USER}:{PASSWORD}@127.0.0.1:{port}/?use_ssl=true"
        assert "self-signed certificate" in reject(daemon, url, "SELECT 1", "tls_failed")
        assert execute(daemon, f"{url}&ca_cert={certificate}", "SELECT 1")["rows"] == [[1]]


def test_http(daemon: Daemon, server: ThriftServer) -> None:
    with http_server(server) as port:
        url = f"spark://127.0.0.1:{port}/?http_path=cliservice&token={TOKEN}"
        assert execute(daemon, url, "SELECT 1")["rows"] == [[1]]
        detail = reject(daemon, url.replace(TOKEN, "wrong-token"), "SELECT 1", "authentication_failed")
        assert (detail.endswith("refused the login of this token"), "wrong-token" in detail) == (True, False)
        detail = reject(daemon, url.replace("cliservice", "other"), "SELECT 1", "connection_failed")
        assert "HTTP status 404" in detail


def test_scan_warns_of_tables_that_cannot_be_described(daemon: Daemon, url: str) -> None:
    found = scan(daemon, url, schemas=["SHOP"])
    orders, broken = (
        next(table for table in found["tables"] if table["name"] == name) for name in ("orders", "broken")
    )
    assert (orders["estimated_rows"], orders["bytes"], orders["partition_key"]) == (7, 2261, "day")
    assert (broken["name"], broken["kind"], broken["columns"]) == ("broken", "view", [])
    (warning,) = found["warnings"]
    assert warning.startswith("`shop`.`broken` cannot be described: ")


def test_scan_describes_in_as_many_sessions_as_the_connection_may_run(daemon: Daemon) -> None:
    names = [f"t{number}" for number in range(250)]
    listed = [
        texts("namespace", *["shop"] * 250),
        texts("tableName", *names),
        ("isTemporary", 0, "boolVal", [False] * 250),
    ]
    server = ThriftServer(
        {**RECORDINGS, "SHOW TABLES IN `shop`": Recording(listed), " AS JSON": Recording([texts("j", ORDERS)])}
    )
    with thrift_server(server) as port:
        url = f"spark://{USER}:{PASSWORD}@127.0.0.1:{port}/shop"
        found = scan(daemon, url, exclude=["broken"], max_concurrent_statements=3)
    assert {len(table["columns"]) for table in found["tables"]} == {2}
    assert (len(found["tables"]), len(server.open_requests)) == (250, 3)


def field_of(column: dict[str, Any]) -> dict[str, Any]:
    (found,) = column["fields"]
    return found  # type: ignore[no-any-return]


def test_scan_reads_types_and_comments(daemon: Daemon, url: str) -> None:
    (orders,) = scan(daemon, url, schemas=["shop"], include=["orders"])["tables"]
    key, nested = orders["columns"]
    assert (key["nullable"], key["comment"]) == (False, "key")
    assert nested["type"] == "struct<a:decimal(9,2)>"
    assert field_of(nested) == {"path": ["a"], "type": "decimal(9,2)", "comment": "sub"}
