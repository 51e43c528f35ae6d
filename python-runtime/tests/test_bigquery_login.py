"""The logins of BigQuery, whose token endpoints are played: the hosts of Google cannot be reached here."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.bigquery.address import Address
from ktx_daemon.warehouses.bigquery.credentials import find_source, load_credentials
from ktx_daemon.warehouses.connection.target import Target
from tests.bigquery import Call, Jobs, Player, Reply, connection_url, failure, play
from tests.daemon import Daemon
from tests.test_bigquery import PATH, execute, one_row, request_body
from tests.test_postgres_tls import make_certificate

ISSUED = "ya29.issued-token-of-the-test"
REFRESH = "1//refresh-token-of-the-test"
ACCOUNT = "reader@ktx.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded.decode()


@pytest.fixture
def server() -> Iterator[Player]:
    """Play a token endpoint, and an API that only takes its token."""
    jobs = Jobs(one_row)

    def answer(call: Call) -> Reply | None:
        if call.path.endswith("/token"):
            issued = {"access_token": ISSUED, "token_type": "Bearer", "expires_in": 3600}
            return Reply({**issued, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})
        if call.headers.get("authorization") != f"Bearer {ISSUED}":
            return failure(401, "authError", "Invalid Credentials")
        return jobs(call)

    with play(answer) as player:
        yield player


def service_account(port: int, private_key: str, **more: str) -> dict[str, str]:
    return {
        "type": "service_account",
        "project_id": "ktx",
        "client_email": ACCOUNT,
        "private_key_id": "0123456789abcdef",
        "private_key": private_key,
        "token_uri": f"http://127.0.0.1:{port}/token",
        **more,
    }


def workload_identity(port: int, file: Path, **more: Any) -> dict[str, Any]:
    return {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"http://127.0.0.1:{port}/token",
        "credential_source": {"file": str(file)},
        **more,
    }


def tokens(player: Player) -> list[Call]:
    return [call for call in player.calls if call.path.endswith("/token")]


@pytest.mark.parametrize("form", ["keyfile", "keyfile_json"])
def test_service_account_fetches_a_token_once(
    daemon: Daemon, server: Player, private_key: str, tmp_path: Path, form: str
) -> None:
    key = json.dumps(service_account(server.port, private_key))
    (tmp_path / "key.json").write_text(key)
    url = connection_url(server.port, **{form: key if form == "keyfile_json" else str(tmp_path / "key.json")})
    for _ in range(2):
        assert daemon.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]
    (token,) = tokens(server)
    assert token.body["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_changed_key_file_is_read_again(daemon: Daemon, server: Player, private_key: str, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    url = connection_url(server.port, keyfile=str(file))
    file.write_text("{}")
    daemon.post_rejected(PATH, request_body(url, "SELECT 1"), "authentication_failed")
    file.write_text(json.dumps(service_account(server.port, private_key)))
    assert daemon.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]


def test_workload_identity_exchanges_the_token_of_a_file(daemon: Daemon, server: Player, tmp_path: Path) -> None:
    (tmp_path / "subject").write_text("subject-token")
    key = json.dumps(workload_identity(server.port, tmp_path / "subject"))
    url = connection_url(server.port, keyfile_json=key)
    assert daemon.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]
    (token,) = tokens(server)
    assert (token.body["subject_token"], "bigquery" in token.body["scope"]) == ("subject-token", True)


def test_token_that_was_revoked_early_is_renewed(daemon: Daemon, private_key: str) -> None:
    jobs = Jobs(one_row)

    def answer(call: Call) -> Reply | None:
        if call.path.endswith("/token"):
            return Reply({"access_token": f"token-{len(tokens(player))}", "expires_in": 3600})
        if call.headers["authorization"] == "Bearer token-1":
            return failure(401, "authError", "Invalid Credentials")
        return jobs(call)

    with play(answer) as player:
        url = connection_url(player.port, keyfile_json=json.dumps(service_account(player.port, private_key)))
        assert daemon.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]
        assert len(tokens(player)) == 2


def test_key_that_is_refused_is_one_sentence_without_secrets(daemon: Daemon, private_key: str) -> None:
    refusal = {"error": "invalid_grant", "error_description": f"Invalid JWT Signature {private_key}"}
    with play(lambda _: Reply(refusal, 400)) as player:
        url = connection_url(player.port, keyfile_json=json.dumps(service_account(player.port, private_key)))
        error = daemon.post(PATH, request_body(url, "SELECT 1")).json()
    assert (error["code"], error["hint"]) == (
        "authentication_failed",
        "Check the key, and that its account still exists",
    )
    assert "invalid_grant" in error["detail"]
    assert "PRIVATE" not in str(error)


def test_emulator_gets_no_credentials_of_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "default.json"
    user = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": REFRESH}
    file.write_text(json.dumps(user))
    with play(Jobs(one_row)) as player, Daemon(GOOGLE_APPLICATION_CREDENTIALS=str(file)) as daemon:
        execute(daemon, player.port, "SELECT 1")
        assert {call.headers.get("authorization") for call in player.calls} == {None}


def refuse(parameters: dict[str, str]) -> BadRequestError:
    target = Target.from_request(ExecuteSql("w", "bigquery", connection_url(1, **parameters), "SELECT 1"))
    address = Address.from_target(target)
    with pytest.raises(BadRequestError) as refused:
        load_credentials(find_source(address), address, None)
    return refused.value


FOREIGN = {"api_endpoint": "https://bigquery.googleapis.com.example.com"}


@pytest.mark.parametrize(
    "parameters",
    [
        FOREIGN,
        {"api_endpoint": "http://bigquery.googleapis.com"},
        {**FOREIGN, "keyfile": "/home/ada/key.json"},
        {**FOREIGN, "impersonate_service_account": ACCOUNT},
        {**FOREIGN, "keyfile_json": json.dumps(workload_identity(1, Path("/etc/hostname")))},
    ],
)
def test_credentials_of_the_machine_are_sent_to_google_only(parameters: dict[str, str]) -> None:
    error = refuse(parameters)
    assert error.code == "invalid_url"
    assert "not Google's" in error.detail


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"token_url": "https://sts.example.com/token"}, "sends credentials to sts.example.com"),
        ({"token_url": "http://sts.googleapis.com/token"}, "sends credentials to sts.googleapis.com"),
        ({"service_account_impersonation_url": "https://iam.example.com"}, "sends credentials to iam.example.com"),
        ({"universe_domain": "example.com"}, "sends credentials to sts.example.com"),
        ({"credential_source": {"executable": {"command": "/bin/steal"}}}, "runs a program"),
    ],
)
@pytest.mark.parametrize("is_nested", [False, True])
def test_key_sends_nothing_of_the_machine_to_other_hosts(change: dict[str, Any], detail: str, is_nested: bool) -> None:
    key = workload_identity(1, Path("/etc/hostname"), **change)
    if is_nested:
        key = {"type": "impersonated_service_account", "source_credentials": key}
    error = refuse({"api_endpoint": "https://bigquery.googleapis.com", "keyfile_json": json.dumps(key)})
    assert error.code == "authentication_failed"
    assert detail in error.detail


@pytest.mark.parametrize("text", ["nonsense", "{}", "[]", '{"type": "magic"}', '{"type": 1}'])
def test_key_that_is_none_is_an_error_without_its_text(text: str) -> None:
    error = refuse({"keyfile_json": text})
    assert error.code == "authentication_failed"
    assert text not in error.line()


def test_account_is_impersonated_with_the_key() -> None:
    user = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": REFRESH}
    parameters = {"keyfile_json": json.dumps(user), "impersonate_service_account": ACCOUNT}
    target = Target.from_request(ExecuteSql("w", "bigquery", connection_url(1, **parameters), "SELECT 1"))
    address = Address.from_target(target)
    credentials = load_credentials(find_source(address), address, None)
    assert credentials.service_account_email == ACCOUNT
    assert credentials._source_credentials.refresh_token == REFRESH
    assert REFRESH not in f"{address} {address!r} {target!r} {find_source(address)!r}"


def test_machine_without_credentials_learns_the_command(tmp_path: Path) -> None:
    url = "bigquery://ktx/data"
    with Daemon(CLOUDSDK_CONFIG=str(tmp_path), NO_GCE_CHECK="true", GOOGLE_APPLICATION_CREDENTIALS="") as daemon:
        error = daemon.post(PATH, request_body(url, "SELECT 1")).json()
    assert (error["code"], error["hint"]) == ("authentication_failed", "Run: gcloud auth application-default login")


def test_proxy_of_the_environment_is_used_for_other_hosts() -> None:
    jobs = Jobs(one_row)

    def through_proxy(call: Call) -> Reply | None:
        return jobs(call) if call.headers["host"] == "bigquery.invalid" else None

    with play(through_proxy) as proxy, Daemon(HTTP_PROXY=f"127.0.0.1:{proxy.port}", NO_PROXY="") as daemon:
        url = connection_url(1, api_endpoint="http://bigquery.invalid", access_token="dummy-token")
        assert daemon.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]
        with play(jobs) as direct:
            execute(daemon, direct.port, "SELECT 1")
            assert direct.calls


def test_certificates_of_the_environment_are_trusted(tmp_path: Path, daemon: Daemon) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with play(Jobs(one_row), tls) as player, Daemon(SSL_CERT_FILE=str(certificate)) as trusting:
        url = connection_url(player.port, api_endpoint=f"https://127.0.0.1:{player.port}")
        assert trusting.post_ok(PATH, request_body(url, "SELECT 1"))["rows"] == [[1]]
        assert "certificate" in daemon.post_rejected(PATH, request_body(url, "SELECT 1"), "tls_failed")


def test_unreachable_token_endpoint_is_named(daemon: Daemon, private_key: str) -> None:
    key = service_account(1, private_key, token_uri="https://oauth2.ktx.invalid/token")
    url = connection_url(1, keyfile_json=json.dumps(key))
    detail = daemon.post_rejected(PATH, request_body(url, "SELECT 1"), "host_not_found")
    assert "oauth2.ktx.invalid" in detail
