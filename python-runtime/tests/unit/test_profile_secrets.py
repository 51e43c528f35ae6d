"""Secrets by their content, in columns of harmless names, and values that look like them."""

from __future__ import annotations

import pytest

from ktx_daemon.profile.sensitive_values import classify_values, is_sensitive

# Split, so that no scanner of repositories takes them for live ones.
SECRETS = (
    *("https://hooks.slack.com/services/" + "T024BE7LD/B024BE7LE/x7Yq", "https://user:hunter2@db.example.com/shop"),
    *("postgresql://ada:s3cret@10.0.0.1/shop", "redis://:hunter2@cache:6379/0", "password=hunter2", "pwd: hunter2"),
    *('{"user": "ada", "password": "hunter2"}', "Server=db;Uid=sa;Pwd=hunter2;", "db_password = 'hunter2'"),
    *("https://example.com/hooks/catch/9f8Xk2LmQ47ZtRw1", "https://example.com/f?access_token=" + "a1b2" * 5),
    *("wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "Authorization: Bearer " + "a1b2c3d4e5f6g7h8"),
    *(
        "https://discord.com/api/webhooks/1234/" + "abc",
        "-----BEGIN PRIVATE KEY-----",
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",
    ),
    *("AKIAIOSFODNN7EXAMPLE", "dapi" + "0123456789abcdef" * 2, "SG." + "a1b2" * 4 + "." + "c3d4" * 4),
)
NO_SECRETS = (
    *("https://example.com/products/blue-shirt-2024", "https://hooks.example.com/", "ssh://git@localhost/shop.git"),
    *("https://example.com/docs/webhooks/getting-started", "https://example.com/search?key=shirts", "x@y"),
    *("The password was changed", "password: required", "Password: null", "Reset your password", "secretary: Ada"),
    *("da39a3ee5e6b4b0d3255bfef95601890afd80709", "key: value", "http://[::1]:8080/a", "https://example.com:8080/a@b"),
)
TOKENS = (
    *("q7Zt0pXw3LmR9vKc2NbY", "Xk29fLq0ZpTr7WmB4sVd", "h3Gd8sJw5RtQ1xPzL6vN", "0aPq7Rz2Lk9Wm4Xb6VcT"),
    "m2k9x7q4v1z8p5w3t6r0b2n4",
)
HARMLESS = {
    "ref": (
        "0e37df36-f698-11e6-8dd4-cb9ced3df976",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ),
    "content_hash": TOKENS,
    "stripe_id": TOKENS,
    "sku": TOKENS,
    "revision": ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12") * 2,
    "article": ("SHIRT-BLUE-XL-2024-001", "TROUSERS-GREY-M-2023-17", "Shirt-Blue-XL-2024-0001"),
    "product": ("MacBookPro16InchM3Max2024", "ThinkPad-X1-Carbon-Gen-12", "Galaxy-S24-Ultra-512GB-Black"),
    "path": ("Reports/2024/Quarter1/Final.pdf", "src/Main/Java/App2/Users.java", "Data/Raw/2023/Orders1.csv"),
    "at": ("2024-01-02T03:04:05.123Z", "2024-01-02T03:04:06.123Z", "2024-01-02T03:04:07.123Z"),
    "event": ("CustomerSubscriptionUpdatedV2", "OrderLineItemCreatedEvent3", "PaymentFailedRetry3Event"),
    "ulid": ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ", "01BX5ZZKBKACTAV9WEVGEMMVS0"),
    "link": ("https://example.com/a1", "https://example.com/B2/c3?page=4", "https://example.com/D5"),
}


@pytest.mark.parametrize("text", SECRETS)
def test_one_secret_makes_a_column_sensitive(text: str) -> None:
    found = classify_values(["open", "a longer text", text], "note")
    assert found is not None
    assert (found.name, found.by) == ("secret", "content")
    assert is_sensitive(text)


@pytest.mark.parametrize("text", NO_SECRETS)
def test_text_without_a_secret(text: str) -> None:
    assert classify_values([text, text], "note") is None


def test_random_tokens_are_secret() -> None:
    found = classify_values(TOKENS, "note")
    assert found is not None
    assert found.evidence == f"{len(TOKENS)} of {len(TOKENS)} checked values look like random tokens"


@pytest.mark.parametrize("name", HARMLESS)
def test_values_that_look_random(name: str) -> None:
    assert classify_values(HARMLESS[name], name) is None


def test_mixed_cards_and_spelled_addresses() -> None:
    cards = classify_values(["4111111111111111", "5500-0000-0000-0004", "cash"])
    assert cards is not None
    assert cards.name == "card"
    assert is_sensitive("write to ada (at) x.example")
    assert not is_sensitive("Meet (at noon) in x.example")
