"""TLS to a real PostgreSQL: verification of certificates, and channel binding."""

from __future__ import annotations

import secrets
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import WAIT_TIMEOUT, Daemon

PASSWORD = "hunter2"
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
ENDPOINTS = ("/database/introspect", "/database/query-history", "/sql/execute")


def make_certificate(folder: Path, name: str, *key: str) -> Path:
    """Create a self-signed certificate for 127.0.0.1 and its key."""
    path = folder / f"{name}.crt"
    subject = ("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    files = ("-keyout", str(path.with_suffix(".key")), "-out", str(path))
    command = ["openssl", "req", "-x509", "-nodes", *(key or ("-newkey", "rsa:2048")), *subject, *files]
    made = subprocess.run(command, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr.decode()
    return path


@dataclass
class Server:
    """The PostgreSQL server, which offers TLS while a certificate is configured."""

    admin: Connection
    user: str
    files: list[str] = field(default_factory=list)

    def use(self, certificate: Path) -> None:
        """Offer TLS with a certificate; the server writes the files, because it has to own its key."""
        ((folder,),) = self.admin.run("SHOW data_directory")
        for setting, path in (("ssl_cert_file", certificate), ("ssl_key_file", certificate.with_suffix(".key"))):
            file = f"{folder}/ktx-test-{secrets.token_hex(4)}{path.suffix}"
            lines = "', '".join(path.read_text().splitlines())
            self.admin.run(f"COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM 'umask 077; cat > {file}'")
            self.files.append(file)
            self.admin.run(f"ALTER SYSTEM SET {setting} = '{file}'")
        self.admin.run("ALTER SYSTEM SET ssl = on")
        self.admin.run("SELECT pg_reload_conf()")
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
        self._until(lambda: self.certificate() == der)

    def reset(self) -> None:
        for setting in ("ssl", "ssl_cert_file", "ssl_key_file"):
            self.admin.run(f"ALTER SYSTEM RESET {setting}")
        self.admin.run("SELECT pg_reload_conf()")
        self._until(lambda: self.certificate() is None)
        for file in self.files:
            self.admin.run(f"COPY (SELECT 1 WHERE false) TO PROGRAM 'rm {file}'")

    def address(self) -> tuple[str, int]:
        parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
        return parts.hostname or "", parts.port or 0

    def certificate(self) -> bytes | None:
        """Return the current certificate of the server."""
        with socket.create_connection(self.address(), WAIT_TIMEOUT) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return None
            with without_trust().wrap_socket(plain) as encrypted:
                return encrypted.getpeercert(binary_form=True)

    def url(self, port: int | None = None, **options: Any) -> str:
        host, own = self.address()
        listed = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in options.items())
        return f"postgresql://{self.user}:{PASSWORD}@{host}:{port or own}/postgres?{listed}"

    @staticmethod
    def _until(condition: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(WAIT_TIMEOUT * 100):
            if condition():
                return
            pause.wait(0.01)
        pytest.fail("the server did not read its settings again")


def without_trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    user = f"ktx_tls_{secrets.token_hex(4)}"
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as admin:
        admin.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        made = Server(admin, user)
        try:
            yield made
        finally:
            made.reset()
            admin.run(f"DROP ROLE {user}")


@pytest.fixture(scope="module")
def certificate(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create and configure a certificate of the server."""
    made = make_certificate(tmp_path_factory.mktemp("server"), "server")
    server.use(made)
    return made


def body(url: str, path: str = "/sql/execute") -> dict[str, Any]:
    sql = {"sql": "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()"}
    return {"connection_id": "w", "driver": "postgres", "url": url, **(sql if path == "/sql/execute" else {})}


def is_encrypted(daemon: Daemon, url: str) -> bool:
    ((encrypted,),) = daemon.post_ok("/sql/execute", body(url))["rows"]
    return bool(encrypted)


def expect_error(daemon: Daemon, url: str, code: str) -> str:
    """Check that every endpoint fails with the same detail, and return it."""
    sentences = {daemon.post_rejected(path, body(url, path), code) for path in ENDPOINTS}
    (sentence,) = sentences
    assert PASSWORD not in sentence
    return sentence


def test_ssl_modes_are_those_of_libpq(daemon: Daemon, server: Server, certificate: Path) -> None:
    for mode, encrypted in (("disable", False), ("allow", False), ("prefer", True), ("require", True)):
        assert is_encrypted(daemon, server.url(sslmode=mode)) is encrypted, mode
    assert is_encrypted(daemon, server.url())


def test_certificate_is_verified_against_the_root(
    daemon: Daemon, server: Server, certificate: Path, tmp_path: Path
) -> None:
    for mode in ("require", "verify-ca", "verify-full"):
        assert is_encrypted(daemon, server.url(sslmode=mode, sslrootcert=certificate))
    for mode in ("verify-ca", "verify-full"):
        assert "cannot be trusted over TLS" in expect_error(daemon, server.url(sslmode=mode), "tls_failed")
    other = make_certificate(tmp_path, "other")
    for mode in ("require", "verify-ca", "verify-full"):
        sentence = expect_error(daemon, server.url(sslmode=mode, sslrootcert=other), "tls_failed")
        assert "cannot be trusted over TLS" in sentence
    (tmp_path / "none.crt").write_text("no certificate")
    expect_error(daemon, server.url(sslmode="verify-full", sslrootcert=tmp_path / "none.crt"), "tls_failed")


def test_certificate_for_another_host(daemon: Daemon, server: Server, certificate: Path) -> None:
    url = server.url(sslmode="verify-full", sslrootcert=certificate).replace("@127.0.0.1:", "@localhost:")
    assert "localhost" in expect_error(daemon, url, "tls_failed")
    assert is_encrypted(daemon, url.replace("verify-full", "verify-ca"))


def test_login_is_bound_to_the_certificate(daemon: Daemon, server: Server, certificate: Path) -> None:
    for binding in ("disable", "prefer", "require"):
        assert is_encrypted(daemon, server.url(sslmode="require", channel_binding=binding)), binding
    assert is_encrypted(daemon, server.url(sslmode="allow", channel_binding="require")), "the second attempt has TLS"
    sentence = expect_error(daemon, server.url(sslmode="disable", channel_binding="require"), "tls_failed")
    assert sentence.endswith("does not offer channel binding, which channel_binding requires")
    expect_error(daemon, server.url(channel_binding="maybe"), "invalid_url")


@pytest.mark.parametrize(
    "key",
    [
        ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-sha384"),
        ("-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha512"),
    ],
    ids=["ECDSA with SHA-384", "RSA-PSS with SHA-512"],
)
def test_login_is_bound_by_the_hash_of_the_signature(
    daemon: Daemon, server: Server, certificate: Path, tmp_path: Path, key: tuple[str, ...]
) -> None:
    server.use(make_certificate(tmp_path, "server", *key))
    try:
        assert is_encrypted(daemon, server.url(sslmode="require", channel_binding="require"))
    finally:
        server.use(certificate)


def test_signature_without_a_hash_requires_a_login_without_channel_binding(
    daemon: Daemon, server: Server, certificate: Path, tmp_path: Path
) -> None:
    """Channel binding does not support Ed25519; as with libpq, the URL has to disable it."""
    server.use(make_certificate(tmp_path, "server", "-newkey", "ed25519"))
    try:
        expect_error(daemon, server.url(sslmode="require", channel_binding="require"), "connection_failed")
        assert is_encrypted(daemon, server.url(sslmode="require", channel_binding="disable"))
    finally:
        server.use(certificate)


@contextmanager
def man_in_the_middle(server: Server, certificate: Path) -> Iterator[int]:
    """Terminate the client's TLS with another certificate, and connect to the server by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client = listener.accept()[0]
                    with client, socket.create_connection(server.address(), WAIT_TIMEOUT) as upstream:
                        relay(context, client, upstream)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def relay(context: ssl.SSLContext, client: socket.socket, upstream: socket.socket) -> None:
    client.recv(len(SSL_REQUEST))
    client.sendall(b"S")
    upstream.sendall(SSL_REQUEST)
    upstream.recv(1)
    with context.wrap_socket(client, server_side=True) as near, without_trust().wrap_socket(upstream) as far:
        exchange(near, far)


def exchange(near: ssl.SSLSocket, far: ssl.SSLSocket) -> None:
    """Forward bytes in both directions until one side closes."""
    with suppress(OSError):
        while True:
            for source in select.select([near, far], [], [], WAIT_TIMEOUT)[0]:
                data = source.recv(1 << 16)
                if not data:
                    return
                (far if source is near else near).sendall(data)


def test_channel_binding_detects_a_man_in_the_middle(
    daemon: Daemon, server: Server, certificate: Path, tmp_path: Path
) -> None:
    """Channel binding detects it even if no certificate is verified."""
    with man_in_the_middle(server, make_certificate(tmp_path, "middle")) as port:
        assert is_encrypted(daemon, server.url(port, sslmode="require", channel_binding="disable"))
        for binding in ("prefer", "require"):
            expect_error(daemon, server.url(port, sslmode="require", channel_binding=binding), "authentication_failed")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(b"R\0\0\0\x08\0\0\0\x03", id="the password"),
        pytest.param(b"R\0\0\0\x0c\0\0\0\x05salt", id="an MD5 of it"),
        pytest.param(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", id="a login that is not bound"),
        pytest.param(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", id="nothing"),
    ],
)
def test_require_sends_no_proof_without_channel_binding(daemon: Daemon, asked: bytes) -> None:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def send() -> None:
            for _ in ENDPOINTS:
                with listener.accept()[0] as client:
                    client.recv(1024)
                    client.sendall(asked)
                    received.append(client.recv(1024))

        thread = threading.Thread(target=send)
        thread.start()
        port = listener.getsockname()[1]
        url = f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/d?sslmode=disable&channel_binding=require"
        expect_error(daemon, url, "tls_failed")
        thread.join()
    # The client only sends its termination.
    assert set(received) <= {b"", b"X\0\0\0\x04"}


def test_client_certificate_is_sent(daemon: Daemon, server: Server, certificate: Path, tmp_path: Path) -> None:
    """The server trusts it as its own root; without a mode, a client certificate implies `require`."""
    own = make_certificate(tmp_path, "client")
    ((folder,),) = server.admin.run("SHOW data_directory")
    trusted = f"{folder}/ktx-test-{secrets.token_hex(4)}.crt"
    lines = "', '".join(own.read_text().splitlines())
    server.admin.run(f"COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM 'cat > {trusted}'")
    server.files.append(trusted)
    sql = "SELECT client_dn FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()"
    server.admin.run(f"ALTER SYSTEM SET ssl_ca_file = '{trusted}'")
    try:
        server.admin.run("SELECT pg_reload_conf()")
        for mode in ({}, {"sslmode": "require"}):
            url = server.url(sslcert=own, sslkey=own.with_suffix(".key"), **mode)
            found = daemon.post_ok("/sql/execute", {**body(url), "sql": sql})["rows"]
            assert found == [["/CN=client"]]
    finally:
        server.admin.run("ALTER SYSTEM RESET ssl_ca_file")
        server.admin.run("SELECT pg_reload_conf()")
