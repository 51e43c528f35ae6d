"""The target database of a request, the parsing of connection URLs, and error translation."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError, DaemonError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses import registry
from ktx_daemon.warehouses.connection.url_encoding import check_encoding
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.spec import Operation, WarehouseSpec

MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000
MAX_CONCURRENT_STATEMENTS = 65_535


COMMON_USERS = frozenset({"postgres", "root", "mysql", "admin", "default"})
MIN_TOKEN_LENGTH = 20
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SECRET_PARAMETER = re.compile("pass|pwd|token|secret|keyfile_json")


class DatabaseRequest(Protocol):
    """The fields that every database request has. The URL contains credentials."""

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
    @property
    def max_concurrent_statements(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Target:
    """A database with its timeouts in seconds. The URL is excluded from `repr`.

    `driver` is the name of the warehouse, or that of a SQLAlchemy dialect.
    """

    connection_id: str
    driver: str
    warehouse: WarehouseSpec
    url: str = field(repr=False)
    schemas: list[str] | None
    statement_timeout: float
    connection_timeout: float
    selection: Selection = field(default_factory=Selection)
    names_only: bool = False
    max_concurrent_statements: int = 4

    @property
    def engine(self) -> str:
        """The name of the engine's SQL: that of the warehouse, or the scheme of a SQLAlchemy URL."""
        if self.warehouse is registry.SQLALCHEMY:
            return self.url.partition(":")[0].partition("+")[0].lower()
        return self.warehouse.package

    def require(self, operation: Operation, refusal: str) -> None:
        """Raise 400 if the warehouse does not have an operation; `refusal` is a sentence without a full stop."""
        if operation not in self.warehouse.operations:
            known = ", ".join(registry.names(operation))
            raise BadRequestError("unknown_driver", f"{refusal}. Known: {known}")

    @classmethod
    def from_request(cls, request: DatabaseRequest, schemas: list[str] | None = None) -> Target:
        """Validate a request. Raises 400 for limits out of range and an ambiguous URL."""
        if not 1 <= request.statement_timeout_ms <= MAX_TIMEOUT_MS:
            raise BadRequestError("invalid_value", f"statement_timeout_ms must be 1 to {MAX_TIMEOUT_MS}")
        seconds = request.connection_timeout_seconds
        if not math.isfinite(seconds) or not 0 < seconds <= MAX_TIMEOUT_MS / 1000:
            detail = f"connection_timeout_seconds must be above 0, to {MAX_TIMEOUT_MS // 1000}"
            raise BadRequestError("invalid_value", detail)
        if not 1 <= request.max_concurrent_statements <= MAX_CONCURRENT_STATEMENTS:
            detail = f"max_concurrent_statements must be 1 to {MAX_CONCURRENT_STATEMENTS}"
            raise BadRequestError("invalid_value", detail)
        warehouse = registry.find(request.driver)
        if not warehouse.is_file:
            check_encoding(request.url)
        return cls(
            connection_id=request.connection_id,
            driver=request.driver.strip().lower() if warehouse is registry.SQLALCHEMY else warehouse.name,
            warehouse=warehouse,
            url=request.url.strip(),
            schemas=schemas or None,
            statement_timeout=request.statement_timeout_ms / 1000,
            connection_timeout=seconds,
            max_concurrent_statements=request.max_concurrent_statements,
        )


# A host and a port, None where the URL has none.
Host = tuple[str | None, int | None]


@dataclass(frozen=True)
class ServerUrl:
    """The decoded parts of a server URL: `scheme://user:password@host:port/database?options`.

    `host` and `port` are the first ones of `hosts`.
    """

    host: str | None
    port: int | None
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    options: dict[str, str] = field(repr=False)
    hosts: tuple[Host, ...] = ()

    def flag(self, name: str, default: bool) -> bool:
        """Return the value of an option that is true or false. Raises 400 for another value."""
        text = self.options.get(name)
        if text is None:
            return default
        if text.lower() not in FLAGS:
            raise BadRequestError("invalid_url", f"The parameter {name} of the connection URL must be true or false")
        return FLAGS[text.lower()]

    @property
    def token(self) -> str | None:
        """The user name if it may be a token: it looks like one, or there is no password."""
        password = self.password or self.options.get("password")
        user = self.user or self.options.get("user")
        if not user or user in COMMON_USERS or user in (self.host, self.database):
            return None
        return None if password and not looks_like_token(user) else user


def looks_like_token(name: str) -> bool:
    """Return whether a name has a part of letters and digits that is longer than a word."""
    parts = re.findall(rf"[A-Za-z0-9]{{{MIN_TOKEN_LENGTH},}}", name)
    return any(re.search(r"\d", part) and re.search(r"[A-Za-z]", part) for part in parts)


def display_user(url: ServerUrl, user: str) -> str:
    """Return the text for the user in error messages, without a name that may be a token."""
    return "this user" if url.token else f"user '{user}'"


def parse_server_url(url: str, schemes: tuple[str, ...], *, max_hosts: int = 1) -> ServerUrl:
    """Parse a server URL. Raises 400 with an example that does not quote the URL."""
    example = f"{schemes[0]}://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        addresses = parts.netloc.rpartition("@")[2].split(",", max_hosts - 1)
        hosts = tuple(_parse_host(address) for address in addresses)
    except ValueError:
        raise BadRequestError("invalid_url", "The connection URL cannot be read", f"Write it like {example}") from None
    if parts.scheme.partition("+")[0] not in schemes or not url.partition(":")[2].startswith("//"):
        raise BadRequestError("invalid_url", "The connection URL does not fit the driver", f"Write it like {example}")
    return ServerUrl(
        host=hosts[0][0],
        port=hosts[0][1],
        user=_decode(parts.username),
        password=_decode(parts.password),
        database=_decode(parts.path.removeprefix("/")),
        options=dict(parse_qsl(parts.query)),
        hosts=hosts,
    )


@contextlib.contextmanager
def translate_errors(target: Target, code: ErrorCode, work: str) -> Iterator[None]:
    """Translate every exception of a driver into a 400 without credentials, as its text may quote the URL."""
    try:
        yield
    except (DaemonError, ImportError, cancellation.CancelledWorkError):
        raise  # a failed import is not an error of the database
    except Exception as error:
        cancellation.current().check()
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        detail = f"{work} of '{target.connection_id}' failed: {redact(first_line, find_secrets(target.url))}"
        raise BadRequestError(code, detail.rstrip(".")) from None


def find_secrets(url: str) -> list[str]:
    """Return the secrets of a URL: the password, also as a query option, or a token in place of a user name."""
    try:
        parts = urlsplit(url)
        passwords = [parts.password or "", unquote(parts.password or "")]
        if not parts.password and parts.username not in COMMON_USERS:
            passwords += [parts.username or "", unquote(parts.username or "")]
        passwords += [value for name, value in parse_qsl(parts.query) if _SECRET_PARAMETER.search(name)]
    except ValueError:
        return [url]
    return [password for password in passwords if password]


def _parse_host(address: str) -> Host:
    """Return the host and the port of an address; a Unix socket is a percent-encoded path."""
    parts = urlsplit(f"//{address}")
    return _decode(parts.hostname), parts.port


def _decode(text: str | None) -> str | None:
    return unquote(text) if text else None
