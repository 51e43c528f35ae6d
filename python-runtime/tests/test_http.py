"""The HTTP interface: paths, methods, the token, content types, sizes and keep-alive."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest

from ktx_daemon.operations import OPERATIONS
from tests.daemon import Daemon, error_detail
from tests.raw_http import BODY, LENGTH, PATH, Exchange, request_head, send_and_read

QUERY = {"sql": "select 1", "dialect": "postgres"}


def test_every_operation_can_be_loaded() -> None:
    for operation in OPERATIONS:
        assert callable(operation.load())


@pytest.mark.parametrize("path", ["/", "/sql", "/health/", "/semantic-layer"])
def test_unknown_path_is_not_found(daemon: Daemon, path: str) -> None:
    error_detail(daemon.post(path, {}), "not_found", 404)


def test_unknown_method_is_rejected_with_the_allowed_ones(daemon: Daemon) -> None:
    answer = daemon.request("GET", PATH)
    error_detail(answer, "method_not_allowed", 405)
    assert answer.headers["allow"] == "POST"
    answer = daemon.post("/health", {})
    error_detail(answer, "method_not_allowed", 405)
    assert answer.headers["allow"] == "GET, HEAD"


def test_path_may_contain_the_token(daemon: Daemon) -> None:
    no_header = {"authorization": ""}
    assert daemon.post(f"/t/test-token{PATH}", QUERY, headers=no_header).status == 200
    error_detail(daemon.post(f"/t/wrong{PATH}", QUERY, headers=no_header), "unauthorized", 401)
    error_detail(daemon.post("/t/test-token/nowhere", QUERY), "not_found", 404)
    assert daemon.request("GET", "/t/test-token/health", headers=no_header).status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin-1"]
)
def test_other_content_types_are_rejected(daemon: Daemon, content_type: str) -> None:
    error_detail(daemon.post(PATH, QUERY, headers={"content-type": content_type}), "unsupported_media_type", 415)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_in_utf8_is_accepted(daemon: Daemon, content_type: str) -> None:
    assert daemon.post(PATH, QUERY, headers={"content-type": content_type}).status == 200


def test_order_of_checks(daemon: Daemon) -> None:
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


def test_body_over_the_limit_is_rejected() -> None:
    with Daemon(KTX_DAEMON_MAX_BODY_BYTES="1000") as daemon:
        exact = json.dumps(QUERY).encode().ljust(1000)
        assert daemon.request("POST", PATH, body=exact).status == 200
        error_detail(daemon.request("POST", PATH, body=exact + b" "), "payload_too_large", 413)
        large = b" " * 5_000_000
        error_detail(daemon.request("POST", PATH, body=large), "payload_too_large", 413)
        chunks = b"".join(b"400\r\n" + b" " * 0x400 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
        answer = send_and_read(daemon, request_head() + b"transfer-encoding: chunked\r\n\r\n" + chunks)
        error_detail(answer, "payload_too_large", 413)
        assert daemon.post(PATH, QUERY).status == 200


def test_oversized_content_length_is_rejected_before_the_body_is_sent(daemon: Daemon) -> None:
    answer = send_and_read(daemon, request_head() + b"content-length: 67108865\r\n\r\n")
    error_detail(answer, "payload_too_large", 413)
    assert answer.headers["connection"] == "close"


def test_connections_are_kept_alive_after_responses_and_rejections(daemon: Daemon) -> None:
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
    plain = request_head() + LENGTH + b"\r\n" + BODY
    parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:9], BODY[9:]))
    chunked = request_head() + b"transfer-encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
    waiting = request_head() + b"expect: 100-continue\r\nconnection: close\r\n" + LENGTH + b"\r\n"
    with daemon.socket() as connection, connection.makefile("rb") as answers:
        connection.sendall(plain + chunked + waiting)
        exchange = Exchange(answers)
        assert [exchange.read_response().status for _ in range(3)] == [200, 200, 100]
        connection.sendall(BODY)
        answer = exchange.read_response()
        assert (answer.status, answer.json()) == (200, {"ok": True, "error": None})
        assert answer.headers["connection"] == "close"
        assert exchange.is_closed()


def test_health_supports_head(daemon: Daemon) -> None:
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


def test_disconnected_clients_do_not_delay_the_next_one(daemon: Daemon) -> None:
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
    assert command in daemon.post_rejected("/embeddings/compute", {"text": "x"}, "feature_missing")
    assert command in daemon.post_rejected("/embeddings/compute-bulk", {"texts": ["x"]}, "feature_missing")
    daemon.post_rejected("/embeddings/compute-bulk", {"texts": []}, "invalid_value")
    daemon.post_rejected("/embeddings/compute-bulk", {"texts": ["x"] * 101}, "invalid_value")
