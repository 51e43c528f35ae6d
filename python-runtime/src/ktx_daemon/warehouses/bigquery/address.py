"""The project of a URL: `bigquery://PROJECT/DATASET?parameters`, with parameters named as in dbt.

`location`, `execution_project`, `maximum_bytes_billed`, `api_endpoint`, `access_token`, `keyfile`, `keyfile_json` and
`impersonate_service_account`; others are ignored.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target, find_secrets, parse_server_url

SCHEMES = ("bigquery",)
EXAMPLE = "Write it like bigquery://PROJECT/DATASET?location=EU"
GOOGLE_ENDPOINT = "https://bigquery.googleapis.com"
GOOGLE_DOMAIN = ".googleapis.com"
SECRET_KEYS = ("private_key", "refresh_token", "client_secret", "private_key_id")


@dataclass(frozen=True)
class Endpoint:
    """A server of the API: its base URL and host."""

    url: str
    host: str

    @property
    def is_google(self) -> bool:
        """Whether it is one of Google's, which may receive the credentials of the machine."""
        return self.url.startswith("https://") and is_google_host(self.host)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, as an emulator is."""
        return is_loopback_host(self.host)


@dataclass(frozen=True)
class Address:
    """A project with the default dataset, and the login for it; its text in errors has no credentials.

    Jobs run in `billing_project`, whose owner pays for them. `maximum_bytes_billed` is the limit of one job.
    """

    project: str
    dataset: str | None
    location: str | None
    billing_project: str
    maximum_bytes_billed: int | None
    endpoint: Endpoint
    options: dict[str, str] = field(repr=False)
    secrets: list[str] = field(repr=False)

    @classmethod
    def from_target(cls, target: Target) -> Address:
        """Parse the URL of a target. Raises 400."""
        url = parse_server_url(target.url, SCHEMES)
        if not url.host:
            raise BadRequestError("invalid_url", "The connection URL names no project", EXAMPLE)
        limit = url.options.get("maximum_bytes_billed")
        if limit is not None and not (limit.isascii() and limit.isdigit() and int(limit) > 0):
            raise BadRequestError("invalid_url", "maximum_bytes_billed of the connection must be a number of bytes")
        return cls(
            project=url.host,
            dataset=url.database,
            location=url.options.get("location"),
            billing_project=url.options.get("execution_project") or url.host,
            maximum_bytes_billed=None if limit is None else int(limit),
            endpoint=_parse_endpoint(url.options.get("api_endpoint") or GOOGLE_ENDPOINT),
            options=url.options,
            secrets=[*find_secrets(target.url), *_key_secrets(url.options.get("keyfile_json", ""))],
        )

    def __str__(self) -> str:
        return f"BigQuery in {self.project}"


def is_google_host(host: str) -> bool:
    """Return whether a host belongs to Google's APIs."""
    return host.endswith(GOOGLE_DOMAIN)


def is_loopback_host(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse_endpoint(text: str) -> Endpoint:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        detail = "api_endpoint of the connection is not the URL of a server"
        raise BadRequestError("invalid_url", detail, f"Write it like {GOOGLE_ENDPOINT}")
    return Endpoint(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", parts.hostname)


def _key_secrets(text: str) -> list[str]:
    """Return the secrets within the JSON of a key."""
    try:
        return [text, *_secrets(json.loads(text))] if text else []
    except ValueError:
        return [text]


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (item for key, item in value.items() if key in SECRET_KEYS and isinstance(item, str))
        for item in value.values():
            yield from _secrets(item)
