"""What to introspect: the checked request, and the parts of a connection URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ktx_daemon.errors import BadRequestError


@dataclass(frozen=True)
class Target:
    """A database, and how long it may take to answer (seconds). The URL never shows in a representation."""

    connection_id: str
    driver: str
    url: str = field(repr=False)
    schemas: list[str] | None
    statement_timeout: float
    connection_timeout: float


@dataclass(frozen=True)
class ServerUrl:
    """The URL of a database server, decoded: `scheme://user:password@host:port/database?options`."""

    host: str | None
    port: int | None
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    options: dict[str, str] = field(repr=False)


def parse_server_url(url: str, schemes: tuple[str, ...]) -> ServerUrl:
    """Take a URL apart. Raises 400 that says what such a URL looks like, without repeating this one."""
    example = f"{schemes[0]}://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRequestError(
            "invalid_url", f"The connection URL cannot be read; it should look like {example}"
        ) from None
    if parts.scheme.partition("+")[0] not in schemes or not url.partition(":")[2].startswith("//"):
        raise BadRequestError(
            "invalid_url", f"The connection URL does not fit the driver; it should look like {example}"
        )
    return ServerUrl(
        host=_host(parts),
        port=port,
        user=_decoded(parts.username),
        password=_decoded(parts.password),
        database=_decoded(parts.path.removeprefix("/")),
        options=dict(parse_qsl(parts.query)),
    )


def secrets_of(url: str) -> list[str]:
    """Give what must not be seen of a URL: its password, also as a query option."""
    try:
        parts = urlsplit(url)
        passwords = [parts.password or "", unquote(parts.password or "")]
        passwords += [value for name, value in parse_qsl(parts.query) if "pass" in name or "token" in name]
    except ValueError:
        return [url]
    return [password for password in passwords if password]


def _host(parts: SplitResult) -> str | None:
    """Give the host with its letters as they are; sockets may be given as a percent-encoded path."""
    return _decoded(parts.hostname)


def _decoded(text: str | None) -> str | None:
    return unquote(text) if text else None
