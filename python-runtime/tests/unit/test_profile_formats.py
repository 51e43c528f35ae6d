"""Formats of texts and integers."""

from __future__ import annotations

import pytest

from ktx_daemon.profile.formats import find_integer_formats, find_text_formats

FORMATS = {
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12"],
    "iso_date": ["2024-02-29", "1999-12-31"],
    "iso_datetime": ["2024-02-29T12:30:00Z", "2024-02-29 12:30:00.5+01:00", "2024-02-29 12:30"],
    "url": ["https://example.org/a?b=c", "http://x"],
    "integer": ["1", "-20", "0"],
    "number": ["1.5", "-0.25", "1e5"],
    "email": ["ada@example.org"],
    "ip_address": ["10.0.0.1", "2001:db8::1", "10.0.0.0/8"],
    "json": ['{"a": 1}', "[]"],
    "boolean": ["Y", "N"],
    "phone": ["+49 30 901820", "(555) 123-4567"],
    "currency_code": ["EUR", "USD", "CHF", "JPY", "GBP"],
    "country_code": ["DE", "FR", "IT", "ES", "JP"],
    "us_state": ["CA", "NY", "TX", "WA", "FL"],
    "language_code": ["en", "de", "fr", "es", "it"],
}


@pytest.mark.parametrize("kind", FORMATS)
def test_format_of_texts(kind: str) -> None:
    found = {each.kind: each for each in find_text_formats("column", FORMATS[kind])}
    assert kind in found
    assert found[kind].share == 1.0
    assert found[kind].evidence.endswith(".") is False


@pytest.mark.parametrize(
    ("name", "texts", "kind"),
    [
        ("country", ["DE", "FR"], "country_code"),
        ("billing_country", ["DEU", "FRA"], "country_code"),
        ("currency", ["EUR"], "currency_code"),
        ("state", ["CA"], "us_state"),
        ("zip_code", ["10115", "01067"], "postal_code"),
        ("active", ["yes", "no"], "boolean"),
    ],
)
def test_name_tells_what_few_values_are(name: str, texts: list[str], kind: str) -> None:
    assert kind in {each.kind for each in find_text_formats(name, texts)}


@pytest.mark.parametrize(
    "texts", [["DE", "FR"], ["2024-13-01"], ["01", "02"], ["a", "1", "b"], ["yes", "maybe"], ["{x}"], ["plain"], []]
)
def test_texts_without_a_format(texts: list[str]) -> None:
    assert find_text_formats("column", texts) == []


def test_share_below_the_limit_is_no_format() -> None:
    texts = [f"{number}" for number in range(1, 95)]
    assert find_text_formats("column", [*texts, *"abcdefg"]) == []
    (found,) = find_text_formats("column", [*texts, "a", "b"])
    assert (found.kind, found.share) == ("integer", round(94 / 96, 4))
    assert found.evidence == "94 of 96 checked values have the form of integer"


def test_formats_of_integers() -> None:
    def kinds(name: str, texts: list[str], least: int, greatest: int) -> list[str]:
        return [each.kind for each in find_integer_formats(name, texts, least, greatest)]

    assert kinds("created_at", [], 1_600_000_000, 1_700_000_000) == ["epoch_seconds"]
    assert kinds("createdAt", [], 1_600_000_000_000, 1_700_000_000_000) == ["epoch_milliseconds"]
    assert kinds("population", [], 1_600_000_000, 1_700_000_000) == []
    assert kinds("created_at", [], 1, 1_700_000_000) == []
    assert kinds("is_active", ["0", "1"], 0, 1) == ["boolean"]
    assert kinds("zip", ["10115", "20095"], 10115, 20095) == ["postal_code"]
