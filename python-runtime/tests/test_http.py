"""The HTTP rules: who may ask, in which form, and what every refusal looks like."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest

from ktx_daemon.operations import OPERATIONS, Operation
from tests.daemon import Answer, Daemon, refusal
from tests.introspection import request_in_flight

QUERY = {"sql": "select 1", "dialect": "postgres"}
PATH = "/sql/validate-read-only"


def raw(daemon: Daemon, text: bytes) -> bytes:
    """Send bytes as they are, and read until the daemon closes."""
    with daemon.socket() as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def parse_raw(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), headers, body)


def test_every_operation_can_be_loaded() -> None:
    for operation in OPERATIONS:
        assert callable(operation.load())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:80"])
def test_loopback_hosts_are_welcome(daemon: Daemon, host: str) -> None:
    assert daemon.request("GET", "/health", headers={"host": host}).status == 200


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com", "localhost@example.com", "0.0.0.0", ""])
def test_a_foreign_host_is_refused(daemon: Daemon, host: str) -> None:
    refusal(daemon.request("GET", "/health", headers={"host": host}), "forbidden_host", 403)


@pytest.mark.parametrize("origin", ["https://example.com", "null", "file://", "http://localhost.example.com"])
def test_a_foreign_origin_is_refused(daemon: Daemon, origin: str) -> None:
    refusal(daemon.post(PATH, QUERY, headers={"origin": origin}), "forbidden_origin", 403)


def test_an_origin_on_this_computer_is_welcome(daemon: Daemon) -> None:
    assert daemon.post(PATH, QUERY, headers={"origin": "http://localhost:3000"}).status == 200


@pytest.mark.parametrize("path", ["/", "/sql", "/health/", "/semantic-layer", "//sql/validate-read-only"])
def test_unknown_paths(daemon: Daemon, path: str) -> None:
    refusal(daemon.post(path, {}), "not_found", 404)


def test_unknown_methods_are_told_the_known_ones(daemon: Daemon) -> None:
    answer = daemon.request("GET", PATH)
    refusal(answer, "method_not_allowed", 405)
    assert answer.headers["allow"] == "POST"
    refusal(daemon.post("/health", {}), "method_not_allowed", 405)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic test-token", "test-token", "Bearer tést"]
)
def test_the_token_is_needed(daemon: Daemon, authorization: str) -> None:
    headers = {"authorization": authorization.encode("latin-1").decode("latin-1")}
    answer = daemon.post(PATH, QUERY, headers=headers)
    refusal(answer, "unauthorized", 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_path_can_carry_the_token(daemon: Daemon) -> None:
    no_header = {"authorization": ""}
    assert daemon.post(f"/t/test-token{PATH}", QUERY, headers=no_header).status == 200
    refusal(daemon.post(f"/t/wrong{PATH}", QUERY, headers=no_header), "unauthorized", 401)
    refusal(daemon.post("/t/test-token/nowhere", QUERY), "not_found", 404)
    assert daemon.request("GET", "/t/test-token/health", headers=no_header).status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin-1"]
)
def test_other_content_types_are_refused(daemon: Daemon, content_type: str) -> None:
    refusal(daemon.post(PATH, QUERY, headers={"content-type": content_type}), "unsupported_media_type", 415)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_in_utf8_is_welcome(daemon: Daemon, content_type: str) -> None:
    assert daemon.post(PATH, QUERY, headers={"content-type": content_type}).status == 200


def test_the_order_of_refusals(daemon: Daemon) -> None:
    bad = {"host": "example.com", "origin": "http://example.com", "authorization": "", "content-type": "x/y"}
    for fixed, path, status in [
        (None, "/nowhere", 403),
        ("host", "/nowhere", 403),
        ("origin", "/nowhere", 404),
        (None, PATH, 401),
        ("authorization", PATH, 415),
        ("content-type", PATH, 422),
    ]:
        if fixed:
            del bad[fixed]
        assert daemon.post(path, {}, headers=bad).status == status


def test_every_wrong_field_is_named_with_its_path(daemon: Daemon) -> None:
    answer = daemon.post("/sql/parse-table-identifier", {"items": [{"key": 1, "dialect": None}, "x", {"key": "k"}]})
    refusal(answer, "invalid_request", 422)
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
def test_json_that_is_no_object(daemon: Daemon, body: bytes) -> None:
    answer = daemon.request("POST", PATH, body=body)
    refusal(answer, "invalid_request", 422)
    assert answer.json()["errors"][0]["path"] == "$"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"sql": NaN}', b'{"sql": "a"} x', b"[" * 100_000, b"[" * 900 + rb'"\ud800"']
)
def test_what_is_no_json(daemon: Daemon, body: bytes) -> None:
    refusal(daemon.request("POST", PATH, body=body), "invalid_json", 400)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.command)
def test_an_unknown_key_is_refused_everywhere(daemon: Daemon, operation: Operation) -> None:
    answer = daemon.post(operation.path, {"later": 1})
    refusal(answer, "invalid_request", 422)
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
def test_an_unknown_key_is_named_with_the_near_one(daemon: Daemon, key: str, message: str) -> None:
    answer = daemon.post(PATH, {**QUERY, key: 1})
    refusal(answer, "invalid_request", 422)
    assert answer.json()["errors"] == [{"path": key[:80], "message": message}]


def test_records_of_a_caller_may_hold_more(daemon: Daemon) -> None:
    table = {"name": "t", "kind": "table", "columns": [{"name": "id", "type": "int", "position": 1}]}
    made = daemon.ok("/semantic-layer/generate-sources", {"tables": [table], "links": [], "dialect": "postgres"})
    assert made["source_count"] == 1
    item = {"id": "a", "sql": "select 1", "calls": 7}
    assert daemon.ok("/sql/analyze-batch", {"dialect": "postgres", "items": [item]})["results"]["a"]["error"] is None


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
def test_half_a_character_is_refused_with_its_place(daemon: Daemon, path: str, body: bytes, place: str) -> None:
    detail = refusal(daemon.request("POST", path, body=body), "invalid_json", 400)
    assert detail.endswith(f"not valid JSON: {place} holds a lone surrogate, which is half a character")


@pytest.mark.parametrize("sql", [rb"select '\ud83e\udd9c'", rb"select '\\ud800'", "select '🦜'".encode()])
def test_a_whole_character_and_an_escaped_escape_are_no_halves(daemon: Daemon, sql: bytes) -> None:
    body = b'{"sql": "' + sql + b'", "dialect": "postgres"}'
    assert daemon.request("POST", PATH, body=body).status == 200


def test_a_body_over_the_limit() -> None:
    with Daemon(KTX_DAEMON_MAX_BODY_BYTES="1000") as daemon:
        exact = json.dumps(QUERY).encode().ljust(1000)
        assert daemon.request("POST", PATH, body=exact).status == 200
        refusal(daemon.request("POST", PATH, body=exact + b" "), "payload_too_large", 413)
        large = b" " * 5_000_000
        refusal(daemon.request("POST", PATH, body=large), "payload_too_large", 413)
        chunks = b"".join(b"400\r\n" + b" " * 0x400 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {daemon.token}\r\n"
            "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        ).encode()
        refusal(parse_raw(raw(daemon, head + chunks)), "payload_too_large", 413)
        assert daemon.post(PATH, QUERY).status == 200


def test_connections_are_kept_after_answers_and_after_refusals(daemon: Daemon) -> None:
    with contextlib.closing(daemon.connect()) as connection:
        connection.connect()
        port = connection.sock.getsockname()[1]
        for path, headers, status in [
            (PATH, {}, 200),
            ("/nowhere", {}, 404),
            (PATH, {"authorization": "x"}, 401),
            (PATH, {"content-type": "x/y"}, 415),
            (PATH, {"host": "example.com"}, 403),
            (PATH, {}, 200),
        ]:
            assert daemon.post(path, QUERY, headers=headers, connection=connection).status == status
            assert connection.sock.getsockname()[1] == port
        for path in ("/health", "/nowhere"):
            daemon.request("GET", path, connection=connection)
            assert connection.sock.getsockname()[1] == port


def test_pipelined_and_chunked_requests_and_expect_continue(daemon: Daemon) -> None:
    body = json.dumps(QUERY).encode()
    base = (
        f"POST {PATH} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {daemon.token}\r\n"
        "content-type: application/json\r\n"
    ).encode()
    plain = base + b"content-length: %d\r\n\r\n%s" % (len(body), body)
    half = len(body) // 2
    chunked = base + b"transfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (
        half,
        body[:half],
        len(body) - half,
        body[half:],
    )
    waiting = base + b"expect: 100-continue\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    with daemon.socket() as connection:
        connection.sendall(plain + chunked + waiting)
        received = b""
        while b"100 Continue" not in received:
            part = connection.recv(65536)
            assert part, received
            received += part
        assert received.count(b'{"ok":true,"error":null}') == 2
        connection.sendall(body)
        while part := connection.recv(65536):
            received += part
    assert received.count(b'{"ok":true,"error":null}') == 3


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\nhost: example.com\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 18446744073709551617\r\nx : y\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_and_closed(daemon: Daemon, text: bytes) -> None:
    answer = parse_raw(raw(daemon, text))
    assert 400 <= answer.status < 500
    assert answer.json()["code"] == "bad_request"


def test_however_many_connections_are_open_another_one_is_answered() -> None:
    """With a thousand connections open the daemon had no descriptor left for one more: it was taken for dead, and wrote
    a log of a million lines about it."""
    with Daemon(descriptors=256) as daemon, contextlib.ExitStack() as open_connections:
        working = open_connections.enter_context(contextlib.closing(daemon.connect()))
        with request_in_flight(daemon, working):
            for _ in range(500):
                connection = open_connections.enter_context(daemon.socket())
                with contextlib.suppress(OSError):  # it may have been closed already
                    connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-half: ")
            assert daemon.request("GET", "/health").status == 200
        assert working.getresponse().status == 400  # what is being answered is not closed
        assert daemon.log.read_text() == ""


def test_health_can_be_asked_with_head(daemon: Daemon) -> None:
    answer = daemon.request("HEAD", "/health")
    assert (answer.status, answer.body) == (200, b"")


def test_health_answers_while_long_work_runs(daemon: Daemon) -> None:
    items = [
        {"id": str(n), "sql": f"select a{n} from t where b in ({', '.join(map(str, range(40)))})"} for n in range(800)
    ]
    with contextlib.closing(daemon.connect()) as connection:
        body = json.dumps({"dialect": "postgres", "items": items, "max_workers": 1})
        headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
        connection.request("POST", "/sql/analyze-batch", body, headers)
        connection.sock.setblocking(False)
        answered_meanwhile = 0
        while True:
            try:
                if connection.sock.recv(1, socket.MSG_PEEK):
                    break
            except BlockingIOError:
                assert daemon.request("GET", "/health").status == 200
                answered_meanwhile += 1
        connection.sock.settimeout(60)
        assert len(json.loads(connection.getresponse().read())["results"]) == 800
        assert answered_meanwhile > 1


def test_a_client_that_leaves_does_not_harm_the_next(daemon: Daemon) -> None:
    items = [{"id": str(n), "sql": f"select a{n} from t"} for n in range(3000)]
    for _ in range(5):
        connection = daemon.connect()
        headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
        body = json.dumps({"dialect": "postgres", "items": items, "max_workers": 1})
        connection.request("POST", "/sql/analyze-batch", body, headers)
        connection.close()
    assert daemon.post(PATH, QUERY).status == 200


def test_embeddings_without_the_feature_name_the_command(daemon: Daemon) -> None:
    command = "ktx runtime install --feature local-embeddings --yes"
    assert command in daemon.refused("/embeddings/compute", {"text": "x"}, "feature_missing")
    assert command in daemon.refused("/embeddings/compute-bulk", {"texts": ["x"]}, "feature_missing")
    daemon.refused("/embeddings/compute-bulk", {"texts": []}, "invalid_value")
    daemon.refused("/embeddings/compute-bulk", {"texts": ["x"] * 101}, "invalid_value")
