"""The server of a URL: `spark://user:password@host:port/catalog.schema?parameters`.

Parameters have the names of dbt-spark's keys: `method` (`thrift` or `connect`), `auth`, `use_ssl`, `ca_cert`,
`http_path` and `token`; others are ignored. `session_id` names a session of Spark Connect that exists, and that stays
open.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, display_user, find_secrets, parse_server_url

SCHEMES = ("spark",)
THRIFT_PORT, CONNECT_PORT, HTTPS_PORT = 10000, 15002, 443
PLAIN_LOGINS = ("NONE", "LDAP", "CUSTOM")
LOGINS = (*PLAIN_LOGINS, "NOSASL", "KERBEROS")
DEFAULT_USER = "ktx"

Method = Literal["thrift", "connect"]


@dataclass(frozen=True)
class Server:
    """A server and the credentials for it; its text in errors has none of them.

    `catalog` and `schema` are the default ones of statements; without a catalog, that of the server.
    """

    method: Method
    host: str
    port: int
    auth: str
    user: str
    display_user: str
    catalog: str | None
    schema: str | None
    http_path: str | None
    uses_tls: bool
    ca_cert: str | None
    session_id: str | None
    password: str = field(repr=False)
    token: str | None = field(repr=False)
    secrets: list[str] = field(repr=False)

    @classmethod
    def from_target(cls, target: Target) -> Server:
        """Parse the URL of a target. Raises 400."""
        url = parse_server_url(target.url, SCHEMES)
        method = _choice(url, "method", ("thrift", "connect"), "thrift")
        user = url.user or url.options.get("user") or DEFAULT_USER
        token = url.options.get("token")
        uses_tls = url.flag("use_ssl", default=method == "connect" and token is not None)
        default_port = CONNECT_PORT if method == "connect" else HTTPS_PORT if uses_tls and _path(url) else THRIFT_PORT
        catalog, schema = split_database(url.database)
        return cls(
            method=method,  # type: ignore[arg-type]  # one of the choices
            host=url.host or "localhost",
            port=url.port or default_port,
            auth=_choice(url, "auth", LOGINS, "LDAP" if url.password else "NONE"),
            user=user,
            display_user="this token" if token else display_user(url, user),
            catalog=catalog,
            schema=schema,
            http_path=_path(url),
            uses_tls=uses_tls,
            ca_cert=url.options.get("ca_cert"),
            session_id=url.options.get("session_id"),
            password=url.password or url.options.get("password") or "",
            token=token,
            secrets=find_secrets(target.url),
        )

    def __str__(self) -> str:
        database = ".".join(filter(None, (self.catalog, self.schema)))
        return f"Spark at {self.host}:{self.port}/{database}"

    def tls_context(self) -> ssl.SSLContext:
        """Return the context that verifies the certificate of the server, with the root certificates of the URL."""
        return network.create_tls_context("verify-full", {"sslrootcert": self.ca_cert or "system"})


def split_database(text: str | None) -> tuple[str | None, str | None]:
    """Return the catalog and the schema of `catalog.schema` or `schema`; a name with a dot is in backquotes."""
    names = [_unquote(name) for name in re.findall(r"`(?:[^`]|``)*`|[^.`]+", text or "")]
    if len(names) > 2:  # noqa: PLR2004  # a catalog and a schema
        raise BadRequestError(
            "invalid_url", "The database of the connection URL has more than two names", "Write catalog.schema"
        )
    return (names[0], names[1]) if len(names) > 1 else (None, names[0] if names else None)


def _unquote(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def _path(url: ServerUrl) -> str | None:
    path = url.options.get("http_path", "").strip("/")
    if urlsplit(f"//host/{path}").path.strip("/") != path or re.search(r"[\s\x00-\x1f]", path):
        raise BadRequestError("invalid_url", "The parameter http_path of the connection URL is not a path")
    return path or None


def _choice(url: ServerUrl, name: str, choices: tuple[str, ...], default: str) -> str:
    text = url.options.get(name) or default
    for choice in choices:
        if text.lower() == choice.lower():
            return choice
    detail = f"The parameter {name} of the connection URL must be one of {', '.join(choices)}"
    raise BadRequestError("invalid_url", detail)
