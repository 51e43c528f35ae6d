"""The translation of errors of ClickHouse, of its driver and of the network."""

from __future__ import annotations

import re

import urllib3.exceptions as transport
from clickhouse_connect.driver.exceptions import Error

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.clickhouse.server import Server
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.http_errors import explain_connection, find_cause, find_reason, first_line

# Numbers of the server's errors.
AUTHENTICATION = {192, 193, 194, 195, 516}
UNKNOWN_DATABASE = 81
UNKNOWN_IDENTIFIER = 47
NO_RIGHTS = {291, 497}
QUOTA_EXCEEDED = 201
TOO_MANY_QUERIES = 202
TIMED_OUT = {159, 160, 394}
MEMORY_LIMIT = 241
NOT_CHANGEABLE = {164, 452}

CODE = re.compile(r"Code: (\d+)[.,]")
# Without what follows: the name of the error, the version of the server, and the URL that the driver adds.
TEXT = re.compile(r"DB::Exception: (.*?)(?:,? e\.what\(\) = .*|\s*\([A-Z][A-Z0-9_]{4,}\).*|\s*\(for url .*)?$", re.S)
GRANT = re.compile(r"necessary to have (?:the )?grants? (?P<grant>.+? ON [^\s.,]+(?:\.[^\s.,]+)?)", re.S)
SETTING = re.compile(r"[Ss]etting '?(\w+)'?")
NATIVE_PORT = "is for clickhouse-client program"

HINTS = {
    QUOTA_EXCEEDED: "Wait until the interval of the quota ends, or ask for a larger one",
    TOO_MANY_QUERIES: "Try again later, or lower max_concurrent_statements of the connection",
    MEMORY_LIMIT: "Filter or aggregate more rows, or ask for a higher max_memory_usage",
}


class ServerError(Exception):
    """An error that the server reported within the rows of a result."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code = find_code(text)


def find_code(text: str) -> int | None:
    """Return the number of the server's error in a text."""
    match = CODE.search(text)
    return int(match[1]) if match else None


def code_of(error: BaseException) -> int | None:
    """Return the number of the server's error; None for another error."""
    if isinstance(error, ServerError):
        return error.code
    if isinstance(error, Error):
        return int(error.code) if error.code is not None else find_code(str(error))
    return None


def refused_setting(error: BaseException) -> str | None:
    """Return the setting that the user's profile keeps from being changed, if that is the error."""
    match = SETTING.search(_message(error)) if code_of(error) in NOT_CHANGEABLE else None
    return match[1] if match else None


def explain(error: Exception, server: Server, timeout: float, default_code: ErrorCode) -> BadRequestError:
    """Translate an error into one with a stable code; `default_code` is that of all other errors."""
    code = code_of(error)
    if code is None:
        return _explain_transport(error, server, timeout, default_code)
    message = redact(_message(error), server.secrets)
    if code in AUTHENTICATION:
        return BadRequestError("authentication_failed", f"{server} refused the login of {server.display_user}")
    if code == UNKNOWN_DATABASE and default_code == "connection_failed":
        return BadRequestError("database_not_found", f"{server} has no database '{server.database}'")
    if code == UNKNOWN_IDENTIFIER and default_code == "connection_failed" and "readonly" in message:
        return BadRequestError("connection_failed", f"{server} is too old for the driver", "Use a newer server")
    if code in NO_RIGHTS:
        grant = GRANT.search(message)
        hint = f"Ask for: GRANT {grant['grant']} TO {server.grantee}" if grant else None
        return BadRequestError(
            "permission_denied", f"{server} does not let {server.display_user} read: {message}", hint
        )
    if code in TIMED_OUT:
        return network.statement_timeout_error(str(server), timeout)
    return BadRequestError(default_code, f"{server} failed: {message}", HINTS.get(code))


def _message(error: BaseException) -> str:
    text = str(error)
    match = TEXT.search(text)
    return " ".join((match[1] if match else text).split()).rstrip(".")


def _explain_transport(error: Exception, server: Server, timeout: float, default_code: ErrorCode) -> BadRequestError:
    """Translate an error of the network, of TLS, or an answer that is not ClickHouse's."""
    explained = explain_connection(error, str(server), server.host, timeout, server.secrets)
    if explained is not None:
        if explained.code == "tls_failed" and "wrong version" in explained.detail.lower():
            explained.hint = "If the port is that of HTTP without TLS, set secure: false"
        return explained
    if NATIVE_PORT in str(error):
        hint = f"Use the port of HTTP: {8443 if server.secure else 8123} by default"
        return BadRequestError(
            "connection_failed", f"{server} is the port of the native protocol, not that of HTTP", hint
        )
    cause = find_cause(error)
    if isinstance(cause, transport.HTTPError):
        hint = f"Check the port: that of HTTP is {8443 if server.secure else 8123} by default"
        reason = redact(find_reason(cause), server.secrets)
        return BadRequestError("connection_failed", f"{server} did not answer by HTTP: {reason}", hint)
    return BadRequestError(default_code, f"{server} failed: {redact(first_line(str(error)), server.secrets)}")
