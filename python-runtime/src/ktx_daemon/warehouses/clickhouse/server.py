"""The server of a URL: `clickhouse://user:password@host:port/database?parameters`.

Parameters have the names of the driver's options: `secure`, `verify`, `ca_cert`, `client_cert`, `client_cert_key`,
`access_token` and `proxy`; `ssh_host` is a bastion; others are ignored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.ssh import Bastion
from ktx_daemon.warehouses.connection.target import Target, display_user, find_secrets, parse_server_url

SCHEMES = ("clickhouse", "clickhouses", "http", "https")
TLS_SCHEMES = ("clickhouses", "https")
HTTP_PORT, HTTPS_PORT = 8123, 8443
TLS_PORTS = (443, HTTPS_PORT)
DEFAULT_USER = "default"


@dataclass(frozen=True)
class Server:
    """A server and the credentials for it; its text in errors has none of them."""

    host: str
    port: int
    secure: bool
    user: str
    display_user: str
    database: str | None
    options: dict[str, str] = field(repr=False)
    password: str = field(repr=False)
    secrets: list[str] = field(repr=False)
    bastion: Bastion | None = None

    @classmethod
    def from_target(cls, target: Target) -> Server:
        """Parse the URL of a target. Raises 400."""
        url = parse_server_url(target.url, SCHEMES)
        scheme = target.url.partition(":")[0].lower()
        secure = url.flag("secure", scheme in TLS_SCHEMES or url.port in TLS_PORTS)
        user = url.user or url.options.get("user") or DEFAULT_USER
        bastion = Bastion.parse(url.options["ssh_host"]) if "ssh_host" in url.options else None
        if bastion and url.options.get("proxy"):
            raise BadRequestError("invalid_url", "ssh_host and proxy exclude each other", "Remove one of them")
        return cls(
            host=url.host or "localhost",
            port=url.port or (HTTPS_PORT if secure else HTTP_PORT),
            secure=secure,
            user=user,
            display_user="this token" if "access_token" in url.options else display_user(url, user),
            database=url.database,
            options={**url.options, "verify": str(url.flag("verify", default=True))},
            password=url.password or url.options.get("password") or "",
            secrets=find_secrets(target.url),
            bastion=bastion,
        )

    def __str__(self) -> str:
        return f"ClickHouse at {self.host}:{self.port}/{self.database or ''}"

    @property
    def grantee(self) -> str:
        """The user for the text of a GRANT, without a name that may be a token."""
        return self.user if self.user in self.display_user else "this user"

    def client_arguments(self, target: Target) -> dict[str, Any]:
        """Return the arguments of the driver's client, without those of TLS and of the proxy."""
        token = self.options.get("access_token")
        login = {"access_token": token} if token else {"username": self.user, "password": self.password}
        if certificate := self.options.get("client_cert"):
            # It is the login of a user without another one, and an addition to a password or a token.
            login |= {"client_cert": certificate, "tls_mode": "strict" if self.password or token else "mutual"}
        return {
            "interface": "https" if self.secure else "http",
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "connect_timeout": math.ceil(target.connection_timeout),
            **login,
        }

    def pool_arguments(self) -> dict[str, Any]:
        """Return the TLS arguments of the driver's connection pool."""
        names = ("ca_cert", "client_cert", "client_cert_key")
        files = {name: self.options[name] for name in names if self.options.get(name) not in (None, "", "system")}
        return {"verify": self.options["verify"] == "True", **files} if self.secure else {}
