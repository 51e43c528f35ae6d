"""TLS, client certificates, Unix sockets and cleartext passwords, with a real MariaDB."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.daemon import Daemon
from tests.mariadb import MariaDb, mariadb_server
from tests.test_postgres_tls import make_certificate

ENCRYPTED = "SELECT variable_value AS cipher FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
SECRET = "hunter2 token"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    return {name: make_certificate(folder, name) for name in ("server", "client", "other")}


@pytest.fixture(scope="module")
def server(certificates: dict[str, Path]) -> Iterator[MariaDb]:
    """A server with TLS that trusts the client's certificate, with a user for each login."""
    own = certificates["server"]
    files = {"ssl-cert": own, "ssl-key": own.with_suffix(".key"), "ssl-ca": certificates["client"]}
    with mariadb_server(files=files) as running:
        running.run(
            "CREATE USER encrypted@'%' IDENTIFIED BY 'ktx' REQUIRE SSL",
            "CREATE USER certified@'%' IDENTIFIED BY '' REQUIRE X509",
            "CREATE USER local@localhost IDENTIFIED BY 'ktx'",
        )
        yield running


def url(server: MariaDb, user: str, **options: Any) -> str:
    listed = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in options.items())
    return f"mysql://{user}@127.0.0.1:{server.port}/?{listed}"


def body(address: str, sql: str = ENCRYPTED) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "mysql", "url": address, "sql": sql}


def cipher(daemon: Daemon, address: str) -> str:
    ((found,),) = daemon.post_ok("/sql/execute", body(address))["rows"]
    return str(found)


def test_certificate_of_the_server_is_verified(daemon: Daemon, server: MariaDb, certificates: dict[str, Path]) -> None:
    assert cipher(daemon, url(server, "encrypted:ktx"))
    for mode in ("VERIFY_CA", "VERIFY_IDENTITY"):
        assert cipher(daemon, url(server, "encrypted:ktx", **{"ssl-mode": mode, "ssl-ca": certificates["server"]}))
        wrong = url(server, "encrypted:ktx", **{"ssl-mode": mode, "ssl-ca": certificates["other"]})
        daemon.post_rejected("/sql/execute", body(wrong), "tls_failed")
    named = url(server, "encrypted:ktx", sslmode="verify-full", sslrootcert=certificates["server"])
    daemon.post_rejected("/sql/execute", body(named.replace("127.0.0.1", "localhost")), "tls_failed")
    without = url(server, "encrypted:ktx", sslmode="disable")
    daemon.post_rejected("/sql/execute", body(without), "authentication_failed")


@pytest.mark.parametrize("names", [("sslcert", "sslkey"), ("ssl-cert", "ssl-key"), ("ssl_cert", "ssl_key")])
@pytest.mark.parametrize("mode", [{}, {"sslmode": "require"}])
def test_client_certificate_is_the_login(
    daemon: Daemon, server: MariaDb, certificates: dict[str, Path], names: tuple[str, str], mode: dict[str, str]
) -> None:
    own = certificates["client"]
    files = dict(zip(names, (own, own.with_suffix(".key")), strict=True))
    assert cipher(daemon, url(server, "certified:", **files, **mode))


def test_login_without_the_client_certificate_is_refused(
    daemon: Daemon, server: MariaDb, certificates: dict[str, Path]
) -> None:
    daemon.post_rejected("/sql/execute", body(url(server, "certified:")), "authentication_failed")
    other = certificates["other"]
    address = url(server, "certified:", sslcert=other, sslkey=other.with_suffix(".key"))
    # Over TLS 1.3 the server may close the connection before its alert arrives.
    assert daemon.post("/sql/execute", body(address)).json()["code"] in ("tls_failed", "connection_failed")


def test_encrypted_key_needs_its_password(daemon: Daemon, server: MariaDb, tmp_path: Path, certificates: Any) -> None:
    own, key = certificates["client"], tmp_path / "encrypted.key"
    encrypt = ["openssl", "rsa", "-aes256", "-passout", "pass:hunter2", "-in", own.with_suffix(".key"), "-out", key]
    subprocess.run(encrypt, check=True, capture_output=True)
    address = url(server, "certified:", sslcert=own, sslkey=key)
    daemon.post_rejected("/sql/execute", body(address), "tls_failed")
    assert cipher(daemon, f"{address}&sslpassword=hunter2")


def test_unix_socket_is_a_way_to_the_server(daemon: Daemon, server: MariaDb) -> None:
    address = f"mysql://local:ktx@/?socket={quote(str(server.socket), safe='')}"
    found = daemon.post_ok("/sql/execute", body(address, "SELECT CURRENT_USER() AS a"))
    assert found["rows"] == [["local@localhost"]]
    missing = body("mysql://local:ktx@/?unix_socket=/no/such/socket")
    assert "/no/such/socket" in daemon.post_rejected("/sql/execute", missing, "connection_failed")


def packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


def greeting(capabilities: int) -> bytes:
    low, high = struct.pack("<H", capabilities & 0xFFFF), struct.pack("<H", capabilities >> 16)
    nonce = b"12345678\0" + low + b"\x2d\x02\0" + high + b"\x15" + b"\0" * 10 + b"123456789012\0"
    return packet(0, b"\x0a8.0.36\0" + struct.pack("<I", 7) + nonce + b"mysql_native_password\0")


BASIC_CAPABILITIES = 0x000FA205  # protocol 4.1, secure connection, plugins
TLS_CAPABILITY = 0x0800


@contextmanager
def server_that_asks_for_the_password(plugin: bytes, certificate: Path | None) -> Iterator[tuple[int, list[bytes]]]:
    """Play a server that switches to a cleartext plugin; yield its port, and what it receives after that."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as plain:
                plain.sendall(greeting(BASIC_CAPABILITIES | (TLS_CAPABILITY if certificate else 0)))
                header = plain.recv(36 if certificate else 4096)
                client: socket.socket = plain
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
                    client = context.wrap_socket(plain, server_side=True)
                    header = client.recv(4096)
                with client:
                    client.sendall(packet(header[3] + 1, b"\xfe" + plugin + b"\0"))
                    received.append(client.recv(4096))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], received
        thread.join()


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog"])
def test_password_itself_is_not_sent_without_tls(daemon: Daemon, plugin: bytes) -> None:
    with server_that_asks_for_the_password(plugin, None) as (port, received):
        address = f"mysql://token:{quote(SECRET)}@127.0.0.1:{port}/"
        answer = daemon.post("/sql/execute", body(address))
    assert not any(SECRET.encode() in data for data in received)
    assert (answer.json()["code"], "over TLS" in answer.json()["detail"]) == ("authentication_failed", True)


def test_token_is_sent_over_tls(daemon: Daemon, certificates: dict[str, Path]) -> None:
    """Tokens of a cloud are passwords that its servers ask for in cleartext."""
    with server_that_asks_for_the_password(b"mysql_clear_password", certificates["server"]) as (port, received):
        address = f"mysql://token:{quote(SECRET)}@127.0.0.1:{port}/?sslmode=require"
        daemon.post("/sql/execute", body(address))
    assert received[0][4:] == SECRET.encode() + b"\0"
