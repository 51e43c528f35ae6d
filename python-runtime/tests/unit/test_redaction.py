"""Redaction of named secrets; the cases are those of `src/redact/named.rs`."""

import json

import pytest

from ktx_daemon.redaction import redact

SECRETS = [
    "password=hunter2",
    "PGPASSWORD: hunter2",
    '{"token": "hunter2"}',
    r'{"line":"{\"client_secret\":\"hunter2\"}"}',
    "Authorization: Bearer hunter2",
    "--api-key=hunter2&x=1",
    "password = 'a hunter2'",
    "at postgresql://reader:hunter2@db.example/shop",
    "1postgres://reader:a@hunter2@db.example",
]


@pytest.mark.parametrize("text", SECRETS)
def test_named_secrets_are_masked(text: str) -> None:
    assert "hunter2" not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize("text", ["the password is wrong", "3 tokens were read", "a secret: ", "a://b/c@d"])
def test_plain_text_is_unchanged(text: str) -> None:
    assert redact(text) == text


def test_redacted_json_is_valid() -> None:
    clean = redact(r'{"token": "a \" b", "line": "{\"pwd\":\"x\"}"}')
    assert json.loads(clean) == {"token": "***", "line": '{"pwd":"***"}'}


@pytest.mark.parametrize("part", ["a-", "a.", "password ", 'token="', "://a", "secret\\"])
def test_long_text_is_redacted_in_linear_time(part: str) -> None:
    # A quadratic search of this text would take hours.
    redact(part * (1_000_000 // len(part)))
