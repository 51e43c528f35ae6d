"""Connection URLs: percent-encoding of credentials, and redaction in errors."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ktx_daemon.errors import BadRequestError
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection.target import Target, find_secrets, parse_server_url
from ktx_daemon.warehouses.connection.url_encoding import is_encoded
from ktx_daemon.warehouses.mysql import connect as mysql
from ktx_daemon.warehouses.postgres.server import find_servers

BAD_PASSWORDS = [
    *(
        "SEC@RE/T",
        "SEC@RE#T",
        "SEC@RE",
        "$@x/y#p",
        "p/w",
        "p#w",
        "p?w",
        "1/w",
        "1#w",
        "1?w",
        "p/",
        "/p",
        "?p",
        "#p",
        "@p",
        "p@",
    ),
    *(
        "p w",
        "p\tw",
        "p\nw",
        "50%",
        "50%x",
        "5%0",
        "p%4",
        "p[w",
        "p]w",
        "a?b=c",
        "a@b?c=d",
        "a/b?c=d",
        "p?x=1@2",
        "//",
        "@@",
    ),
]
GOOD_URLS = [
    "postgresql://user:SEC%40RE%2FT@db.example:5432/shop?sslmode=require",
    "postgres://u:a:b!$&'()*+,;=~^\"<>`{|}\\@h/d",
    "postgres://u:pässwört@h/d",
    "postgres://u@h/d",
    "postgres://h/d",
    "postgresql:///d?host=/var/run/postgresql&user=ada@corp",
    "postgresql://u:p@h/d?options=-csearch_path%3Dx",
    "mysql://u:p@[::1]:3306/d",
    "databricks://token:dapi1@h:443?http_path=/sql/1.0/warehouses/x",
    " postgres://u:p@h/d\n",
    "bigquery://project/dataset",
]


def target(driver: str, url: str) -> Target:
    return Target.from_request(IntrospectDatabase(connection_id="w", driver=driver, url=url))


@pytest.mark.parametrize("driver", ["postgres", "mysql", "mariadb", "snowflake"])
@pytest.mark.parametrize("password", BAD_PASSWORDS)
def test_password_without_percent_encoding_is_rejected_and_redacted(
    driver: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("DNS was asked"))
    with pytest.raises(BadRequestError) as caught:
        target(driver, f"{driver}://reader:{password}@db.example:1/shop")
    assert caught.value.code == "invalid_url"
    assert "not percent-encoded" in caught.value.detail
    assert "db.example" not in caught.value.detail
    assert "reader" not in caught.value.detail


@pytest.mark.parametrize("url", GOOD_URLS)
def test_unambiguous_url_is_accepted(url: str) -> None:
    assert is_encoded(url)


@pytest.mark.parametrize("character", ["%0a", "%00", "%09", "%1B", "%7f", "%C2%85"])
@pytest.mark.parametrize("driver", ["postgres", "mysql", "mariadb", "snowflake"])
def test_control_characters_are_rejected_in_every_part(driver: str, character: str) -> None:
    for place in (f"us{character}er:p@h/d", f"u:p{character}@h/d", f"u:p@h{character}.x:1/d", f"u:p@h/d{character}"):
        with pytest.raises(BadRequestError) as caught:
            target(driver, f"{driver}://{place}?application_name=x%0a")
        assert caught.value.code == "invalid_url"
        assert "has a control character, such as a line break (%0A)" in str(caught.value)
    target(driver, f"{driver}://u%20x:p%25@h/d%C3%A4?application_name=x%0a")


def test_short_secret_is_masked_as_a_whole_word_only() -> None:
    text = "the connection conn_1 of 'conn': conn, conn%"
    assert redact(text, ["conn"]) == "the connection conn_1 of '***': ***, ***%"
    assert redact("xk3y! k3y!x", ["k3y!"]) == "xk3y! ***x"
    assert redact("aseven77 seven77", ["seven77"]) == "aseven77 ***"
    assert redact("aeight888b", ["eight888"]) == "a***b"


def test_file_database_may_have_any_name() -> None:
    for driver in ("sqlite", "sqlite3", "duckdb"):
        assert target(driver, f"{driver}:////srv/a@b/100%/c#d@e.db").url.endswith("c#d@e.db")


@pytest.mark.parametrize("secret", ["e", "me", "SQL", ""])
def test_shortest_secrets_are_not_masked(secret: str) -> None:
    text = "PostgreSQL at me:5432/d refused the login of user 'me'"
    assert redact(text, [secret]) == text
    assert redact("no hunter2 here", ["hunter2"]) == "no *** here"


@pytest.mark.parametrize("driver", ["postgresql", "mysql"])
@pytest.mark.parametrize("user", ["tok_Zq9supersecret", "dapi0123456789abcdef0123:x", "tok%5FZq9supersecret:"])
def test_token_in_place_of_a_user_name_is_redacted(driver: str, user: str) -> None:
    def find_server(url: str) -> Any:
        parsed = parse_server_url(url, (driver,))
        return find_servers(parsed)[0] if driver == "postgresql" else mysql.Server(parsed)

    url = f"{driver}://{user}@h/d"
    server = find_server(url)
    name = server.user
    failures: list[Exception] = [
        Exception(1045, f"Access denied for user '{name}'"),
        Exception(1142, f"'{name}' may not"),
    ]
    if driver == "postgresql":
        failures = [
            Exception({"C": code, "M": f'role "{name}" does not exist'}) for code in ("28000", "42501", "XX000")
        ]
    for failure in failures:
        assert name not in server.explain(failure, 1).detail
    if not user.endswith(":x"):
        assert name in find_secrets(url)
    assert name not in str(find_server(f"{driver}://{user}@h"))


def test_user_names_are_not_redacted() -> None:
    (server,) = find_servers(parse_server_url("postgresql://reader:hunter2@h/d", ("postgresql",)))
    assert server.explain(Exception({"C": "28P01", "M": "no"}), 1).detail.endswith("refused the login of user 'reader'")
