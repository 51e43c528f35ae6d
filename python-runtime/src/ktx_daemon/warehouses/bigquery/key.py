"""Keys: of a service account, a user, a workload identity or an impersonation, as `gcloud` writes them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.address import Endpoint, is_google_host, is_loopback_host

Key = dict[str, Any]

# Keys with a secret of their own. The others read files and servers of the machine.
SELF_CONTAINED = ("service_account", "authorized_user")
EXTERNAL = ("external_account", "external_account_authorized_user")
# The servers that receive what an external account reads.
GOOGLE, UNIVERSE = "https://sts.googleapis.com", "googleapis.com"
DESTINATIONS = ("token_url", "token_info_url", "service_account_impersonation_url", "revoke_url")


def parse_key(text: str) -> Key:
    """Return the key in a JSON text, which may be encoded in base64. Raises 400 without quoting it."""
    try:
        if not text.lstrip().startswith("{"):
            text = base64.b64decode(text, validate=True).decode()
        key = json.loads(text)
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, dict) or not isinstance(key.get("type"), str):
        detail = "The key of the connection is not a JSON key of Google"
        raise BadRequestError("authentication_failed", detail, "Check keyfile or keyfile_json of the connection")
    return key


def check_key(key: Key, endpoint: Endpoint) -> None:
    """Check that a key of a project sends nothing of the machine to other hosts than Google's. Raises 400."""
    if not endpoint.is_google and not endpoint.is_loopback and key["type"] not in SELF_CONTAINED:
        detail = f"A key of the type {key['type']} is not used for {endpoint.host}, which is not Google's"
        raise BadRequestError("invalid_url", detail, "Set access_token of the connection")
    for part in _parts(key):
        if part.get("type") in EXTERNAL:
            _check_external(part)


def _check_external(key: Key) -> None:
    source = key.get("credential_source")
    if isinstance(source, dict) and "executable" in source:
        detail = "The key of the connection runs a program, which is not allowed"
        raise BadRequestError("authentication_failed", detail, "Use credential_command of the connection")
    urls = {name: key.get(name) or GOOGLE for name in DESTINATIONS}
    urls["universe_domain"] = f"https://sts.{key.get('universe_domain') or UNIVERSE}"
    for name, text in urls.items():
        url = urlsplit(str(text))
        host = url.hostname or ""
        if not (is_loopback_host(host) or (url.scheme == "https" and is_google_host(host))):
            detail = f"The key of the connection sends credentials to {host}, which is not Google's"
            raise BadRequestError("authentication_failed", detail, f"Check {name} of the key")


def _parts(key: Key) -> Iterator[Key]:
    """Yield a key, and the one that it impersonates with."""
    yield key
    if isinstance(inner := key.get("source_credentials"), dict):
        yield from _parts(inner)


def create_credentials(key: Key, scopes: tuple[str, ...]) -> Any:
    """Return google-auth's credentials of a key. Raises 400 for an unknown type, or an error of google-auth."""
    import google.auth.external_account_authorized_user as external_user
    from google.auth import impersonated_credentials
    from google.oauth2 import credentials as user
    from google.oauth2 import service_account

    kind = key["type"]
    if kind == "service_account":
        return service_account.Credentials.from_service_account_info(key, scopes=scopes)
    if kind == "authorized_user":
        return user.Credentials.from_authorized_user_info(key)
    if kind == "external_account":
        return _create_external(key, scopes)
    if kind == "external_account_authorized_user":
        return external_user.Credentials.from_info(key)
    if kind == "impersonated_service_account":
        return impersonated_credentials.Credentials.from_impersonated_service_account_info(key, scopes=scopes)
    raise BadRequestError("authentication_failed", f"The type '{kind}' of the key of the connection is not supported")


def _create_external(key: Key, scopes: tuple[str, ...]) -> Any:
    from google.auth import aws, identity_pool, pluggable

    source = key.get("credential_source") or {}
    if str(source.get("environment_id", "")).startswith("aws"):
        return aws.Credentials.from_info(key, scopes=scopes)
    if "executable" in source:  # of the machine, if GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES allows it
        return pluggable.Credentials.from_info(key, scopes=scopes)
    return identity_pool.Credentials.from_info(key, scopes=scopes)
