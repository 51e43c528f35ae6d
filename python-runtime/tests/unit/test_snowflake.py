"""Parts of the connector of Snowflake that need no server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote as encode

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.snowflake.account import Account
from ktx_daemon.warehouses.snowflake.columns import describe
from ktx_daemon.warehouses.snowflake.dates import format_date, format_timestamp
from ktx_daemon.warehouses.snowflake.identifiers import literal, quote, split


def account(rest: str) -> Account:
    return Account.from_target(Target.from_request(ExecuteSql("w", "snowflake", f"snowflake://{rest}", "SELECT 1")))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("shop", ["SHOP"]),
        ("shop.Public", ["SHOP", "PUBLIC"]),
        ('"shop"."a.b"', ["shop", "a.b"]),
        ('shop."say ""hi"""', ["SHOP", 'say "hi"']),
        ("shop.*", ["SHOP", "*"]),
        ("", []),
    ],
)
def test_names_without_quotes_are_in_upper_case(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_names_and_texts_are_escaped() -> None:
    assert quote("SHOP", 'a"b') == '"SHOP"."a""b"'
    assert literal("it's a \\") == "'it''s a \\\\'"


@pytest.mark.parametrize(
    ("days", "date"),
    [
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (2_932_896, "9999-12-31"),
        (-719_162, "0001-01-01"),
        (-719_163, "0001-12-31 BC"),
    ],
)
def test_dates_of_any_year_are_formatted(days: int, date: str) -> None:
    assert format_date(days) == date


def test_era_follows_the_time() -> None:
    assert format_timestamp(-719_163 * 86_400 + 1, 5, has_zone=True) == "0001-12-31T00:00:01.000000005+00:00 BC"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ({"type": "FIXED", "precision": 10, "scale": 2}, "NUMBER(10, 2)"),
        ({"type": "MAP", "fields": [{"type": "TEXT"}, {"type": "DATE"}]}, "MAP(VARCHAR, DATE)"),
        ({"type": "VECTOR", "vectorDimension": 2, "fields": [{"type": "REAL"}]}, "VECTOR(FLOAT, 2)"),
        ({"type": "ARRAY"}, "ARRAY"),
    ],
)
def test_types_are_written_like_in_create_table(kind: dict[str, Any], text: str) -> None:
    assert describe(kind) == text


def test_parts_of_the_url_are_options_of_the_connector() -> None:
    found = account('ada:pa%40ss@acme-main/shop/"Mixed"?warehouse=WH&port=444&host=x.snowflakecomputing.com&other=1')
    assert found.options == {
        "account": "acme-main",
        "user": "ada",
        "password": "pa@ss",
        "database": "shop",
        "schema": '"Mixed"',
        "warehouse": "WH",
        "host": "x.snowflakecomputing.com",
        "port": 444,
    }
    assert (found.database, found.schema) == ("SHOP", "Mixed")


def test_url_names_no_file_with_a_token() -> None:
    assert "token_file_path" not in account("ada:secret@acme?token_file_path=/etc/passwd").options


def test_address_of_an_account_is_its_host() -> None:
    options = account("ada:secret@acme.eu-central-1.snowflakecomputing.cn").options
    assert (options["account"], options["host"]) == ("acme.eu-central-1", "acme.eu-central-1.snowflakecomputing.cn")


@pytest.mark.parametrize(
    ("more", "authenticator"),
    [
        ("", "SNOWFLAKE"),
        ("?private_key_file=/k.p8", "SNOWFLAKE_JWT"),
        ("?token=abcdefgh", "SNOWFLAKE"),
        ("?authenticator=externalbrowser", "EXTERNALBROWSER"),
        ("?authenticator=https%3A%2F%2Facme.okta.com", "https://acme.okta.com"),
    ],
)
def test_way_of_the_login_follows_from_the_credentials(more: str, authenticator: str) -> None:
    assert account(f"ada:secret@acme{more}").authenticator == authenticator


def test_token_without_a_password_is_an_access_token() -> None:
    assert account("ada@acme?token=abcdefgh").authenticator == "PROGRAMMATIC_ACCESS_TOKEN"


def test_secrets_are_known_for_redaction_and_not_shown() -> None:
    secrets = {"password": "pa ss word", "token": "to/ken-1", "private_key_file_pwd": "phrase-1", "passcode": "123456"}
    more = "&".join(f"{name}={encode(value, safe='')}" for name, value in secrets.items() if name != "password")
    found = account(f"ada:{encode(secrets['password'])}@acme?{more}")
    assert set(secrets.values()) <= set(found.secrets)
    assert not any(value in f"{found!r} {found}" for value in secrets.values())


def test_user_that_may_be_a_token_is_not_named() -> None:
    assert account("ada@acme").display_user == "this user"
    assert account("ada@acme?private_key_file=/k.p8").display_user == "user 'ada'"
    assert account("acme?token=abcdefgh").display_user == "this token"
