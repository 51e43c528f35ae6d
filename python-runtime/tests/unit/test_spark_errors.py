"""Errors of Spark: one sentence, with the next step."""

from __future__ import annotations

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.spark.errors import ServerError, explain, summarize
from ktx_daemon.warehouses.spark.server import Server, split_database

URL = "spark://ann:secret-password@h:1/"


def server(url: str = URL) -> Server:
    return Server.from_target(Target.from_request(ExecuteSql("w", "spark", url, "")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[PARSE_SYNTAX_ERROR] Syntax error at or near 'x'. SQLSTATE: 42601 (line 1, pos 3)\n\n== SQL ==\nx",
            "Syntax error at or near 'x' (line 1, position 3)",
        ),
        (
            "Error running query: org.apache.spark.AnalysisException: Table or view not found: nope; line 2 pos 14;",
            "Table or view not found: nope (line 2, position 14)",
        ),
        ("[_LEGACY_ERROR_TEMP_1] org.apache.X: [_LEGACY_ERROR_TEMP_1] It failed. More", "It failed. More"),
        ("java.lang.OutOfMemoryError: Java heap space\n\tat a.b.C", "Java heap space"),
        ("", "no reason is given"),
    ],
)
def test_messages_are_one_line(text: str, expected: str) -> None:
    assert summarize(text) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Total size of serialized results is bigger than spark.driver.maxResultSize (1024.0 MiB)", "driver"),
        ("java.lang.OutOfMemoryError: Java heap space", "driver"),
        ("Job aborted due to stage failure: ExecutorLostFailure (executor 3 exited)", "Executors"),
        ("Invalid SessionHandle: SessionHandle [x]", "restarted"),
    ],
)
def test_errors_of_the_cluster_have_a_next_step(text: str, hint: str) -> None:
    error = explain(ServerError(text), server(), 5, "query_failed")
    assert error.code == "query_failed"
    assert error.hint is not None
    assert hint in error.hint


@pytest.mark.parametrize(
    "error",
    [
        ServerError("[INSUFFICIENT_PERMISSIONS] Insufficient privileges", "42501"),
        ServerError("org.apache.hadoop.security.AccessControlException: Permission denied: user=ann, access=READ"),
        ServerError("SemanticException Unable to fetch table t. User ann does not have SELECT privilege"),
    ],
)
def test_missing_rights(error: ServerError) -> None:
    assert explain(error, server(), 5, "query_failed").code == "permission_denied"


def test_credentials_are_removed() -> None:
    error = explain(ServerError("cannot connect with secret-password"), server(), 5, "query_failed")
    assert "secret-password" not in error.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (None, None)),
        ("shop", (None, "shop")),
        ("main.shop", ("main", "shop")),
        ("`a.b`.`c``d`", ("a.b", "c`d")),
    ],
)
def test_database_of_a_url(text: str | None, expected: tuple[str | None, str | None]) -> None:
    assert split_database(text) == expected


def test_defaults_of_a_url() -> None:
    plain = server("spark://h/")
    assert (plain.method, plain.port, plain.auth, plain.uses_tls) == ("thrift", 10000, "NONE", False)
    assert server(URL.replace(":1/", "/")).auth == "LDAP"
    remote = server("spark://h/?method=connect&token=t")
    assert (remote.port, remote.uses_tls) == (15002, True)
    assert server("spark://h/?http_path=/sql/v1/&use_ssl=true").port == 443
    assert "secret" not in repr(server("spark://h/?method=connect&token=secret-token"))
