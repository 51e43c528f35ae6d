"""Entries of the vendor's `connections.toml`, which has the credentials of the machine's user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.packages import import_driver

VENDOR_DOMAIN = re.compile(r"(?:[\w-]+\.)+snowflakecomputing\.(?:com|cn)", re.IGNORECASE)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Options that say where credentials are sent: with those of the machine, only the machine's own file may set them.
DESTINATIONS = frozenset({"protocol", "port", "proxy_host", "proxy_port", "oauth_token_request_url"})
# Words of the vendor's command line, and those of the connector.
ALIASES = {
    "accountname": "account",
    "username": "user",
    "dbname": "database",
    "schemaname": "schema",
    "warehousename": "warehouse",
    "rolename": "role",
    "private_key_path": "private_key_file",
    "private_key_passphrase": "private_key_file_pwd",
}


def check_overrides(given: Mapping[str, Any]) -> None:
    """Refuse options of a URL that would send the credentials of the file to a host that the URL names."""
    host, authenticator = given.get("host"), str(given.get("authenticator") or "")
    # An authenticator with an address is a server of Okta, which the password is sent to.
    if DESTINATIONS & set(given) or ":" in authenticator or (host and not VENDOR_DOMAIN.fullmatch(str(host))):
        detail = "A connection with connection_name must not change where its credentials are sent"
        hint = "Set host, port, protocol and proxies in connections.toml itself"
        raise BadRequestError("invalid_url", detail, hint)


def check_key_host(given: Mapping[str, Any]) -> None:
    """Refuse a key file of the machine for a host that is not Snowflake's, as a signed login can be used again."""
    host = given.get("host")
    if given.get("private_key_file") and host and host not in LOOPBACK and not VENDOR_DOMAIN.fullmatch(str(host)):
        detail = "A login by a key pair is sent to hosts of Snowflake only"
        raise BadRequestError("invalid_url", detail, "Remove host, or set it in connections.toml with connection_name")


def read_profile(name: str) -> dict[str, Any]:
    """Return the options of an entry, by the names of the connector. Raises 400 if there is no such entry."""
    import_driver("snowflake.connector", "snowflake")
    from snowflake.connector.config_manager import CONNECTIONS_FILE

    entries = _read(Path(CONNECTIONS_FILE))
    if not isinstance(entries.get(name), dict):
        detail = f"The file {CONNECTIONS_FILE} has no connection '{name}'"
        known = ", ".join(key for key, value in entries.items() if isinstance(value, dict))
        raise BadRequestError(
            "invalid_value", detail, f"Use one of: {known}" if known else f"Add it: snow connection add -n {name}"
        )
    return {ALIASES.get(key.lower(), key.lower()): value for key, value in entries[name].items()}


def _read(file: Path) -> dict[str, Any]:
    import tomlkit
    import tomlkit.exceptions

    try:
        return dict(tomlkit.parse(file.read_text(encoding="utf-8")).unwrap())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.ParseError) as error:
        reason = getattr(error, "strerror", None) or "it is not valid TOML"
        raise BadRequestError("invalid_value", f"The file {file} cannot be read: {reason}") from None
