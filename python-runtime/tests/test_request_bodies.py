"""Request bodies: valid JSON, or an error that names every invalid field."""

from __future__ import annotations

import pytest

from ktx_daemon.operations import OPERATIONS, Operation
from tests.daemon import Daemon, error_detail

QUERY = {"sql": "select 1", "dialect": "postgres"}
PATH = "/sql/validate-read-only"


def test_every_invalid_field_is_named_with_its_path(daemon: Daemon) -> None:
    answer = daemon.post("/sql/parse-table-identifier", {"items": [{"key": 1, "dialect": None}, "x", {"key": "k"}]})
    error_detail(answer, "invalid_request", 422)
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == [
        "items[0].key",
        "items[0].sql_table_name",
        "items[0].dialect",
        "items[1]",
        "items[2].sql_table_name",
        "items[2].dialect",
    ]
    nested = {"dialect": 1, "items": {}, "catalog": {"tables": [{"name": 5, "columns": "x"}]}, "max_workers": "2"}
    answer = daemon.post("/sql/analyze-batch", nested)
    paths = {error["path"] for error in answer.json()["errors"]}
    assert paths == {"dialect", "items", "catalog.tables[0].name", "catalog.tables[0].columns", "max_workers"}


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null"])
def test_json_that_is_not_an_object_is_rejected(daemon: Daemon, body: bytes) -> None:
    answer = daemon.request("POST", PATH, body=body)
    error_detail(answer, "invalid_request", 422)
    assert answer.json()["errors"][0]["path"] == "$"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"sql": NaN}', b'{"sql": "a"} x', b"[" * 100_000, b"[" * 900 + rb'"\ud800"']
)
def test_malformed_json_is_rejected(daemon: Daemon, body: bytes) -> None:
    error_detail(daemon.request("POST", PATH, body=body), "invalid_json", 400)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.command)
def test_unknown_key_is_rejected_by_every_operation(daemon: Daemon, operation: Operation) -> None:
    answer = daemon.post(operation.path, {"later": 1})
    error_detail(answer, "invalid_request", 422)
    (message,) = [error["message"] for error in answer.json()["errors"] if error["path"] == "later"]
    assert message.startswith("Unknown key; ")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("Sql", "Unknown key; did you mean 'sql'?"),
        ("dialct", "Unknown key; did you mean 'dialect'?"),
        ("", "Unknown key; expected one of sql, dialect"),
        ("zzz", "Unknown key; expected one of sql, dialect"),
        ("x" * 5_000, "Unknown key; expected one of sql, dialect"),
    ],
)
def test_unknown_key_is_named_with_the_nearest_one(daemon: Daemon, key: str, message: str) -> None:
    answer = daemon.post(PATH, {**QUERY, key: 1})
    error_detail(answer, "invalid_request", 422)
    assert answer.json()["errors"] == [{"path": key[:80], "message": message}]


def test_records_of_a_caller_may_have_further_keys(daemon: Daemon) -> None:
    table = {"name": "t", "kind": "table", "columns": [{"name": "id", "type": "int", "position": 1}]}
    made = daemon.post_ok("/semantic-layer/generate-sources", {"tables": [table], "links": [], "dialect": "postgres"})
    assert made["source_count"] == 1
    item = {"id": "a", "sql": "select 1", "calls": 7}
    assert (
        daemon.post_ok("/sql/analyze-batch", {"dialect": "postgres", "items": [item]})["results"]["a"]["error"] is None
    )


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (PATH, rb'{"sql": "a\ud800b", "dialect": "postgres"}', "sql"),
        (PATH, rb'{"sql": "a\uDC00", "dialect": "postgres"}', "sql"),
        (PATH, rb'{"sql": "a", "dialect": "\ud83e\ud83e\udd9c"}', "dialect"),
        (PATH, rb'{"\ud800": 1}', "$"),
        (PATH, rb'"\ud800"', "$"),
        ("/embeddings/compute", rb'{"text": "\udfff"}', "text"),
        ("/embeddings/compute-bulk", rb'{"texts": ["\ud83e\udd9c", "a", "b \uD83E", "\ud800"]}', "texts[2]"),
        ("/sql/analyze-batch", rb'{"items": [{"id": "a"}, {"later": [{"sql": "\ud800"}]}]}', "items[1].later[0].sql"),
    ],
)
def test_lone_surrogate_is_rejected_with_its_path(daemon: Daemon, path: str, body: bytes, place: str) -> None:
    detail = error_detail(daemon.request("POST", path, body=body), "invalid_json", 400)
    assert detail.endswith(f"not valid JSON: {place} holds a lone surrogate, which is half a character")


@pytest.mark.parametrize("sql", [rb"select '\ud83e\udd9c'", rb"select '\\ud800'", "select '🦜'".encode()])
def test_surrogate_pair_and_escaped_escape_are_accepted(daemon: Daemon, sql: bytes) -> None:
    body = b'{"sql": "' + sql + b'", "dialect": "postgres"}'
    assert daemon.request("POST", PATH, body=body).status == 200
