"""One-shot commands: JSON in, JSON out, one line and exit code 1 for invalid input."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ktx_daemon.operations import OPERATIONS
from tests.daemon import Daemon, run_command

REQUESTS = {
    "parse-table-identifier": {"items": [{"key": "a", "sql_table_name": "b.c", "dialect": "postgres"}]},
    "analyze-for-fingerprint": {"sql": "select 'größe' from t", "dialect": "postgres"},
    "analyze-batch": {"dialect": "postgres", "items": [{"id": "1", "sql": "select 1"}]},
    "validate-read-only": {"sql": "drop table t", "dialect": "postgres"},
}


@pytest.mark.parametrize("command", REQUESTS)
def test_command_has_the_response_of_the_endpoint(daemon: Daemon, command: str) -> None:
    result = run_command(command, stdin=json.dumps(REQUESTS[command]).encode())
    assert (result.returncode, result.stderr) == (0, b"")
    path = next(operation.path for operation in OPERATIONS if operation.command == command)
    assert json.loads(result.stdout) == daemon.post_ok(path, REQUESTS[command])


def test_database_introspect_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    request = {"connection_id": "c", "driver": "sqlite", "url": str(path)}
    result = run_command("database-introspect", stdin=json.dumps(request).encode())
    assert [table["name"] for table in json.loads(result.stdout)["tables"]] == ["t"]


@pytest.mark.parametrize(
    ("command", "stdin", "sentence"),
    [
        ("validate-read-only", b"", "not valid JSON"),
        ("validate-read-only", b"[]", "$: Expected object, got array"),
        ("validate-read-only", b'{"sql": 1}', "sql: Expected str, got int; dialect: Missing required field"),
        ("analyze-for-fingerprint", b'{"sql": "select (", "dialect": "postgres"}', "line 1, column"),
        (
            "database-introspect",
            b'{"connection_id": "c", "driver": "postgres", "url": "postgresql://u:geheim@127.0.0.1:1/d"}',
            "127.0.0.1:1/d cannot be reached",
        ),
        ("embedding-compute", b'{"text": "x"}', "ktx runtime install --feature local-embeddings --yes"),
        ("embedding-compute-bulk", b'{"texts": []}', "1 to 100"),
    ],
)
def test_invalid_input_is_one_line_and_exit_code_1(command: str, stdin: bytes, sentence: str) -> None:
    result = run_command(command, stdin=stdin)
    assert result.returncode == 1
    assert result.stdout == b""
    (line,) = result.stderr.decode().splitlines()
    assert sentence in line
    assert "geheim" not in line


def test_json_error_format_is_the_body_of_the_endpoint(daemon: Daemon) -> None:
    request = {"text": "x", "model": "another"}
    stdin = json.dumps(request).encode()
    result = run_command("embedding-compute", stdin=stdin, KTX_DAEMON_ERROR_FORMAT="json")
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("ktx-daemon: ")
    body = json.loads(line.removeprefix("ktx-daemon: "))
    assert body == daemon.post("/embeddings/compute", request).json()
    assert (body["code"], body["detail"]) == ("unknown_model", "There is no model 'another' here")
    assert body["hint"].endswith(", or for none")


def test_deeply_nested_statement_is_an_error() -> None:
    request = {"sql": "select " + "(" * 50_000, "dialect": "postgres"}
    result = run_command("analyze-for-fingerprint", stdin=json.dumps(request).encode())
    assert result.returncode == 1
    assert len(result.stderr.decode().splitlines()) == 1


def test_unknown_command_is_an_error_and_help_lists_commands() -> None:
    assert run_command("nonsense").returncode == 2
    assert b"serve-http" in run_command("--help").stdout
    assert run_command("--version").stdout.startswith(b"ktx-daemon ")
