"""The account of a URL: `snowflake://user:password@account/database/schema?parameters`.

Parameters have the names of the connector's options, others are ignored. `connection_name` is an entry of the vendor's
`connections.toml`, whose options those of the URL replace.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, display_user, find_secrets, parse_server_url
from ktx_daemon.warehouses.snowflake.identifiers import PLAIN
from ktx_daemon.warehouses.snowflake.profiles import LOOPBACK, check_key_host, check_overrides, read_profile

VENDOR_HOST = re.compile(r"(?P<account>[\w.-]+?)\.snowflakecomputing\.(?:com|cn)")
ACCOUNT = re.compile(r"[\w.-]+")
OPTIONS = frozenset(
    {
        "account",
        "user",
        "password",
        "database",
        "schema",
        "warehouse",
        "role",
        "authenticator",
        "token",
        "token_file_path",
        "private_key_file",
        "private_key_file_pwd",
        "passcode",
        "passcode_in_password",
        "secondary_roles",
        "host",
        "port",
        "protocol",
        "proxy_host",
        "proxy_port",
        "proxy_user",
        "proxy_password",
        "no_proxy",
        "client_store_temporary_credential",
        "oauth_client_id",
        "oauth_client_secret",
        "oauth_scope",
        "oauth_token_request_url",
        "session_parameters",
    }
)
# A URL would send any file of the machine to its host.
PROFILE_ONLY = frozenset({"token_file_path"})
SECRETS = ("password", "token", "private_key_file_pwd", "passcode", "oauth_client_secret", "proxy_password")
FLAGS = ("passcode_in_password", "client_store_temporary_credential")
NUMBERS = ("port", "proxy_port")
# The connector's names since version 5.
RENAMED = {"private_key_file_pwd": "private_key_password"}
# Logins whose token the connector keeps in the credential store of the system, and the parameter that asks for one.
CACHED_LOGINS = {
    "EXTERNALBROWSER": "CLIENT_STORE_TEMPORARY_CREDENTIAL",
    "USERNAME_PASSWORD_MFA": "CLIENT_REQUEST_MFA_TOKEN",
}
# Without those that open a browser each time, and the identity of the machine in a cloud. A URL is that of Okta.
LOGINS = (
    "SNOWFLAKE",
    "SNOWFLAKE_JWT",
    "PROGRAMMATIC_ACCESS_TOKEN",
    "OAUTH",
    "OAUTH_CLIENT_CREDENTIALS",
    *CACHED_LOGINS,
)
OKTA = "https://"


@dataclass(frozen=True)
class Account:
    """An account and the options of the login; its text in errors has no secret."""

    options: dict[str, Any] = field(repr=False)
    display_user: str
    secrets: list[str] = field(repr=False)

    @classmethod
    def from_target(cls, target: Target) -> Account:
        """Parse the URL of a target, and read the entry that it names. Raises 400."""
        url = parse_server_url(target.url, ("snowflake",))
        given = _given_options(url)
        check_key_host(given)
        options = given
        if name := url.options.get("connection_name"):
            check_overrides(given)
            options = {**{key: value for key, value in read_profile(name).items() if key in OPTIONS}, **given}
        options = _convert(options)
        _check_host(options)
        secrets = [*find_secrets(target.url), *(str(options[name]) for name in SECRETS if options.get(name))]
        account = cls(options, _display_user(url, options), secrets)
        if account.authenticator not in LOGINS and not account.authenticator.lower().startswith(OKTA):
            listed = ", ".join(LOGINS).lower()
            raise BadRequestError("invalid_value", "The authenticator is not supported", f"Use one of: {listed}")
        return account

    def __str__(self) -> str:
        if host := self.options.get("host"):
            return f"Snowflake at {host}"
        return f"Snowflake account '{self.options.get('account')}'"

    @property
    def user(self) -> str:
        """The user for the text of a GRANT, without a name that may be a token."""
        user = str(self.options.get("user") or "")
        return user if user and user in self.display_user else "this user"

    @property
    def database(self) -> str | None:
        """The database of the URL in the letters of the catalogue."""
        return _catalogue_name(self.options.get("database"))

    @property
    def schema(self) -> str | None:
        """The schema of the URL in the letters of the catalogue."""
        return _catalogue_name(self.options.get("schema"))

    @property
    def authenticator(self) -> str:
        """The way of the login, in the connector's words."""
        given = str(self.options.get("authenticator") or "")
        if given:
            return given if given.lower().startswith(OKTA) else given.upper()
        if self.options.get("private_key_file"):
            return "SNOWFLAKE_JWT"
        if not self.options.get("password") and (self.options.get("token") or self.options.get("token_file_path")):
            return "PROGRAMMATIC_ACCESS_TOKEN"
        return "SNOWFLAKE"

    def cache_parameters(self) -> dict[str, bool]:
        """Return the session parameters that ask the server for a token that later logins use."""
        return {CACHED_LOGINS[self.authenticator]: True} if self.authenticator in CACHED_LOGINS else {}

    def connect_arguments(self, target: Target) -> dict[str, Any]:
        """Return the arguments of the connector, without session parameters."""
        login = {RENAMED.get(name, name): value for name, value in self.options.items() if name != "session_parameters"}
        return {
            "client_store_temporary_credential": self.authenticator in CACHED_LOGINS,
            **login,
            "authenticator": self.authenticator,
            "login_timeout": math.ceil(target.connection_timeout),
        }


def _display_user(url: ServerUrl, options: dict[str, Any]) -> str:
    """Return the text for the user in errors; a user of a URL without another credential may be a token."""
    user = str(options.get("user") or "")
    if not user:
        return "this token"
    is_name = user != url.user or any(options.get(name) for name in ("private_key_file", "token", "authenticator"))
    return f"user '{user}'" if is_name else display_user(url, user)


def _given_options(url: ServerUrl) -> dict[str, Any]:
    database, _, schema = (url.database or "").partition("/")
    given = {name: value for name, value in url.options.items() if name in OPTIONS - PROFILE_ONLY}
    parts = {"user": url.user, "password": url.password, "database": database, "schema": schema}
    given |= {name: value for name, value in parts.items() if value}
    if url.host and (match := VENDOR_HOST.fullmatch(url.host)):
        given |= {"account": match["account"], "host": url.host}
    elif url.host:
        given["account"] = url.host
    return given


def _convert(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the connector's types."""
    converted = dict(options)
    for name in FLAGS:
        if name in converted:
            converted[name] = str(converted[name]).lower() in ("true", "1", "yes")
    try:
        converted |= {name: int(converted[name]) for name in NUMBERS if name in converted}
        if isinstance(converted.get("session_parameters"), str):
            converted["session_parameters"] = json.loads(converted["session_parameters"])
        if not isinstance(converted.get("session_parameters", {}), dict):
            raise ValueError
    except ValueError:
        raise BadRequestError(
            "invalid_url", "The port must be a number, and session_parameters a JSON object, in the connection URL"
        ) from None
    return converted


def _check_host(options: dict[str, Any]) -> None:
    """Refuse an account that changes the host, and logins without TLS to other machines."""
    account, host = str(options.get("account") or ""), str(options.get("host") or "")
    if not ACCOUNT.fullmatch(account):
        detail = "The connection to Snowflake names no account" if not account else "The account is not a valid name"
        raise BadRequestError("invalid_url", detail, "Write it like snowflake://user:password@organization-account")
    if host and not ACCOUNT.fullmatch(host) and host not in LOOPBACK:
        raise BadRequestError("invalid_url", "The host of the connection URL is not a valid name")
    if str(options.get("protocol", "https")).lower() != "https" and host not in LOOPBACK:
        detail = "The connection to Snowflake would send its login without TLS"
        raise BadRequestError("invalid_url", detail, "Remove protocol: only a server on this machine may have http")


def _catalogue_name(text: Any) -> str | None:
    if not text:
        return None
    name = str(text)
    if name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name.upper() if PLAIN.fullmatch(name) else name
