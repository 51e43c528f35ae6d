"""The check that a login by the browser needs no person: the daemon opens no window that its user did not ask for."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.snowflake.account import Account

CACHE_FILE = "credential_cache_v2.json"
# A part of the names of tokens that a login by the browser leaves.
KIND = ".IdToken."


def require_cached_token(account: Account) -> None:
    """Raise 400 if the connector's credential file has no token of an earlier login by the browser.

    Systems other than Linux keep tokens in their key store, which only the connector reads.
    """
    if account.authenticator == "EXTERNALBROWSER" and sys.platform.startswith("linux") and not _has_token():
        raise BadRequestError(
            "authentication_failed",
            f"{account} needs a login of {account.display_user} by the browser, which KTX does not open",
            "Log in once by the Snowflake connector for Python 5 with client_store_temporary_credential, which keeps "
            "the token, or use a key pair or an access token",
        )


def _has_token() -> bool:
    try:
        content = json.loads((_cache_folder() / CACHE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    tokens = content.get("tokens") if isinstance(content, dict) else None
    return isinstance(tokens, dict) and any(KIND in key for key in tokens)


def _cache_folder() -> Path:
    if folder := os.environ.get("SF_TEMPORARY_CREDENTIAL_CACHE_DIR"):
        return Path(folder)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "snowflake"
