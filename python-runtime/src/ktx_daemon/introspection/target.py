"""Which database is asked: the checked request, and the parts of a connection URL."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError, DaemonError
from ktx_daemon.introspection.encoding import check_encoding
from ktx_daemon.redaction import redact

DRIVERS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "duckdb": "duckdb",
}
FILE_DRIVERS = frozenset({"sqlite", "duckdb"})
MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000


COMMON_USERS = frozenset({"postgres", "root", "mysql", "admin", "default"})
LONG_NAME = 20


class DatabaseRequest(Protocol):
    """What every request that reaches a database says. The URL holds credentials."""

    @property
    def connection_id(self) -> str: ...  # noqa: D102
    @property
    def driver(self) -> str: ...  # noqa: D102
    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def statement_timeout_ms(self) -> int: ...  # noqa: D102
    @property
    def connection_timeout_seconds(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Target:
    """A database, and how long it may take to answer (seconds). The URL never shows in a representation."""

    connection_id: str
    driver: str
    url: str = field(repr=False)
    schemas: list[str] | None
    statement_timeout: float
    connection_timeout: float

    @classmethod
    def of(cls, request: DatabaseRequest, schemas: list[str] | None = None) -> Target:
        """Check a request. Raises 400 for limits that make no sense."""
        if not 1 <= request.statement_timeout_ms <= MAX_TIMEOUT_MS:
            raise BadRequestError("invalid_value", f"statement_timeout_ms must be 1 to {MAX_TIMEOUT_MS}")
        seconds = request.connection_timeout_seconds
        if not math.isfinite(seconds) or not 0 < seconds <= MAX_TIMEOUT_MS / 1000:
            detail = f"connection_timeout_seconds must be above 0, to {MAX_TIMEOUT_MS // 1000}"
            raise BadRequestError("invalid_value", detail)
        name = request.driver.strip().lower()
        if DRIVERS.get(name, name) not in FILE_DRIVERS:
            check_encoding(request.url)
        return cls(
            connection_id=request.connection_id,
            driver=DRIVERS.get(name, name),
            url=request.url.strip(),
            schemas=schemas or None,
            statement_timeout=request.statement_timeout_ms / 1000,
            connection_timeout=seconds,
        )


@dataclass(frozen=True)
class ServerUrl:
    """The URL of a database server, decoded: `scheme://user:password@host:port/database?options`."""

    host: str | None
    port: int | None
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    options: dict[str, str] = field(repr=False)

    @property
    def token(self) -> str | None:
        """The name of the user where it may be a token: it has no password beside it, or looks like one."""
        password = self.password or self.options.get("password")
        user = self.user or self.options.get("user")
        if not user or user in COMMON_USERS or user in (self.host, self.database):
            return None
        return None if password and not looks_like_token(user) else user


def looks_like_token(name: str) -> bool:
    """Say whether a part of a name is longer than words are, and of letters and digits."""
    parts = re.findall(rf"[A-Za-z0-9]{{{LONG_NAME},}}", name)
    return any(re.search(r"\d", part) and re.search(r"[A-Za-z]", part) for part in parts)


def shown_user(url: ServerUrl, user: str) -> str:
    """Name the user in a sentence, unless the name may be a token."""
    return "this user" if url.token else f"user '{user}'"


def parse_server_url(url: str, schemes: tuple[str, ...]) -> ServerUrl:
    """Take a URL apart. Raises 400 that says what such a URL looks like, without repeating this one."""
    example = f"{schemes[0]}://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRequestError("invalid_url", "The connection URL cannot be read", f"Write it like {example}") from None
    if parts.scheme.partition("+")[0] not in schemes or not url.partition(":")[2].startswith("//"):
        raise BadRequestError("invalid_url", "The connection URL does not fit the driver", f"Write it like {example}")
    return ServerUrl(
        host=_host(parts),
        port=port,
        user=_decoded(parts.username),
        password=_decoded(parts.password),
        database=_decoded(parts.path.removeprefix("/")),
        options=dict(parse_qsl(parts.query)),
    )


@contextlib.contextmanager
def explaining(target: Target, code: ErrorCode, work: str) -> Iterator[None]:
    """Turn every exception of a driver into a 400 without credentials; its text may quote the URL."""
    try:
        yield
    except (DaemonError, ImportError, cancellation.CancelledWorkError):
        raise  # a module that cannot be imported says nothing about the database
    except Exception as error:
        cancellation.current().check()
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        detail = f"{work} of '{target.connection_id}' failed: {redact(first_line, secrets_of(target.url))}"
        raise BadRequestError(code, detail.rstrip(".")) from None


def secrets_of(url: str) -> list[str]:
    """Give what must not be seen of a URL: its password, also as a query option, or a token in place of a user."""
    try:
        parts = urlsplit(url)
        passwords = [parts.password or "", unquote(parts.password or "")]
        if not parts.password and parts.username not in COMMON_USERS:
            passwords += [parts.username or "", unquote(parts.username or "")]
        passwords += [value for name, value in parse_qsl(parts.query) if "pass" in name or "token" in name]
    except ValueError:
        return [url]
    return [password for password in passwords if password]


def _host(parts: SplitResult) -> str | None:
    """Give the host with its letters as they are; sockets may be given as a percent-encoded path."""
    return _decoded(parts.hostname)


def _decoded(text: str | None) -> str | None:
    return unquote(text) if text else None
