"""The servers of a PostgreSQL URL, and the translation of their errors."""

from __future__ import annotations

import getpass

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import MASK, redact
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.ssh import Bastion
from ktx_daemon.warehouses.connection.target import Host, ServerUrl, display_user, parse_server_url
from ktx_daemon.warehouses.postgres.login import CHANNEL_BINDINGS, NO_CHANNEL_BINDING

DEFAULT_PORT = 5432
SCHEMES = ("postgresql", "postgres")
MAX_HOSTS = 100


class Server:
    """One server of a URL; its text in errors never contains the password."""

    def __init__(self, url: ServerUrl, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.user = url.user or url.options.get("user") or getpass.getuser()
        self.token = url.token
        self.display_user = display_user(url, self.user)
        self.password = url.password or url.options.get("password")
        self.database = url.database or url.options.get("dbname") or self.user
        self._display_database = MASK if self.database == self.token else self.database
        self.channel_binding = parse_choice(url, "channel_binding", CHANNEL_BINDINGS, "prefer")
        self.startup = {"options": url.options["options"]} if "options" in url.options else {}
        socket_file = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else None
        bastion = Bastion.parse(url.options["ssh_host"]) if "ssh_host" in url.options else None
        self.address = network.Address(host, port, socket_file, bastion)

    def __str__(self) -> str:
        return f"PostgreSQL at {self.host}:{self.port}/{self._display_database}"

    def explain(
        self, error: Exception, timeout: float, default_code: ErrorCode = "connection_failed"
    ) -> BadRequestError:
        """Translate a driver's error into an error with a stable code; `default_code` is that of all other errors."""
        message = redact(str(_error_fields(error).get("M") or error), [self.password, self.token])
        state = sqlstate(error)
        if state.startswith("28") or "password authentication" in message or "no password" in message:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.display_user}")
        if state == "3D000":
            return BadRequestError("database_not_found", f"{self} has no database '{self._display_database}'")
        if state == "57014":
            return network.statement_timeout_error(str(self), timeout)
        if state == "42501":
            return BadRequestError("permission_denied", f"{self} does not let {self.display_user} read: {message}")
        if NO_CHANNEL_BINDING in message:
            detail = f"{self} does not offer channel binding, which channel_binding requires"
            return BadRequestError("tls_failed", detail)
        if "refuses SSL" in message:
            return BadRequestError("tls_failed", f"{self} does not offer TLS, which sslmode requires")
        if message == "network error":  # the driver's message for a lost connection
            message = "the connection was lost"
        return BadRequestError(default_code, f"{self} failed: {message}")


def sqlstate(error: Exception) -> str:
    """Return the SQLSTATE of a server's error, empty for other errors."""
    return str(_error_fields(error).get("C", ""))


def _error_fields(error: Exception) -> dict[str, str]:
    return error.args[0] if error.args and isinstance(error.args[0], dict) else {}


def parse_choice(url: ServerUrl, name: str, choices: tuple[str, ...], default: str) -> str:
    """Return an option of the URL. Raises 400 that lists the choices."""
    value = url.options.get(name, default)
    if value not in choices:
        raise BadRequestError("invalid_url", f"{name} must be one of {', '.join(choices)}, not '{value}'")
    return value


def parse_url(text: str) -> ServerUrl:
    """Parse a URL, which may have several hosts."""
    return parse_server_url(text, SCHEMES, max_hosts=MAX_HOSTS)


def find_servers(url: ServerUrl) -> list[Server]:
    """Return the servers of a URL in its order; one port is that of all. Raises 400 for another number of ports."""
    hosts = _listed_hosts(url) if "host" in url.options else url.hosts
    ports = [int(port) if port.isdigit() else None for port in url.options.get("port", "").split(",")]
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts):
        raise BadRequestError("invalid_url", f"The URL has {len(hosts)} hosts, but {len(ports)} ports")
    return [
        Server(url, host or "localhost", port or other or DEFAULT_PORT)
        for (host, port), other in zip(hosts, ports, strict=True)
    ]


def _listed_hosts(url: ServerUrl) -> tuple[Host, ...]:
    return tuple((host, url.port) for host in url.options["host"].split(","))
