"""Malformed, ambiguous and malicious requests, as bytes on a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.daemon import Daemon, error_detail
from tests.raw_http import BEARER, BODY, LENGTH, PATH, open_exchange, request_head, send_and_read

HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    """Start a daemon, and check at the end that no request was logged."""
    with Daemon() as running:
        yield running
        assert running.request("GET", "/health").status == 200
        assert running.log.read_text() == ""


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "example.com:127.0.0.1",
        "localhost@example.com",
        "example.com#localhost",
        "0.0.0.0",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "[::]",
        "[::ffff:127.0.0.1]",
        "::1",
        "localhost:",
        "localhost:123456",
        "localhost.",
        "localhost, example.com",
        "",
    ],
)
def test_foreign_host_is_rejected(daemon: Daemon, host: str) -> None:
    answer = send_and_read(daemon, f"GET /health HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
    error_detail(answer, "forbidden_host", 403)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]", "[::1]:65535"])
def test_loopback_host_is_accepted(daemon: Daemon, host: str) -> None:
    assert send_and_read(daemon, f"GET /health HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()).status == 200


def test_http_1_0_request_without_a_host_is_rejected(daemon: Daemon) -> None:
    with open_exchange(daemon, b"GET /health HTTP/1.0\r\n\r\n") as connection:
        error_detail(connection.read_response(), "forbidden_host", 403)
        assert connection.is_closed()


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost.example.com",
        "http://example.com/localhost",
        "http://localhost@example.com",
        "http://localhost:80@example.com",
        "http://127.0.0.2",
        "ftp://localhost",
        "localhost",
        "file://",
        "null",
        "",
        "http://localhost http://example.com",
    ],
)
@pytest.mark.parametrize("path", ["/health", PATH])
def test_foreign_origin_is_rejected(daemon: Daemon, path: str, origin: str) -> None:
    data = request_head(path=path) + f"origin: {origin}\r\n".encode() + LENGTH + b"\r\n" + BODY
    error_detail(send_and_read(daemon, data), "forbidden_origin", 403)


@pytest.mark.parametrize("order", [(b"http://example.com", b"http://localhost"), (b"null", b"null")])
def test_foreign_origin_among_several_is_rejected(daemon: Daemon, order: tuple[bytes, bytes]) -> None:
    for origins in (order, order[::-1]):
        lines = b"".join(b"origin: %s\r\n" % origin for origin in origins)
        error_detail(send_and_read(daemon, request_head() + lines + LENGTH + b"\r\n" + BODY), "forbidden_origin", 403)


@pytest.mark.parametrize("origin", ["http://localhost", "https://127.0.0.1:8443", "HTTP://LOCALHOST:3000"])
def test_loopback_origin_is_accepted_without_cors_headers(daemon: Daemon, origin: str) -> None:
    answer = send_and_read(daemon, request_head() + f"origin: {origin}\r\n".encode() + LENGTH + b"\r\n" + BODY)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"authorization:\r\n",
        b"authorization: Bearer\r\n",
        b"authorization: Bearer test-toke\r\n",
        b"authorization: Bearer test-token2\r\n",
        b"authorization: Bearer TEST-TOKEN\r\n",
        b"authorization: Bearer t\xe9st-token\r\n",
        b"authorization: Bearer test token\r\n",
        b"authorization: Basic test-token\r\n",
        b"authorization: test-token\r\n",
        b"proxy-authorization: Bearer test-token\r\n",
        b"x-authorization: Bearer test-token\r\n",
        b"cookie: token=test-token\r\n",
        BEARER + b"authorization: Bearer wrong\r\n",
        b"authorization: Bearer wrong\r\n" + BEARER,
        BEARER + BEARER,
    ],
)
@pytest.mark.parametrize("path", [PATH, "/shutdown"])
def test_request_without_the_token_is_rejected(daemon: Daemon, path: str, lines: bytes) -> None:
    data = request_head(token=False, path=path) + lines + LENGTH + b"\r\n" + BODY
    answer = send_and_read(daemon, data)
    error_detail(answer, "unauthorized", 401)
    assert answer.headers["www-authenticate"] == "bearer"


@pytest.mark.parametrize(
    "path",
    [
        "/t/wrong" + PATH,
        "/t/" + PATH,
        "/t/test-token2" + PATH,
        "/t/test%2Dtoken" + PATH,
        PATH + "?token=test-token",
        PATH + "?access_token=test-token",
    ],
)
def test_path_with_a_wrong_token_is_rejected(daemon: Daemon, path: str) -> None:
    error_detail(
        send_and_read(daemon, request_head(token=False, path=path) + LENGTH + b"\r\n" + BODY), "unauthorized", 401
    )


def test_token_of_the_path_takes_precedence_over_the_header(daemon: Daemon) -> None:
    assert (
        send_and_read(daemon, request_head(token=False, path="/t/test-token" + PATH) + LENGTH + b"\r\n" + BODY).status
        == 200
    )
    error_detail(
        send_and_read(daemon, request_head(path="/t/wrong" + PATH) + LENGTH + b"\r\n" + BODY), "unauthorized", 401
    )


@pytest.mark.parametrize(
    "target",
    [
        "/sql/../sql/validate-read-only",
        "/sql/./validate-read-only",
        "//sql/validate-read-only",
        "/sql//validate-read-only",
        "/sql/validate-read-only/",
        "/%73ql/validate-read-only",
        "/sql%2Fvalidate-read-only",
        "/sql/validate-read-only%00",
        "/sql/validate-read-only%0A",
        "/sql/validate-read-only;x",
        "/sql/validate-read-only#x",
        "/SQL/validate-read-only",
        "http://localhost/sql/validate-read-only",
        "*",
        "/t/test-token/t/test-token/sql/validate-read-only",
    ],
)
def test_path_has_a_single_spelling(daemon: Daemon, target: str) -> None:
    answer = send_and_read(daemon, request_head(path=target) + LENGTH + b"\r\n" + BODY)
    error_detail(answer, "not_found", 404)
    assert "location" not in answer.headers


def test_query_string_is_ignored(daemon: Daemon) -> None:
    assert send_and_read(daemon, request_head(path=PATH + "?sql=drop&x=%00") + LENGTH + b"\r\n" + BODY).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "GET", "post", "X-Y"])
def test_other_methods_are_rejected(daemon: Daemon, method: str) -> None:
    answer = send_and_read(daemon, request_head().replace(b"POST", method.encode(), 1) + LENGTH + b"\r\n" + BODY)
    error_detail(answer, "method_not_allowed", 405)
    assert answer.headers["allow"] == "post"


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: localhost\r\nhost: example.com\r\n\r\n",
        b"GET /health HTTP/2.0 x\r\nhost: localhost\r\n\r\n",
        b"GET  /health HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /he alth HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
        HEALTH + b"x : y\r\n\r\n",
        HEALTH + b"x: a\0b\r\n\r\n",
        HEALTH + b"x: a\rb\r\n\r\n",
        HEALTH + b": y\r\n\r\n",
        HEALTH + b"x\r\n\r\n",
        request_head() + b"content-length: 1\r\ncontent-length: 2\r\n\r\n1",
        request_head() + b"content-length: 1, 2\r\n\r\n1",
        request_head() + b"content-length: +5\r\n\r\nhello",
        request_head() + b"content-length: -1\r\n\r\n",
        request_head() + b"content-length: 0x5\r\n\r\nhello",
        request_head() + b"content-length: 5 5\r\n\r\nhello",
        request_head() + b"content-length: 99999999999999999999999\r\n\r\n",
        request_head() + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        request_head() + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        request_head() + b"transfer-encoding: identity\r\n\r\n",
        request_head() + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        request_head() + b"transfer-encoding: chunked\r\n\r\n-1\r\n",
        request_head() + b"transfer-encoding: chunked\r\n\r\n5\r\nhelloworld\r\n",
        request_head(token=False) + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        request_head() + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n",
        HEALTH + b"x: " + b"x" * 400_000,
    ],
)
def test_malformed_http_gets_the_canonical_error_and_is_closed(daemon: Daemon, data: bytes) -> None:
    with open_exchange(daemon, data) as connection:
        answer = connection.read_response()
        error_detail(answer, "bad_request", 400)
        assert answer.headers["connection"] == "close"
        assert connection.is_closed()


def test_http_2_preface_is_rejected(daemon: Daemon) -> None:
    assert send_and_read(daemon, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status in (400, 403)


@pytest.mark.parametrize("upgrade", ["websocket", "h2c", "TLS/1.3"])
def test_upgrade_is_ignored(daemon: Daemon, upgrade: str) -> None:
    lines = f"connection: upgrade\r\nupgrade: {upgrade}\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n\r\n"
    answer = send_and_read(daemon, HEALTH + lines.encode())
    assert answer.status == 200
    assert "upgrade" not in answer.headers


@pytest.mark.parametrize(
    "lines",
    [
        b"x-forwarded-host: example.com\r\nx-forwarded-for: 203.0.113.1\r\nx-forwarded-proto: https\r\n",
        b"forwarded: host=example.com\r\n",
        b"x-original-url: /shutdown\r\nx-http-method-override: DELETE\r\n",
        b"expect: something\r\n",
        b"content-encoding: gzip\r\n",
        b"x: a\r\n folded\r\n",
        b"a: b\r\n" * 10_000,
    ],
)
def test_proxy_headers_and_many_headers_are_ignored(daemon: Daemon, lines: bytes) -> None:
    assert send_and_read(daemon, request_head() + lines + LENGTH + b"\r\n" + BODY).status == 200


@pytest.mark.parametrize("path", ["/health", "/nowhere", PATH])
def test_response_has_no_server_and_no_date_header(daemon: Daemon, path: str) -> None:
    answer = send_and_read(daemon, request_head(path=path) + LENGTH + b"\r\n" + BODY)
    assert set(answer.headers) <= {"content-type", "content-length", "allow", "x-request-id"}


def test_unread_body_is_not_parsed_as_a_request(daemon: Daemon) -> None:
    hidden = HEALTH + b"\r\n"
    unread = request_head(token=False) + b"content-length: %d\r\n\r\n%s" % (len(hidden), hidden)
    with open_exchange(
        daemon, unread + HEALTH.replace(b"/health", b"/nowhere") + b"connection: close\r\n\r\n"
    ) as connection:
        assert [connection.read_response().status, connection.read_response().status] == [401, 404]
        assert connection.is_closed()


def test_rejection_does_not_send_100_continue(daemon: Daemon) -> None:
    waiting = request_head(token=False) + b"expect: 100-continue\r\n" + LENGTH + b"\r\n"
    with open_exchange(daemon, waiting) as connection:
        answer = connection.read_response()
        error_detail(answer, "unauthorized", 401)
        assert answer.headers["connection"] == "close"  # whether the body follows is ambiguous


@pytest.mark.parametrize(
    "framing",
    [
        b"connection: close\r\ncontent-length: 5000000\r\n\r\n" + b" " * 5_000_000,
        b"content-length: 5000000\r\n\r\n" + b" " * 5_000_000,
        b"transfer-encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 60 + b"0\r\n\r\n",
    ],
)
def test_rejection_arrives_although_a_large_body_is_not_read(daemon: Daemon, framing: bytes) -> None:
    with open_exchange(daemon, request_head(token=False) + framing) as connection:
        answer = connection.read_response()
        error_detail(answer, "unauthorized", 401)
        assert answer.headers["connection"] == "close"
        assert connection.is_closed()


def test_garbage_after_a_rejection_is_rejected_and_closed(daemon: Daemon) -> None:
    with open_exchange(daemon, request_head(token=False) + LENGTH + b"\r\n" + BODY + b"garbage\r\n\r\n") as connection:
        error_detail(connection.read_response(), "unauthorized", 401)
        error_detail(connection.read_response(), "bad_request", 400)
        assert connection.is_closed()


def test_broken_chunk_after_a_rejection_closes_the_connection(daemon: Daemon) -> None:
    with daemon.socket() as connection:
        connection.sendall(request_head(token=False) + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")
        connection.sendall(b"zz\r\n")
        while connection.recv(65536):
            pass


def test_pipelined_requests_are_answered_in_order(daemon: Daemon) -> None:
    work, lost = request_head() + LENGTH + b"\r\n" + BODY, request_head(path="/nowhere") + LENGTH + b"\r\n" + BODY
    with open_exchange(daemon, work + lost + HEALTH + b"\r\n" + work) as connection:
        assert [connection.read_response().status for _ in range(4)] == [200, 404, 200, 200]
