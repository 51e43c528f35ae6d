"""The login: a token or a key of the URL, else the application default credentials of the machine.

Credentials are kept for later requests, so that a token is fetched once until it expires.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.address import Address
from ktx_daemon.warehouses.bigquery.key import check_key, create_credentials, parse_key

SCOPES = ("https://www.googleapis.com/auth/bigquery",)
# What an account needs for the token of another one.
SOURCE_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
MAX_KEPT = 32
EXPLICIT = ("access_token", "keyfile", "keyfile_json")
# What the connection itself brings; the others are on the machine.
BROUGHT = ("access_token", "keyfile_json")

_lock = threading.Lock()
_kept: dict[Source, Any] = {}


@dataclass(frozen=True)
class Source:
    """Where credentials come from; a file is another source after it changed."""

    kind: str
    text: str = field(repr=False)
    modified: int
    account: str | None

    @property
    def renewal(self) -> str:
        """The next step if the credentials are refused."""
        if self.kind == "access_token":
            return "Use a new access token: gcloud auth print-access-token"
        if self.kind in EXPLICIT:
            return "Check the key, and that its account still exists"
        return "Run: gcloud auth application-default login"


def find_source(address: Address) -> Source | None:
    """Return the source of the credentials, None for an emulator without any. Raises 400 if it may not be used."""
    given = [name for name in EXPLICIT if address.options.get(name)]
    if len(given) > 1:
        detail = f"The connection has both {given[0]} and {given[1]}"
        raise BadRequestError("invalid_url", detail, "Keep one of them")
    endpoint = address.endpoint
    if not given and endpoint.is_loopback:
        return None
    if not endpoint.is_google and not endpoint.is_loopback and not set(given) & set(BROUGHT):
        detail = f"The credentials of this machine are not sent to {endpoint.host}, which is not Google's"
        raise BadRequestError("invalid_url", detail, "Set access_token or keyfile_json of the connection")
    account = address.options.get("impersonate_service_account") or None
    if not given:
        file = _default_file()
        return Source("default", str(file or ""), _modified(file), account)
    text = address.options[given[0]]
    return Source(given[0], text, _modified(Path(text)) if given[0] == "keyfile" else 0, account)


def load_credentials(source: Source | None, address: Address, request: Any) -> Any:
    """Return google-auth's credentials of a source. Raises 400, or an error of google-auth."""
    from google.auth.credentials import AnonymousCredentials

    if source is None:
        return AnonymousCredentials()
    return _keep(source, lambda: _create(source, address, request))


def _keep(source: Source, create: Callable[[], Any]) -> Any:
    with _lock:
        if source in _kept:
            return _kept[source]
    created = create()
    with _lock:
        while len(_kept) >= MAX_KEPT:
            del _kept[next(iter(_kept))]
        return _kept.setdefault(source, created)


def _create(source: Source, address: Address, request: Any) -> Any:
    scopes = SOURCE_SCOPES if source.account else SCOPES
    credentials = _create_source(source, scopes, address, request)
    if source.account is None:
        return credentials
    from google.auth import impersonated_credentials

    return impersonated_credentials.Credentials(credentials, source.account, list(SCOPES))


def _create_source(source: Source, scopes: tuple[str, ...], address: Address, request: Any) -> Any:
    import google.auth
    from google.oauth2.credentials import Credentials

    if source.kind == "access_token":
        return Credentials(source.text)
    if source.kind == "default" and not source.text:
        return google.auth.default(scopes=scopes, request=request)[0]  # the metadata server of a virtual machine
    key = parse_key(source.text if source.kind == "keyfile_json" else _read(source.text))
    if source.kind != "default":
        check_key(key, address.endpoint)
    return create_credentials(key, scopes)


def _default_file() -> Path | None:
    """Return the file of the application default credentials, None without one."""
    if named := os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return Path(named)
    from google.auth import _cloud_sdk

    file = Path(_cloud_sdk.get_application_default_credentials_path())
    return file if file.is_file() else None


def _modified(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file else 0
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it is not a text").lower()
        detail = f"The key {path} of BigQuery cannot be read: {reason}"
        raise BadRequestError("authentication_failed", detail, "Check keyfile of the connection") from None
