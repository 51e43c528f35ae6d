"""Sensitive columns by name and by content."""

from __future__ import annotations

import pytest

from ktx_daemon.errors import BadRequestError
from ktx_daemon.profile.failures import describe_failure
from ktx_daemon.profile.names import split_words
from ktx_daemon.profile.sensitive_names import classify_name
from ktx_daemon.profile.sensitive_values import classify_values, is_card, is_iban, is_phone, is_sensitive
from ktx_daemon.warehouses.model.profiling import Kind

NAMES = {
    "secret": (
        *("password", "user_password", "UserPassword", "userpassword", "passwd", "pwd", "password_hash", "api_key"),
        *("apiKey", "APIKey", "API_KEY_2", "access_token", "refreshToken", "client_secret", "contraseña", "Passwort"),
        *("mot_de_passe", "senha", "cvv", "private_key"),
    ),
    "email": ("email", "E-Mail", "e_mail", "email_address", "emailAddress", "customer_email", "useremail", "correo"),
    "phone": ("phone", "c_phone", "phone_number", "phoneNumber", "Telefonnummer", "mobile", "home_phone", "téléphone"),
    "card": ("card_number", "credit_card", "creditCardNumber", "cc_number", "kreditkartennummer"),
    "iban": ("iban", "customerIban", "IBAN"),
    "national_id": ("ssn", "SSN", "national_id", "passport_number", "tax_id", "social_security_number", "cpf", "dni"),
    "person": (
        *(
            "first_name",
            "LastName",
            "full_name",
            "surname",
            "Nachname",
            "prénom",
            "street",
            "shipping_address",
            "Straße",
        ),
        *("address_line_2", "birth_date", "dob", "born", "Geburtsdatum", "dateOfBirth", "fecha_de_nacimiento"),
    ),
}
HARMLESS = (
    *(
        "token_count",
        "email_sent",
        "phone_model",
        "discard",
        "card_type",
        "loyalty_card_level",
        "is_password_set",
        "id",
    ),
    *("password_changed_at", "num_tokens", "has_email", "tokenizer", "microphone", "saxophone", "card", "mailbox_size"),
    *("passenger", "compass", "secretary", "tint", "nickname", "tin_weight", "email_opt_in", "stock_key", ""),
    *("name", "product_name", "ip_address", "macAddress", "ipv4_address", "web_address", "file_name", "is_born"),
    *("birth_rate", "street_count", "last_order", "address_id", "company_name", "wallet_address"),
)


@pytest.mark.parametrize(("name", "expected"), [(name, kind) for kind, names in NAMES.items() for name in names])
def test_sensitive_name(name: str, expected: str) -> None:
    found = classify_name(name, Kind.TEXT)
    assert found is not None
    assert (found.name, found.by) == (expected, "name")


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_name(name: str) -> None:
    assert classify_name(name, Kind.TEXT) is None


def test_types_that_cannot_be_sensitive() -> None:
    assert classify_name("email", Kind.BOOLEAN) is None
    assert classify_name("token", Kind.INTEGER) is None
    assert classify_name("password", Kind.TIMESTAMP) is None
    assert classify_name("ssn", Kind.INTEGER) is not None
    assert classify_name("born", Kind.INTEGER) is None
    assert classify_name("birth_date", Kind.DATE) is not None


def test_words_of_names() -> None:
    assert split_words("HTTPServerName2_größe-x") == ["http", "server", "name", "2", "große", "x"]
    assert split_words("customerID") == ["customer", "id"]


SAMPLES = {
    "secret": ["x", "y", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl"],
    "email": ["ada@example.org", "Bo <bo@example.co.uk>", "-"],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
    "card": ["4111111111111111", "5500-0000-0000-0004", "340000000000009"],
    "national_id": ["078-05-1120", "219-09-9999"],
    "phone": ["+49 30 901820", "(555) 123-4567", "555-123-4567"],
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_sensitive_content(kind: str) -> None:
    found = classify_values(SAMPLES[kind])
    assert found is not None
    assert (found.name, found.by) == (kind, "content")
    assert not any(text in found.evidence for text in SAMPLES[kind] if len(text) > 1)


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-02", "2023-11-30"],
        ["192.168.1.10", "10.0.0.1"],
        ["1234.5678", "12.25"],
        ["01/02/2024", "28/11/2023"],
        ["4111111111111112", "4111111111111113", "4111111111111114"],
        ["DE00370400440532013000"],
        ["a@b", "see @home", "x at y.z"],
        ["12345678901", "12345678902"],
        ["11-AB-2", "7-9"],
        [],
    ],
)
def test_harmless_content(texts: list[str]) -> None:
    assert classify_values(texts) is None


def test_check_digits() -> None:
    assert is_card("4012888888881881")
    assert not is_card("4012888888881882")
    assert is_iban("FR1420041010050500013M02606")
    assert not is_iban("FR1520041010050500013M02606")
    assert not is_phone("078-05-1120")
    assert is_sensitive("write to ada@example.org")
    assert not is_sensitive("Enterprise")


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        (
            "Could not convert string 'hunter2' to INT32 in \"orders\"",
            "Could not convert string '…' to INT32 in \"orders\"",
        ),
        ("Could not convert 'it's hunter2' to INT32", "Could not convert '…' to INT32"),
        ('"orders" has no "nowhere"', "\"orders\" has no '…'"),
        ("Bad int64 value: hunter2", "Bad int64 value: …"),
        ("The server is gone", "The server is gone"),
    ],
)
def test_values_in_errors_are_left_out(detail: str, shown: str) -> None:
    assert describe_failure(BadRequestError("query_failed", detail), ["orders"], has_text=True) == shown
